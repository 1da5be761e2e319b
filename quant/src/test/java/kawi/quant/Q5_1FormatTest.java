package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q5_1FormatTest extends QuantizedFormatTest {

    Q5_1FormatTest() {
        super(Q5_1Format.INSTANCE, 32, 24, 32, true, 31, 0.0381);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[32];
        Arrays.fill(expected, 1);
        expected[0] = 5;
        expected[1] = 1.75f;
        expected[17] = 8.75f;
        expected[15] = 3.5f;
        expected[31] = 6.25f;
        assertArrayEquals(expected, decoded(bytes("0034 003c 01000280 00 f3" + "00".repeat(13) + "5a")));
    }
}
