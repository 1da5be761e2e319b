package kawi.tokenizer;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The ways of cutting text into pieces before merging; no token reaches across two pieces.
 *
 * <p>Both expressions leave nothing unmatched and match nothing empty, so the matches, in order, are the text. In
 * words, first choice first: an English contraction; letters with at most one other character before them; one digit;
 * punctuation with at most one space before it and all line ends after it; white space up to its last line end; white
 * space but for its last character; white space. In Qwen3.5 marks count as letters, in Qwen2 as punctuation.
 *
 * <p>{@code \s} means all of Unicode's white space and {@code (?i:'s)} matches U+017F too, hence {@link
 * Pattern#UNICODE_CHARACTER_CLASS}. Every quantifier stands on a character class, which {@link Pattern} matches in a
 * loop: depth of stack does not grow with the text, and no run is scanned more than a fixed number of times.
 */
enum PreTokenizer {
    QWEN2(
            "qwen2",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
    QWEN35(
            "qwen35",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    /** The name in GGUF's {@code tokenizer.ggml.pre}. */
    final String ggufName;

    /** The expression in {@code tokenizer.json}. */
    final String expression;

    PreTokenizer(String ggufName, String expression) {
        this.ggufName = ggufName;
        this.expression = expression;
    }

    /** The expression compiled anew, which takes milliseconds. */
    Pattern pattern() {
        return Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS);
    }

    static Optional<PreTokenizer> ofGgufName(String name) {
        return Arrays.stream(values()).filter(p -> p.ggufName.equals(name)).findFirst();
    }

    static Optional<PreTokenizer> ofExpression(String expression) {
        return Arrays.stream(values())
                .filter(p -> p.expression.equals(expression))
                .findFirst();
    }

    /** The supported names as they stand in a message: {@code qwen2, qwen35}. */
    static String names() {
        return Arrays.stream(values()).map(p -> p.ggufName).collect(Collectors.joining(", "));
    }
}
