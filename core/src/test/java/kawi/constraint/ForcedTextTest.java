package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ForcedTextTest {

    private static final TestVocabulary SMALL = TestVocabulary.SMALL;
    private static final int AMPLE = 1 << 20;

    private final ForcedText text = new ForcedText();
    private final int[] out = new int[8];

    private String forced(Constrained answer, boolean spaced) {
        int count = answer.forced(text, out, 8, spaced);
        var all = new StringBuilder();
        for (int i = 0; i < count; i++) {
            all.append(i > 0 ? "|" : "").append(SMALL.tokenizer().text(out[i]));
        }
        return all.append(text.isOpen() ? "+" : "").toString();
    }

    private static void accept(Constrained answer, String text) {
        for (int token : SMALL.tokenizer().encode(text)) {
            answer.accept(token);
        }
    }

    @Test
    void keysAndPunctuationAreForcedUpToTheFirstChoice() {
        var answer = new Constrained(
                Grammar.jsonSchema(
                        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\"}},"
                                + "\"required\":[\"name\",\"n\"]}"),
                SMALL.trie());
        assertEquals("{\"|name\"|:| |\"+", forced(answer, true));
        assertEquals("{\"|name\"|:|\"+", forced(answer, false));
        accept(answer, "{\"name\":\"x");
        assertEquals("", forced(answer, true));
        accept(answer, "\"");
        assertEquals(",| |\"|n|\": ", forced(answer, true));
        assertEquals(",|\"|n|\":+", forced(answer, false));
        accept(answer, ",\"n\":12");
        assertEquals("", forced(answer, true));
    }

    @Test
    void aConstantIsForcedOnceItsBeginningTellsItApart() {
        var answer = new Constrained(Grammar.choice(List.of("pending", "paid", "shipped")), SMALL.trie());
        assertEquals("", forced(answer, true));
        accept(answer, "p");
        assertEquals("", forced(answer, true));
        accept(answer, "e");
        assertEquals("n|d|i|n|g", forced(answer, true));
        accept(answer, "nding");
        assertEquals("", forced(answer, true));
        assertTrue(answer.mustEnd());
    }

    @Test
    void whatMayBeTheEndForcesNothing() {
        var answer = new Constrained(Grammar.regex("ab(cd)?"), SMALL.trie());
        assertEquals("ab", forced(answer, true));
        accept(answer, "ab");
        assertEquals("", forced(answer, true));
        accept(answer, "c");
        assertEquals("d", forced(answer, true));
    }

    @Test
    void aSpaceInAStringIsNoOptionalSpace() {
        var answer = new Constrained(Grammar.jsonSchema("{\"type\":\"string\"}"), SMALL.trie());
        accept(answer, "\"a");
        assertEquals("", forced(answer, true));
        assertTrue(answer.isSpaced(text, ' ', true));
        assertFalse(answer.isSpaced(text, ' ', false));
    }

    @Test
    void theSpacesOfTheAnswerAreRecognized() {
        var answer = new Constrained(
                Grammar.jsonSchema("{\"type\":\"array\",\"items\":{\"enum\":[1]},\"minItems\":3}"), SMALL.trie());
        accept(answer, "[1,");
        assertTrue(answer.isSpaced(text, ' ', false));
        assertFalse(answer.isSpaced(text, '1', true));
    }

    /** A guess is always allowed, and the first byte is the only one possible unless it is a space. */
    @Property(tries = 60)
    void whatIsForcedIsAllowedAndNothingElseIs(@ForAll long seed, @ForAll boolean spaced) {
        var random = new Random(seed);
        Grammar grammar = Grammar.jsonSchema(RandomSchema.of(random));
        var answer = new Constrained(grammar, SMALL.trie());
        List<Integer> written = new ArrayList<>();
        float[] logits = new float[SMALL.tokenizer().vocabularySize()];
        while (!answer.mustEnd() && written.size() < 60) {
            int count = answer.forced(text, out, 8, spaced);
            var copy = new Constrained(grammar, SMALL.trie());
            written.forEach(copy::accept);
            for (int i = 0; i < count; i++) {
                assertTrue(
                        copy.allows(out[i]), "not allowed: " + SMALL.tokenizer().text(out[i]));
                copy.accept(out[i]);
            }
            for (int id = 0; id < logits.length; id++) {
                logits[id] = random.nextFloat();
            }
            answer.mask(logits, AMPLE);
            int best = 0;
            for (int id = 0; id < logits.length; id++) {
                best = logits[id] > logits[best] ? id : best;
                if (count > 0 && logits[id] > Float.NEGATIVE_INFINITY) {
                    byte first = SMALL.tokenizer().bytes(id)[0];
                    byte guessed = SMALL.tokenizer().bytes(out[0])[0];
                    assertTrue(
                            first == guessed || (spaced ? guessed : first) == ' ',
                            () -> "forced " + (char) guessed + ", but allowed " + (char) first);
                }
            }
            if (logits[best] == Float.NEGATIVE_INFINITY) {
                break;
            }
            answer.accept(best);
            written.add(best);
        }
    }
}
