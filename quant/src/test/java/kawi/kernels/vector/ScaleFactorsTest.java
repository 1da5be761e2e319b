package kawi.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ScaleFactorsTest {

    private static boolean factor(float... values) {
        byte[] multipliers = new byte[values.length];
        float[] factors = new float[1];
        if (!ScaleFactors.factor(values, 0, values.length, multipliers, factors, 0)) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            assertEquals(
                    Float.floatToIntBits(values[i]),
                    Float.floatToIntBits(multipliers[i] * factors[0]),
                    values[i] + " = " + multipliers[i] + " * " + factors[0]);
        }
        return true;
    }

    @Test
    void everyScaleOfAFileHasAFactor() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float d = Float.float16ToFloat((short) bits);
            Random random = new Random(bits);
            float[] scales = new float[16];
            float[] minimums = new float[8];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = d * random.nextInt(-128, 128);
            }
            for (int i = 0; i < minimums.length; i++) {
                minimums[i] = -(d * random.nextInt(64));
            }
            assertTrue(factor(scales), () -> "int8 multiples of " + d);
            assertTrue(factor(minimums), () -> "minimums, multiples of " + d);
        }
    }

    @Test
    void zerosKeepTheirSigns() {
        assertTrue(factor(0f, 0f));
        assertTrue(factor(-0f, -0f));
        assertTrue(factor(0f, -0f));
        assertTrue(factor(-0f, 3f, -6f));
        assertTrue(factor(0f, 3f, -6f));
        assertFalse(factor(0f, -0f, 3f), "no factor has zeros of both signs beside something else");
    }

    @Test
    void infinitiesAndNanAreFactorsToo() {
        float infinite = Float.POSITIVE_INFINITY;
        assertTrue(factor(infinite, -infinite, Float.NaN));
        assertTrue(factor(Float.NaN, Float.NaN));
        assertFalse(factor(infinite, 1f));
        assertFalse(factor(Float.NaN, 1f));
    }

    @Test
    void theWholeRangeOfFloats() {
        assertTrue(factor(Float.MIN_VALUE, Float.MIN_VALUE * 127, -Float.MIN_VALUE * 128));
        assertTrue(factor(Float.MAX_VALUE, -Float.MAX_VALUE));
        assertTrue(factor(0x1.fffffep-120f, 0x1.fffffep-115f));
        assertFalse(factor(1f, 129f));
        assertFalse(factor(1f, 1 + Math.ulp(1f)));
        assertFalse(factor(Float.MIN_VALUE, Float.MAX_VALUE));
    }

    @Test
    void onlyItsOwnRangeIsTouched() {
        byte[] multipliers = {9, 9, 9, 9};
        float[] factors = {7, 7, 7};
        assertTrue(ScaleFactors.factor(new float[] {1, 6, 10, 3}, 1, 2, multipliers, factors, 1));
        assertArrayEquals(new byte[] {9, 3, 5, 9}, multipliers);
        assertArrayEquals(new float[] {7, 2, 7}, factors);
    }
}
