package kawi.quality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BaseFileTest {

    @Test
    void anOddVocabularyIsRoundedUp() {
        assertEquals(4 + 6, BaseFile.rowShorts(5));
        assertEquals(4 + 6, BaseFile.rowShorts(6));
        assertEquals(20 + 3 * (8 * 4 + 3 * 2 * 10), BaseFile.bytes(8, 5, 3));
    }

    @Test
    void theSizeOfAHugeFileDoesNotOverflow() {
        assertEquals(20 + 1_000_000L * (512L * 4 + 255L * 2 * (248_320 + 4)), BaseFile.bytes(512, 248_320, 1_000_000));
    }

    @Test
    void codesAreStepsFromTheSmallestLogitInRange() {
        float[] logits = {9, 2, -4, -14, -15, -100, 9};
        double logSum = Math.log(Math.exp(2) + Math.exp(-4) + Math.exp(-14) + Math.exp(-15) + Math.exp(-100));
        short[] row = new short[1 + BaseFile.rowShorts(5)];
        row[row.length - 1] = 77;

        BaseFile.encode(logits, 1, 5, logSum, row, 1);

        float scale = 16f / 65535;
        assertEquals(scale, BaseFile.scale(row, 1));
        assertEquals(-14 - logSum, BaseFile.minimum(row, 1), 1e-6);
        short[] expected = {(short) 65535, (short) Math.round(10 / scale), 0, 0, 0, 0};
        short[] codes = new short[6];
        System.arraycopy(row, 5, codes, 0, 6);
        assertArrayEquals(expected, codes);
    }

    @Test
    void equalLogitsHaveNoScale() {
        short[] row = new short[BaseFile.rowShorts(2)];
        BaseFile.encode(new float[] {3, 3}, 0, 2, 3 + Math.log(2), row, 0);
        assertEquals(0, BaseFile.scale(row, 0));
        assertEquals(-Math.log(2), BaseFile.minimum(row, 0), 1e-6);
        assertEquals(0, row[4]);
        assertEquals(0, row[5]);
    }
}
