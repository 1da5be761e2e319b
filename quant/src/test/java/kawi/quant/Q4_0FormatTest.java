package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q4_0FormatTest extends QuantizedFormatTest {

    Q4_0FormatTest() {
        super(Q4_0Format.INSTANCE, 32, 18, 32, false, 8, 0.0866);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[32];
        expected[0] = -16;
        expected[16] = 14;
        expected[17] = 2;
        expected[31] = -2;
        assertArrayEquals(expected, decoded(bytes("0040 f0 98" + "88".repeat(13) + "78")));
    }

    @Test
    void theExtremeWeightIsExactWhateverItsSign() {
        for (float extreme : new float[] {4, -4}) {
            float[] weights = new float[32];
            weights[9] = extreme;
            weights[10] = -extreme;
            float[] decoded = roundTrip(weights);
            assertArrayEquals(new float[] {extreme, -extreme * 7 / 8}, Arrays.copyOfRange(decoded, 9, 11));
        }
    }
}
