package kawi.speculation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NgramIndexTest {

    private final NgramIndex index = new NgramIndex();
    private final int[] out = new int[8];

    private int[] lookup(int max) {
        return Arrays.copyOf(out, index.lookup(out, max));
    }

    private void prompt(int... tokens) {
        index.add(tokens, 0, tokens.length);
    }

    @Test
    void thePassageWithTheLongestMatchIsGuessedAndTheNewestOfEqualOnes() {
        prompt(1, 2, 3, 10, 11, 9, 2, 3, 20, 21, 8, 2, 3, 30, 31, 1, 2, 3);
        assertArrayEquals(new int[] {10, 11, 9, 2}, lookup(4));
        prompt(7, 2, 3);
        assertArrayEquals(new int[] {7, 2, 3, 7}, lookup(4), "the newest match, continued by what is guessed");
    }

    @Test
    void aSingleTokenIsNoMatch() {
        prompt(1, 2, 3, 4, 1);
        assertArrayEquals(new int[0], lookup(4));
        assertEquals(0, index.confidence(0));
    }

    @Test
    void aPassageIsFollowedAndResumedAfterAReplacedToken() {
        prompt(1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 51, 1, 2);
        assertArrayEquals(new int[] {3, 4, 5}, lookup(3));
        index.add(3);
        index.add(4);
        index.add(99);
        assertArrayEquals(new int[] {6, 7, 8}, lookup(3), "as if 99 had replaced 5");
    }

    @Test
    void aPassageIsResumedAfterInsertedTokens() {
        prompt(1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 51, 1, 2);
        lookup(3);
        for (int token : new int[] {3, 4, 90, 91, 92, 93, 5}) {
            index.add(token);
        }
        assertArrayEquals(new int[] {6, 7, 8}, lookup(3));
    }

    @Test
    void earlierAnswersAreGuessedFromButNotAcrossTheirEnds() {
        index.addText(new int[] {1, 2, 3});
        index.addText(new int[] {4, 5, 6, 7});
        prompt(1, 2);
        assertArrayEquals(new int[] {3}, lookup(8));
        prompt(3, 4);
        assertArrayEquals(new int[0], lookup(8));
        prompt(5, 6);
        assertArrayEquals(new int[] {7}, lookup(8));
    }

    @Test
    void guessesThatAreWrongAgainAndAgainAreNoLongerReturned() {
        var random = new SplittableRandom(3);
        int returned = 0;
        for (int i = 0; i < 400; i++) {
            // The same two tokens, and then another one each time.
            index.add(1);
            index.add(2);
            int count = index.lookup(out, 8);
            returned += i >= 200 && count > 0 ? 1 : 0;
            index.add(1000 + i * 8 + random.nextInt(8));
        }
        assertTrue(returned < 10, "returned " + returned + " times of 200");
    }

    @Test
    void tokensBeyondTheLimitAreForgotten() {
        var small = new NgramIndex(16, 0);
        small.add(new int[] {1, 2, 3, 4}, 0, 4);
        for (int i = 0; i < 12; i++) {
            small.add(100 + i);
        }
        small.add(1);
        small.add(2);
        assertEquals(0, small.lookup(out, 4));
    }

    @Test
    void manyTokensAreIndexed() {
        var random = new SplittableRandom(5);
        int[] text = random.ints(NgramIndex.MAX_TOKENS + 5000, 0, 150_000).toArray();
        index.add(text, 0, text.length);
        int from = text.length - NgramIndex.MAX_TOKENS + 100;
        for (int i = 0; i < 3; i++) {
            index.add(text[from + i]);
        }
        assertArrayEquals(Arrays.copyOfRange(text, from + 3, from + 11), lookup(8));
    }
}
