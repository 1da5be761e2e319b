package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class F16FormatTest extends WeightFormatTest {

    F16FormatTest() {
        super(F16Format.INSTANCE, 1, 2, 2.1e-4);
    }

    @Test
    void isBinary16() {
        var data = bytes("003c 00c0 ff7b 0100 007c 00fc 0080");
        float[] weights = {1, -2, 65504, 0x1p-24f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f};
        assertArrayEquals(weights, decoded(data));
        assertArrayEquals(data.toArray(ValueLayout.JAVA_BYTE), encoded(weights).toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(new float[] {Float.NaN}, roundTrip(Float.NaN));
    }

    @Test
    void roundsToNearestEven() {
        assertArrayEquals(new float[] {2048, 2052, 2050, 65504}, roundTrip(2049, 2051, 2049.1f, 65519.99f));
    }

    @Test
    void refusesFiniteWeightsThatWouldBecomeInfinite() {
        var failure = assertThrows(IllegalArgumentException.class, () -> encoded(1, -65520));
        assertEquals("encoding F16: weight 1 is -65520.0, beyond the largest f16, 65504", failure.getMessage());
    }
}
