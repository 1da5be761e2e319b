package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class Q2_0FormatTest extends QuantizedFormatTest {

    Q2_0FormatTest() {
        super(Q2_0Format.INSTANCE, 64, 18, 32, false, 3, 0.44);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[64];
        expected[0] = 2;
        expected[5] = -2;
        expected[63] = 4;
        assertArrayEquals(expected, decoded(bytes("0040 56 51" + "55".repeat(13) + "d5")));
    }
}
