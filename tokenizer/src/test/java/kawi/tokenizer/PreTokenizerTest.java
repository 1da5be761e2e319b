package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PreTokenizerTest {

    @Example
    void splitsByTheExpressions() {
        var both = List.of(PreTokenizer.QWEN2, PreTokenizer.QWEN35);
        for (PreTokenizer p : both) {
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
        assertEquals(List.of("e\u0301a"), pieces(PreTokenizer.QWEN35, "e\u0301a"));
        assertEquals(List.of("e", "\u0301a"), pieces(PreTokenizer.QWEN2, "e\u0301a"));
        assertEquals(List.of("\u0E07\u0E48\u0E32"), pieces(PreTokenizer.QWEN35, "\u0E07\u0E48\u0E32"));
        assertEquals(List.of("\u0E07", "\u0E48\u0E32"), pieces(PreTokenizer.QWEN2, "\u0E07\u0E48\u0E32"));
        assertEquals(List.of("\u0301!"), pieces(PreTokenizer.QWEN2, "\u0301!"));
        assertEquals(List.of("\u0301", "!"), pieces(PreTokenizer.QWEN35, "\u0301!"));
    }

    @Property(tries = 1000)
    void piecesCoverTheText(@ForAll("texts") String text, @ForAll PreTokenizer preTokenizer) {
        assertEquals(text, String.join("", pieces(preTokenizer, text)));
    }

    @Provide
    Arbitrary<String> texts() {
        return ArbitraryText.texts(30).map(ArbitraryText::repaired);
    }

    private static List<String> pieces(PreTokenizer preTokenizer, String text) {
        return preTokenizer
                .pattern()
                .matcher(text)
                .results()
                .map(r -> r.group())
                .toList();
    }
}
