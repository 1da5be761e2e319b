package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.text.Normalizer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class NormalFormPropertyTest {

    @Property(tries = 1000)
    void normalizesToFormC(@ForAll("texts") String text) {
        assertEquals(ArbitraryText.normalized(text), nfc(text));
    }

    /**
     * Long runs, which {@link LongMarkRuns} sorts, of marks of all classes, some of which decompose, between starters.
     */
    @Property(tries = 100)
    void normalizesLongRunsToFormC(@ForAll long seed) {
        var random = new Random(seed);
        int[] marks = random.ints(12, 0x300, 0x1F000).map(c -> nextMark(c)).toArray();
        var text = new StringBuilder("x");
        for (int run = 0; run < 3; run++) {
            text.append("e");
            for (int n = random.nextInt(700); n > 0; n--) {
                text.appendCodePoint(random.nextInt(200) == 0 ? 0xF73 : marks[random.nextInt(marks.length)]);
            }
        }
        assertEquals(ArbitraryText.normalized(text.toString()), nfc(text.toString()));
    }

    /** Expected values: the Hugging Face <i>tokenizers</i> library 0.23.2, whose tables are those of Unicode 9. */
    @Example
    void charactersNewerThanTheLibrarysTablesAreInert() {
        for (String inert : List.of(
                "a\u0898\u0323\u0898",
                "\u0301\u1DFA",
                "\uD801\uDDD2\u0307",
                "\uD804\uDF90\uD804\uDFC9",
                "\uD806\uDD35\uD806\uDD30",
                "\uD81B\uDD67\uD81B\uDD67")) {
            assertEquals(inert, nfc(inert));
        }
        assertEquals("\u1EA1\u08D4\u0301", nfc("a\u08D4\u0301\u0323"), "U+08D4 was added in Unicode 9");
    }

    @Example
    void normalizesAMillionMarksInDescendingOrder() {
        String above = "\u0301".repeat(500_000);
        String below = "\u0323".repeat(500_000);
        assertEquals("\u1EB9" + below.substring(1) + above, nfc("e" + above + below));
    }

    private static String nfc(String text) {
        return NormalForm.normalize(text, Normalizer.Form.NFC);
    }

    private static int nextMark(int c) {
        while (Character.getType(c) != Character.NON_SPACING_MARK
                && Character.getType(c) != Character.COMBINING_SPACING_MARK) {
            c++;
        }
        return c;
    }

    @Provide
    Arbitrary<String> texts() {
        return ArbitraryText.texts(30).map(ArbitraryText::repaired);
    }
}
