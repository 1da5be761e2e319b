package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class PTQ1_0FormatTest extends QuantizedFormatTest {

    PTQ1_0FormatTest() {
        super(TQ1_0Format.PRISM, 128, 28, 32, false, 2, 0.44);
    }

    /** {@code 80} is the fraction 0.11111 to the base 3; {@code 2b} is 0.01111, and {@code d5} 0.21111. */
    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[128];
        expected[0] = -2;
        expected[80] = 2;
        assertArrayEquals(expected, decoded(bytes("2b" + "80".repeat(15) + "d5" + "80".repeat(9) + "0040")));
    }
}
