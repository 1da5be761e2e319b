package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MXFP4FormatTest extends QuantizedFormatTest {

    MXFP4FormatTest() {
        super(MXFP4Format.INSTANCE, 32, 17, 32, false, 13, 0.125);
    }

    /** The scale is 2: an exponent of 128. */
    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[32];
        float[] positive = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
        for (int i = 0; i < 8; i++) {
            expected[i] = 2 * positive[i];
            expected[24 + i] = i == 0 ? 0 : -2 * positive[i];
        }
        assertArrayEquals(expected, decoded(bytes("80 0001020304050607 8090a0b0c0d0e0f0")));
    }

    @ParameterizedTest
    @CsvSource({"00, 0x1p-128", "01, 0x1p-127", "02, 0x1p-126", "7f, 0.5", "ff, 0x1p127"})
    void scalesArePowersOfTwo(String exponent, float unit) {
        float[] decoded = decoded(bytes(exponent + "21".repeat(16)));
        assertEquals(unit, decoded[0]);
        assertEquals(2 * unit, decoded[16]);
    }

    /** The scale is a power of two of 8 bits; the largest finite weight is {@code 6 * 2^125}. */
    @Override
    @Test
    void hugeWeightsAreRefusedOrHeld() {
        for (float large : new float[] {1e9f, 3e38f, Float.MAX_VALUE}) {
            float[] weights = new float[32];
            weights[3] = large;
            weights[4] = -large;
            float[] decoded = roundTrip(weights);
            assertEquals(large, decoded[3], large / 4);
            assertEquals(-large, decoded[4], large / 4);
        }
    }
}
