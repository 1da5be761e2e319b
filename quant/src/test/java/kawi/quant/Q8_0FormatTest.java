package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q8_0FormatTest extends QuantizedFormatTest {

    Q8_0FormatTest() {
        super(Q8_0Format.INSTANCE, 32, 34, 32, false, 128, 0.0054);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[32];
        Arrays.fill(expected, 1);
        System.arraycopy(new float[] {0, 0.5f, -0.5f, -64, 63.5f}, 0, expected, 0, 5);
        assertArrayEquals(expected, decoded(bytes("0038 0001ff807f" + "02".repeat(27))));
    }

    @Test
    void infiniteAndUndefinedScalesFlow() {
        float[] infinite = decoded(bytes("007c" + "01".repeat(32)));
        float[] undefined = decoded(bytes("007e" + "01".repeat(32)));
        for (int i = 0; i < 32; i++) {
            assertEquals(Float.POSITIVE_INFINITY, infinite[i]);
            assertEquals(Float.NaN, undefined[i]);
        }
    }
}
