package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class Q4_1FormatTest extends QuantizedFormatTest {

    Q4_1FormatTest() {
        super(Q4_1Format.INSTANCE, 32, 20, 32, true, 15, 0.0787);
    }

    @Test
    void decodesBytesWrittenByHand() {
        float[] expected = new float[32];
        expected[0] = -1;
        expected[16] = 6.5f;
        expected[15] = -0.5f;
        expected[31] = 0.5f;
        assertArrayEquals(expected, decoded(bytes("0038 00bc f0" + "22".repeat(14) + "31")));
    }

    @Test
    void bothExtremesAreExact() {
        float[] weights = new float[32];
        weights[3] = -2;
        weights[20] = 5.5f;
        float[] decoded = roundTrip(weights);
        assertArrayEquals(new float[] {-2, 5.5f}, new float[] {decoded[3], decoded[20]});
    }
}
