package kawi.quant;

/**
 * A block of weights rounded to small unsigned integers: {@code w = scale * (q - bias) + minimum}. Without the
 * importance of columns it is determined by its extremes only, and the arithmetic is that of ggml's reference
 * quantizers ({@code quantize_row_q4_0_ref} and similar functions), so the bytes are identical, except for blocks whose
 * scale is below 2^-18: see {@link #writable}.
 */
final class RoundedBlock {

    /** Below this, f16 has fewer than 64 steps to zero. */
    private static final float COARSE = 0x1p-18f;

    final float scale;
    final float minimum;
    final byte[] quants;

    RoundedBlock(float scale, float minimum, byte[] quants) {
        this.scale = scale;
        this.minimum = minimum;
        this.quants = quants;
    }

    /**
     * {@code w = scale * (q - bias)}, {@code 0 <= q < 2 bias}: the weight of largest magnitude gets {@code q = 0},
     * whatever its sign, because there is one more integer below the bias than above it.
     */
    static RoundedBlock symmetric(float[] in, int from, int count, int bias) {
        float extreme = 0;
        for (int i = from; i < from + count; i++) {
            if (Math.abs(in[i]) > Math.abs(extreme)) {
                extreme = in[i];
            }
        }
        float scale = writable(extreme / -bias);
        float inverse = inverse(scale);
        byte[] quants = new byte[count];
        for (int i = 0; i < count; i++) {
            quants[i] = (byte) Math.clamp((int) (in[from + i] * inverse + (bias + 0.5f)), 0, 2 * bias - 1);
        }
        return new RoundedBlock(scale, 0, quants);
    }

    /** {@code w = scale * q + minimum}, {@code 0 <= q <= largest}: the extremes get {@code 0} and {@code largest}. */
    static RoundedBlock affine(float[] in, int from, int count, int largest) {
        float minimum = in[from];
        float maximum = in[from];
        for (int i = from + 1; i < from + count; i++) {
            minimum = Math.min(minimum, in[i]);
            maximum = Math.max(maximum, in[i]);
        }
        float scale = writable((maximum - minimum) / largest);
        float inverse = inverse(scale);
        byte[] quants = new byte[count];
        for (int i = 0; i < count; i++) {
            quants[i] = (byte) Math.clamp((int) ((in[from + i] - minimum) * inverse + 0.5f), 0, largest);
        }
        return new RoundedBlock(scale, minimum, quants);
    }

    /**
     * The scale to divide weights by, given that it will be stored as f16: {@code scale} itself, as in the reference,
     * unless it is so far in the subnormal range of f16 that rounding it would cost more than rounding the weights
     * does. Then it is the next larger f16, so that the largest weights still fit.
     */
    static float writable(float scale) {
        return isCoarse(scale) ? F16Format.roundAwayFromZero(scale) : scale;
    }

    /** Whether the next f16 is so far away that rounding to the nearest one would cost much. */
    static boolean isCoarse(float scale) {
        return Math.abs(scale) < COARSE;
    }

    static float inverse(float scale) {
        return scale == 0 ? 0 : 1 / scale;
    }
}
