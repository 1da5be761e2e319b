package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class PQ2_0FormatTest extends QuantizedFormatTest {

    PQ2_0FormatTest() {
        super(Q2_0Format.PRISM, 128, 34, 32, false, 3, 0.44);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[128];
        expected[0] = 2;
        expected[5] = -2;
        expected[127] = 4;
        assertArrayEquals(expected, decoded(bytes("0040 56 51" + "55".repeat(29) + "d5")));
    }
}
