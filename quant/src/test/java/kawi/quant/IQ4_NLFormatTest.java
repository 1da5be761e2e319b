package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class IQ4_NLFormatTest extends QuantizedFormatTest {

    IQ4_NLFormatTest() {
        super(IQ4_NLFormat.INSTANCE, 32, 18, 32, false, 127, 0.0775);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[32];
        for (int i = 0; i < 32; i++) {
            expected[i] = 2;
        }
        expected[0] = -2 * 127;
        expected[16] = 2 * 113;
        expected[17] = -2 * 10;
        assertArrayEquals(expected, decoded(bytes("0040 f0 78" + "88".repeat(14))));
    }
}
