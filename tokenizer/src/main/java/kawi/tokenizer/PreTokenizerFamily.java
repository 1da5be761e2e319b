package kawi.tokenizer;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.tokenizer.SplitStep.AtMatches;
import kawi.tokenizer.SplitStep.Behavior;
import kawi.tokenizer.SplitStep.ByteLevel;

/**
 * The pre-tokenizers that GGUF files refer to by name, with the other settings of a {@code tokenizer.json} that the
 * names stand for.
 *
 * <p>The matches of each expression are not empty and, except for those of DeepSeek, cover all of the text. The
 * alternatives of Qwen's are, in order: an English contraction; letters, with at most one other character before them;
 * one digit; punctuation, with at most one space before it and all line terminators after it; white space up to and
 * including its last line terminator; white space except its last character; white space. Marks are treated as letters
 * in Qwen3.5 and as punctuation in Qwen2.
 *
 * <p>All quantifiers apply to single characters, which {@link java.util.regex.Pattern} matches in a loop, so the depth
 * of the stack does not depend on the text and each run of characters is scanned a bounded number of times.
 *
 * @param names the values of {@code tokenizer.ggml.pre}
 * @param normalization how text is normalized
 * @param ignoresMerges whether a piece that is the text of a token becomes that token, whatever the merges
 * @param addsBeginning whether the token for the beginning of a text is added if the file does not say so
 * @param splitsByGpt2 whether the pieces are then split by GPT-2's expression
 * @param expressions the expressions, each match of which is a piece
 */
record PreTokenizerFamily(
        List<String> names,
        Normalization normalization,
        boolean ignoresMerges,
        boolean addsBeginning,
        boolean splitsByGpt2,
        List<String> expressions) {

    /** The expression with which a ByteLevel step splits. */
    static final String GPT2_EXPRESSION =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** The characters that a Digits step splits off: those of category N in Unicode 17. */
    static final String DIGIT_EXPRESSION = "[\\p{N}\\x{11DE0}-\\x{11DE9}\\x{16FF4}-\\x{16FF6}]";

    private static final Normalization NOT_NORMALIZED = new Normalization.Sequence(List.of());
    private static final Normalization FORM_C = new Normalization.Form(Normalizer.Form.NFC);

    static final PreTokenizerFamily QWEN2 = family(
            List.of("qwen2"),
            FORM_C,
            false,
            false,
            false,
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    static final PreTokenizerFamily QWEN35 = family(
            List.of("qwen35"),
            FORM_C,
            false,
            false,
            false,
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    static final PreTokenizerFamily LLAMA3 = family(
            List.of("llama-bpe", "llama3", "llama-v3"),
            NOT_NORMALIZED,
            true,
            true,
            false,
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    static final PreTokenizerFamily GPT2 = family(List.of("gpt-2"), NOT_NORMALIZED, false, false, true);

    static final PreTokenizerFamily STARCODER =
            family(List.of("smollm", "starcoder", "refact"), NOT_NORMALIZED, false, false, true, DIGIT_EXPRESSION);

    static final PreTokenizerFamily GPT4O = family(
            List.of("gpt-4o", "llama4"),
            NOT_NORMALIZED,
            true,
            false,
            false,
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                    + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    static final PreTokenizerFamily TEKKEN = family(
            List.of("tekken"),
            NOT_NORMALIZED,
            true,
            true,
            false,
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    static final PreTokenizerFamily DEEPSEEK3 = family(
            List.of("deepseek-v3"),
            NOT_NORMALIZED,
            false,
            false,
            false,
            "\\p{N}{1,3}",
            "[一-龥\u3040-ゟ゠-ヿ]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                    + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    static final List<PreTokenizerFamily> ALL =
            List.of(QWEN2, QWEN35, LLAMA3, GPT2, STARCODER, GPT4O, TEKKEN, DEEPSEEK3);

    private static final Set<String> LINEAR = Stream.concat(
                    Stream.of(GPT2_EXPRESSION, DIGIT_EXPRESSION),
                    ALL.stream().flatMap(family -> family.expressions.stream()))
            .collect(Collectors.toUnmodifiableSet());

    private static PreTokenizerFamily family(
            List<String> names,
            Normalization normalization,
            boolean ignoresMerges,
            boolean addsBeginning,
            boolean splitsByGpt2,
            String... expressions) {
        return new PreTokenizerFamily(
                names, normalization, ignoresMerges, addsBeginning, splitsByGpt2, List.of(expressions));
    }

    PreTokenizer preTokenizer() {
        return preTokenizer(false);
    }

    /** @param prefixSpace whether a space is inserted before a piece that does not begin with one */
    PreTokenizer preTokenizer(boolean prefixSpace) {
        var steps = new ArrayList<SplitStep>();
        for (String expression : expressions) {
            steps.add(new AtMatches(Expression.known(expression), Behavior.ISOLATED, false));
        }
        steps.add(new ByteLevel(prefixSpace, splitsByGpt2, false));
        return new PreTokenizer(steps, false);
    }

    static Optional<PreTokenizerFamily> of(String ggufName) {
        return ALL.stream().filter(family -> family.names.contains(ggufName)).findFirst();
    }

    /** The supported names, for messages: {@code qwen2, qwen35, ...}. */
    static String allNames() {
        return ALL.stream().flatMap(family -> family.names.stream()).collect(Collectors.joining(", "));
    }

    /** Whether the time for matching {@code expression} is known to be proportional to the length of the text. */
    static boolean isLinear(String expression) {
        return LINEAR.contains(expression);
    }
}
