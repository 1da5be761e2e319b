package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class TQ1_0FormatTest extends QuantizedFormatTest {

    TQ1_0FormatTest() {
        super(TQ1_0Format.INSTANCE, 256, 54, 32, false, 2, 0.44);
    }

    /** {@code 80} is the fraction 0.11111 to the base 3; {@code 2b} is 0.01111, and {@code d5} 0.21111. */
    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[256];
        expected[0] = -2;
        expected[160] = 2;
        assertArrayEquals(expected, decoded(bytes("2b" + "80".repeat(31) + "d5" + "80".repeat(19) + "0040")));
    }
}
