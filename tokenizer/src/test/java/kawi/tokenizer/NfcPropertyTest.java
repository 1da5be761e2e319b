package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.text.Normalizer;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class NfcPropertyTest {

    @Property(tries = 1000)
    void isNormalFormC(@ForAll("texts") String text) {
        assertEquals(Normalizer.normalize(text, Normalizer.Form.NFC), Nfc.normalize(text));
    }

    /** Long runs, in which marks are sorted here, of marks of all classes and of some that decompose, between starters. */
    @Property(tries = 100)
    void longRunsAreNormalFormC(@ForAll long seed) {
        var random = new Random(seed);
        int[] marks = random.ints(12, 0x300, 0x1F000).map(c -> nextMark(c)).toArray();
        var text = new StringBuilder("x");
        for (int run = 0; run < 3; run++) {
            text.append("e");
            for (int n = random.nextInt(700); n > 0; n--) {
                text.appendCodePoint(random.nextInt(200) == 0 ? 0xF73 : marks[random.nextInt(marks.length)]);
            }
        }
        assertEquals(Normalizer.normalize(text, Normalizer.Form.NFC), Nfc.normalize(text.toString()));
    }

    @Example
    void aMillionMarksInFallingOrder() {
        String above = "\u0301".repeat(500_000);
        String below = "\u0323".repeat(500_000);
        assertEquals("\u1EB9" + below.substring(1) + above, Nfc.normalize("e" + above + below));
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
        return WildText.texts(30).map(WildText::repaired);
    }
}
