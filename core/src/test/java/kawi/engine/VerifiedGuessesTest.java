package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class VerifiedGuessesTest {

    @Test
    void onlyTheNextGuessIsAcceptedAndItsLogitsFollow() {
        VerifiedGuesses verified = new VerifiedGuesses(2);
        System.arraycopy(new float[] {1, 2, 3, 4, 5, 6}, 0, verified.room(2), 0, 6);
        verified.begin(new int[] {9, 7, 8}, 1, 2);
        float[] row = new float[2];
        verified.copyLogits(row);
        assertArrayEquals(new float[] {1, 2}, row);
        assertFalse(verified.accept(8));
        assertTrue(verified.accept(7));
        verified.copyLogits(row);
        assertArrayEquals(new float[] {3, 4}, row);
        assertEquals(1, verified.pending());
        assertTrue(verified.accept(8));
        assertFalse(verified.accept(8));
        assertEquals(0, verified.pending());
    }

    /** A conversation that is open and not in use does not keep megabytes of logits. */
    @Test
    void theLogitsAreKeptUntilTheyAreReleased() {
        VerifiedGuesses verified = new VerifiedGuesses(3);
        float[] rows = verified.room(2);
        verified.begin(new int[] {1, 2}, 0, 2);
        verified.clear();
        assertSame(rows, verified.room(1));
        verified.begin(new int[] {1, 2}, 0, 2);
        verified.release();
        assertEquals(0, verified.count());
        assertNotSame(rows, verified.room(2));
    }
}
