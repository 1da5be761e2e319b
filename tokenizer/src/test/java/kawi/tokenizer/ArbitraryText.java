package kawi.tokenizer;

import java.text.Normalizer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/**
 * Arbitrary text: characters of all planes, marks, unusual spaces, emoji sequences, unpaired surrogates, and parts of
 * added tokens.
 */
final class ArbitraryText {

    private ArbitraryText() {}

    static Arbitrary<String> texts(int maxFragments) {
        return Arbitraries.frequencyOf(
                        Tuple.of(
                                4,
                                Arbitraries.of(
                                        " ",
                                        "  ",
                                        "\n",
                                        "\r\n",
                                        "\t",
                                        "\u0085",
                                        "\u00A0",
                                        "\u2028",
                                        "\u3000",
                                        "\u200B",
                                        "'s",
                                        "'LL",
                                        "'\u017F",
                                        "don't",
                                        "e\u0301",
                                        "\u0301\u0323",
                                        "\u0344",
                                        "\u0F73",
                                        "\u1DFA\u0323",
                                        "\uD801\uDDD2\u0307",
                                        "A\u030A",
                                        "\u212A",
                                        "\u1100\u1161\u11A8",
                                        "\uAC00\u11A8",
                                        "\u0930\u094D\u0937",
                                        "\u0E07\u0E48\u0E32",
                                        "\u216B",
                                        "\u00BD",
                                        "\u00B2",
                                        "123",
                                        "\u0661",
                                        "\uD83D\uDC69\u200D\uD83D\uDC67",
                                        "\uD83C\uDDEE\uD83C\uDDE9",
                                        "\u2764\uFE0F",
                                        "\uD800",
                                        "\uDC00",
                                        "<|im_start|>",
                                        "<|im_end|>",
                                        "<think>",
                                        "</think>",
                                        "<|im_",
                                        "start|>",
                                        "<",
                                        ">",
                                        "|",
                                        "_",
                                        "...",
                                        "!=\n\n")),
                        Tuple.of(
                                2, Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(8)),
                        Tuple.of(
                                1,
                                Arbitraries.strings()
                                        .withCharRange('\u0300', '\u036F')
                                        .ofMaxLength(5)),
                        Tuple.of(
                                1,
                                Arbitraries.strings()
                                        .withCharRange('\u0900', '\u0DFF')
                                        .ofMaxLength(5)),
                        Tuple.of(
                                1,
                                Arbitraries.strings()
                                        .withCharRange('\u3040', '\u9FFF')
                                        .ofMaxLength(5)),
                        Tuple.of(
                                1,
                                Arbitraries.integers()
                                        .between(0, Character.MAX_CODE_POINT)
                                        .map(Character::toString)))
                .list()
                .ofMaxSize(maxFragments)
                .map(fragments -> String.join("", fragments));
    }

    /** Replaces unpaired surrogates in {@code text} by U+FFFD. */
    static String repaired(String text) {
        var out = new StringBuilder();
        text.codePoints().forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        return out.toString();
    }

    /**
     * Normalizes {@code text} with {@link Normalizer}, except for characters that {@link NormalForm} keeps unchanged.
     */
    static String normalized(String text) {
        var normal = new StringBuilder();
        var part = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (NormalForm.isInert(c)) {
                normal.append(Normalizer.normalize(part, Normalizer.Form.NFC)).appendCodePoint(c);
                part.setLength(0);
            } else {
                part.appendCodePoint(c);
            }
        });
        return normal.append(Normalizer.normalize(part, Normalizer.Form.NFC)).toString();
    }
}
