package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q1_0FormatTest extends QuantizedFormatTest {

    Q1_0FormatTest() {
        super(Q1_0Format.INSTANCE, 128, 18, 32, false, 2, 0.605);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[128];
        Arrays.fill(expected, -2);
        expected[0] = 2;
        expected[11] = 2;
        expected[127] = 2;
        assertArrayEquals(expected, decoded(bytes("0040 01 08" + "00".repeat(13) + "80")));
    }
}
