package kawi.kernels.vector;

/**
 * Finds a common factor of a few floats of which each is a small multiple: {@code value[i] = multiplier[i] * factor}
 * with int8 multipliers, bit for bit, including the signs of zeros.
 *
 * <p>The scales of a block of a K-quant are such floats, because the file stores them as an f16 times small integers.
 * The largest common factor is found from the odd parts of the mantissas, and every product is then verified, so the
 * result is never wrong; at worst it is {@code false}.
 */
final class ScaleFactors {

    private static final int MANTISSA_BITS = 23;

    private ScaleFactors() {}

    /**
     * Factors {@code count} values.
     *
     * @param multipliers receives the multipliers from {@code from} on, like the values
     * @param factors receives the factor at {@code factorAt}
     * @return whether there is such a factor
     */
    static boolean factor(float[] values, int from, int count, byte[] multipliers, float[] factors, int factorAt) {
        float factor = largestCommonFactor(values, from, count);
        for (float signed : new float[] {factor, -factor}) {
            if (multipliersOf(signed, values, from, count, multipliers)) {
                factors[factorAt] = signed;
                return true;
            }
        }
        return false;
    }

    private static boolean multipliersOf(float factor, float[] values, int from, int count, byte[] multipliers) {
        for (int i = from; i < from + count; i++) {
            int multiplier = multiplier(values[i], factor);
            multipliers[i] = (byte) multiplier;
            if (multiplier != multipliers[i] || !sameBits(multiplier * factor, values[i])) {
                return false;
            }
        }
        return true;
    }

    private static int multiplier(float value, float factor) {
        if (sameBits(value, factor)) {
            return 1;
        }
        return sameBits(value, -factor) ? -1 : (int) (value / factor);
    }

    private static boolean sameBits(float a, float b) {
        return Float.floatToIntBits(a) == Float.floatToIntBits(b);
    }

    /** Positive, infinite if a value is, else NaN if a value is, 0 if all are. */
    private static float largestCommonFactor(float[] values, int from, int count) {
        int odd = 0;
        int exponent = Integer.MAX_VALUE;
        boolean nan = false;
        for (int i = from; i < from + count; i++) {
            float value = Math.abs(values[i]);
            if (value == Float.POSITIVE_INFINITY) {
                return value;
            }
            nan |= Float.isNaN(value);
            if (value > 0) {
                int bits = Float.floatToIntBits(value);
                int fraction = bits & ((1 << MANTISSA_BITS) - 1);
                int mantissa = value < Float.MIN_NORMAL ? fraction : fraction | (1 << MANTISSA_BITS);
                int zeros = Integer.numberOfTrailingZeros(mantissa);
                odd = greatestCommonDivisor(odd, mantissa >>> zeros);
                exponent =
                        Math.min(exponent, Math.getExponent(Math.max(value, Float.MIN_NORMAL)) - MANTISSA_BITS + zeros);
            }
        }
        return nan ? Float.NaN : odd == 0 ? 0 : Math.scalb((float) odd, exponent);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
