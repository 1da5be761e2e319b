package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PreTokenizerTest {

    @Example
    void splitsByTheExpressions() {
        var both = List.of(PreTokenizerFamily.QWEN2, PreTokenizerFamily.QWEN35);
        for (PreTokenizerFamily p : both) {
            assertEquals(
                    List.of("I", "'m", " ", "1", "2", " km", " away", "!!\n\n", "  ", " x"),
                    pieces(p, "I'm 12 km away!!\n\n   x"));
            assertEquals(List.of("it", "'\u017F"), pieces(p, "it'\u017F"), "long s folds to s");
            assertEquals(
                    List.of("a", "\u3000", "\u00A0b", "\u0085 \n", " "),
                    pieces(p, "a\u3000\u00A0b\u0085 \n "),
                    "white space beyond ASCII");
            assertEquals(List.of("\u200Ba"), pieces(p, "\u200Ba"), "a zero-width space is not white space");
        }
        assertEquals(List.of("e\u0301a"), pieces(PreTokenizerFamily.QWEN35, "e\u0301a"));
        assertEquals(List.of("e", "\u0301a"), pieces(PreTokenizerFamily.QWEN2, "e\u0301a"));
        assertEquals(List.of("\u0E07\u0E48\u0E32"), pieces(PreTokenizerFamily.QWEN35, "\u0E07\u0E48\u0E32"));
        assertEquals(List.of("\u0E07", "\u0E48\u0E32"), pieces(PreTokenizerFamily.QWEN2, "\u0E07\u0E48\u0E32"));
        assertEquals(List.of("\u0301!"), pieces(PreTokenizerFamily.QWEN2, "\u0301!"));
        assertEquals(List.of("\u0301", "!"), pieces(PreTokenizerFamily.QWEN35, "\u0301!"));
    }

    @Property(tries = 1000)
    void piecesCoverTheText(@ForAll("texts") String text, @ForAll("families") PreTokenizerFamily family) {
        assertEquals(text, String.join("", pieces(family, text)));
    }

    @Provide
    Arbitrary<String> texts() {
        return ArbitraryText.texts(30).map(ArbitraryText::repaired);
    }

    @Provide
    Arbitrary<PreTokenizerFamily> families() {
        return Arbitraries.of(PreTokenizerFamily.ALL);
    }

    private static List<String> pieces(PreTokenizerFamily family, String text) {
        var pieces = new ArrayList<String>();
        family.preTokenizer()
                .splitter(piece -> pieces.add(new String(piece, StandardCharsets.UTF_8)))
                .accept(text);
        return pieces;
    }
}
