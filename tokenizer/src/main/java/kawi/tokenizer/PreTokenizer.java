package kawi.tokenizer;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rules for splitting text into pieces before merging. No token extends over more than one piece.
 *
 * <p>The matches of either expression are not empty and cover all of the text. The alternatives are, in order: an
 * English contraction; letters, with at most one other character before them; one digit; punctuation, with at most one
 * space before it and all line terminators after it; white space up to and including its last line terminator; white
 * space except its last character; white space. Marks are treated as letters in Qwen3.5 and as punctuation in Qwen2.
 *
 * <p>The flag {@link Pattern#UNICODE_CHARACTER_CLASS} is set because {@code \s} must match all Unicode white space and
 * {@code (?i:'s)} must match U+017F. All quantifiers apply to character classes, which {@link Pattern} matches in a
 * loop, so the depth of the stack does not depend on the text and each run of characters is scanned a bounded number of
 * times.
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

    /** The value of {@code tokenizer.ggml.pre} in GGUF files. */
    final String ggufName;

    /** The regular expression in {@code tokenizer.json}. */
    final String expression;

    PreTokenizer(String ggufName, String expression) {
        this.ggufName = ggufName;
        this.expression = expression;
    }

    /** Compiles the expression, which takes several milliseconds. */
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

    /** The supported names, for messages: {@code qwen2, qwen35}. */
    static String names() {
        return Arrays.stream(values()).map(p -> p.ggufName).collect(Collectors.joining(", "));
    }
}
