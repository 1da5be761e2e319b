package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class BF16FormatTest extends WeightFormatTest {

    BF16FormatTest() {
        super(BF16Format.INSTANCE, 1, 2, 1.7e-3);
    }

    @Test
    void isTheUpperHalfOfTheFloat() {
        var data = bytes("803f 00c0 0100 807f 80ff 0080");
        float[] weights = {
            1, -2, Float.intBitsToFloat(0x00010000), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f
        };
        assertArrayEquals(weights, decoded(data));
        assertArrayEquals(data.toArray(ValueLayout.JAVA_BYTE), encoded(weights).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void roundsToNearestEven() {
        assertArrayEquals(
                new float[] {1, 1 + 0x4p-8f, 1 + 0x2p-8f}, roundTrip(1 + 0x1p-8f, 1 + 0x3p-8f, 1 + 0x1.001p-8f));
    }

    @Test
    void staysNaNWhateverThePayload() {
        assertArrayEquals(
                new float[] {Float.NaN, Float.NaN},
                roundTrip(Float.intBitsToFloat(0x7f800001), Float.intBitsToFloat(0xffffffff)));
    }

    @Test
    void refusesFiniteWeightsThatWouldBecomeInfinite() {
        var failure = assertThrows(IllegalArgumentException.class, () -> encoded(1, 2, Float.MAX_VALUE));
        assertEquals("encoding BF16: weight 2 is 3.4028235E38, beyond the largest bf16, 3.39E38", failure.getMessage());
    }
}
