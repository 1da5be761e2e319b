package kawi.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThoughtBudgetTest {

    private static final int[] CLOSING = {900, 901};

    private static ThoughtBudget after(int budget, String... texts) {
        var thought = new ThoughtBudget(budget, CLOSING, "</think>", true);
        var all = new StringBuilder();
        for (String text : texts) {
            assertEquals(-1, thought.force(), "before: " + text);
            thought.accept(1, text, all.append(text).indexOf("</think>") < 0);
        }
        return thought;
    }

    @Test
    void aThoughtWithinItsBudgetIsLeftAlone() {
        var thought =
                after(10, "All", " good", ".", "\n", "</think>", "\n\n", "Yes", ".", "a", "b", "c", "d", ".", "\n");
        assertFalse(thought.isOpen());
        assertFalse(thought.isForced());
        assertEquals(-1, thought.force());
    }

    @Test
    void atTheBudgetTheSentenceIsFinishedAndTheThoughtClosed() {
        var thought = after(2, "One", " two", " three", ".");
        assertTrue(thought.isOpen());
        assertTrue(thought.isForced());
        assertEquals(900, thought.force());
        assertEquals(900, thought.force());
        thought.accept(900, "</think>", true);
        assertTrue(thought.isOpen());
        assertEquals(901, thought.force());
        thought.accept(901, "\n\n", true);
        assertFalse(thought.isOpen());
        assertTrue(thought.isForced());
        assertEquals(-1, thought.force());
        thought.accept(5, "Answer.", true);
        assertEquals(-1, thought.force());
    }

    @Test
    void aSentenceThatEndsWithTheBudgetNeedsNoGrace() {
        assertEquals(900, after(2, "One", ".").force());
        assertEquals(-1, after(3, "One", ".").force());
        assertEquals(900, after(1, "One.\n").force());
        assertEquals(900, after(2, "One.", " ").force());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.",
                "a!",
                "a?",
                "a?\"",
                "a.) ",
                "**a.**",
                "a\u3002",
                "a\uFF1F\u300D",
                "a\u0964",
                "a\u061F",
                "a\n",
                "a\u2026 ",
                "x = 1.5\n",
                "1.5 a."
            })
    void sentencesThatHaveEnded(String text) {
        assertEquals(900, after(1, text).force());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a,", "a. b", "3.", "3.1", "a:", "", "a.b", "a\u3001", "\u00A7 4."})
    void sentencesThatGoOn(String text) {
        assertEquals(-1, after(1, "a", text).force());
    }

    @Test
    void theGraceIsLimited() {
        var thought = new ThoughtBudget(5, CLOSING, "</think>", true);
        for (int i = 0; i < 5 + ThoughtBudget.GRACE; i++) {
            assertEquals(-1, thought.force(), "after " + i);
            thought.accept(1, " word", true);
        }
        assertEquals(900, thought.force());
    }

    @Test
    void theModelMayCloseItselfWithinTheGrace() {
        var thought = after(2, "One", " two", "<", "/thi", "nk", ">", "\n\n", "Yes", ".");
        assertFalse(thought.isOpen());
        assertFalse(thought.isForced());
        assertEquals(-1, thought.force());
    }

    @Test
    void textThatResemblesTheTagClosesNothing() {
        assertTrue(after(9, "<</think", " </think >", "</thin</").isOpen());
        assertFalse(after(9, "<</think>").isOpen());
        assertFalse(after(9, "</thin</think>\n\nYes").isOpen());
    }

    @Test
    void aSecondThoughtUsesWhatTheFirstHasLeft() {
        var thought = after(5, "One", ".", "</think>");
        assertFalse(thought.isSpent());
        thought.reopen();
        assertTrue(thought.isOpen());
        assertEquals(-1, thought.force());
        thought.accept(1, "Two", true);
        thought.accept(1, " or", true);
        assertEquals(-1, thought.force());
        thought.accept(1, " three.", true);
        assertEquals(900, thought.force());
        assertEquals(6, thought.taken());
        thought.accept(900, "</think>", false);
        thought.accept(901, "\n\n", false);
        thought.reopen();
        assertEquals(900, thought.force());
        assertTrue(thought.isSpent());
    }

    @Test
    void theGraceIsForAllThoughts() {
        var thought = new ThoughtBudget(2, CLOSING, "</think>", false);
        assertFalse(thought.isOpen());
        thought.reopen();
        for (int i = 0; i < 2 + ThoughtBudget.GRACE - 1; i++) {
            thought.accept(1, " word", true);
        }
        thought.accept(1, "</think>", false);
        assertEquals(2 + ThoughtBudget.GRACE, thought.taken());
        thought.reopen();
        assertEquals(900, thought.force());
    }

    @Test
    void afterALoopEveryThoughtIsClosedAtOnce() {
        var thought = after(100, "Wait", ", let");
        thought.close();
        thought.accept(900, "</think>", false);
        thought.accept(901, "\n\n", false);
        assertTrue(thought.isSpent());
        thought.reopen();
        assertEquals(900, thought.force());
        assertThrows(IllegalStateException.class, thought::reopen);
    }

    @Test
    void noBudgetClosesAtOnce() {
        assertEquals(900, new ThoughtBudget(0, CLOSING, "</think>", true).force());
    }

    @Test
    void theLargestBudgetNeverEnds() {
        assertEquals(-1, after(Integer.MAX_VALUE, "a", ".", "\n").force());
    }

    @Test
    void aLoopClosesWithoutGrace() {
        var thought = after(100, "Wait", ", let");
        thought.close();
        assertEquals(900, thought.force());
        thought.accept(900, "</think>", true);
        thought.close();
        assertEquals(901, thought.force());
        thought.accept(901, "\n\n", true);
        thought.close();
        assertFalse(thought.isOpen());
        assertEquals(-1, thought.force());
        var closed = after(100, "a</think>");
        closed.close();
        assertEquals(-1, closed.force());
        assertFalse(closed.isForced());
    }

    @Test
    void aForcedTokenMustBeTaken() {
        var thought = new ThoughtBudget(0, CLOSING, "</think>", true);
        var wrong = assertThrows(IllegalArgumentException.class, () -> thought.accept(7, "a", true));
        assertEquals("token 7 came where 900 was to close the thought", wrong.getMessage());
        assertEquals(900, thought.force());
    }

    @Test
    void theClosingTokensAreCopied() {
        int[] closing = {7};
        var thought = new ThoughtBudget(0, closing, "</think>", true);
        closing[0] = 8;
        assertEquals(7, thought.force());
    }

    @ParameterizedTest
    @CsvSource({"-1, 2", "5, 0"})
    void whatCannotBeDoneIsRefused(int budget, int closing) {
        assertThrows(
                IllegalArgumentException.class, () -> new ThoughtBudget(budget, new int[closing], "</think>", true));
    }
}
