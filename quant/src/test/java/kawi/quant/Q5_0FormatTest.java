package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q5_0FormatTest extends QuantizedFormatTest {

    Q5_0FormatTest() {
        super(Q5_0Format.INSTANCE, 32, 22, 32, false, 16, 0.0430);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[32];
        Arrays.fill(expected, -16);
        expected[0] = 0;
        expected[1] = -13;
        expected[17] = 15;
        expected[15] = -6;
        expected[31] = 5;
        assertArrayEquals(expected, decoded(bytes("003c 01000280 00 f3" + "00".repeat(13) + "5a")));
    }
}
