package kawi.kernels;

/**
 * The elementary functions of the numerics contract, in f32: these few lines are the definition, and every tier repeats
 * them operation by operation.
 *
 * <p>{@code exp(x)}: with {@code n = round(x / ln 2)} and {@code r = x - n ln 2}, {@code |r| <= 0.35},
 *
 * <pre>    exp(x) = 2^n (1 + r (1 + r (1/2! + r (1/3! + r (1/4! + r (1/5! + r (1/6! + r/7!)))))))</pre>
 *
 * evaluated by Horner's rule with one {@code fma} a step. The truncated term r^8/8! is below a tenth of an ulp.
 * {@code ln 2} is split in two so that {@code n ln 2} is subtracted without loss; {@code 2^n} is applied as two
 * factors, because n may lie outside of the range of one normal power of two, and then subnormal results are rounded
 * once and overflow gives infinity.
 *
 * <p>{@code n} is found by adding and subtracting 1.5 * 2^23, which rounds to an integer, half to even, in any IEEE
 * arithmetic.
 */
public final class FloatMath {

    /** Below this, e^x rounds to zero; above {@link #EXP_MAX}, to infinity. */
    public static final float EXP_MIN = -104f;

    public static final float EXP_MAX = 89f;

    public static final float LOG2_E = 0x1.715476p0f;

    /** The upper 15 bits of ln 2, so that n * LN2_HIGH is exact for every n that occurs; the next 24 are LN2_LOW. */
    public static final float LN2_HIGH = 0x1.62e4p-1f;

    public static final float LN2_LOW = 0x1.7f7d1cp-20f;

    public static final float ROUNDER = 0x1.8p23f;

    public static final float C2 = 1f / 2;
    public static final float C3 = 1f / 6;
    public static final float C4 = 1f / 24;
    public static final float C5 = 1f / 120;
    public static final float C6 = 1f / 720;
    public static final float C7 = 1f / 5040;

    /** Twice sqrt(2 / pi), and 0.044715 times that. */
    public static final float GELU_LINEAR = (float) (2 * 0.7978845608028654);

    public static final float GELU_CUBIC = (float) (2 * 0.7978845608028654 * 0.044715);

    /** 1 / sqrt(2), and the coefficients of {@link #geluErf}. */
    public static final float HALF_SQRT = (float) 0.7071067811865476;

    public static final float ERF_P = 0.3275911f;
    public static final float ERF_A1 = (float) (0.254829592 / 2);
    public static final float ERF_A2 = (float) (-0.284496736 / 2);
    public static final float ERF_A3 = (float) (1.421413741 / 2);
    public static final float ERF_A4 = (float) (-1.453152027 / 2);
    public static final float ERF_A5 = (float) (1.061405429 / 2);

    private FloatMath() {}

    public static float exp(float x) {
        float clamped = Math.min(Math.max(x, EXP_MIN), EXP_MAX);
        float n = (clamped * LOG2_E + ROUNDER) - ROUNDER;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
        float p = Math.fma(r, C7, C6);
        p = Math.fma(p, r, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, 1f);
        p = Math.fma(p, r, 1f);
        int power = (int) n;
        int half = power >> 1;
        return p * powerOfTwo(half) * powerOfTwo(power - half);
    }

    private static float powerOfTwo(int exponent) {
        return Float.intBitsToFloat((exponent + 127) << 23);
    }

    public static float sigmoid(float x) {
        return 1f / (1f + exp(-x));
    }

    public static float silu(float x) {
        return x * sigmoid(x);
    }

    /**
     * The tanh form of GELU, {@code x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}, as {@code x sigmoid(2 u)},
     * since {@code 1 + tanh(u) = 2 sigmoid(2 u)}.
     */
    public static float geluTanh(float x) {
        return x * sigmoid(x * Math.fma(x * x, GELU_CUBIC, GELU_LINEAR));
    }

    /**
     * GELU, {@code x / 2 (1 + erf(x / sqrt(2)))}, as {@code max(x, 0) - |x| (1 - erf(z)) / 2} with {@code z = |x| /
     * sqrt(2)} and {@code t = 1 / (1 + p z)}:
     *
     * <pre>    1 - erf(z) = t (a1 + t (a2 + t (a3 + t (a4 + t a5)))) e^(-z^2),  within 1.5e-7 of the exact value</pre>
     *
     * The coefficients include the factor 1/2, and {@code max(x, 0)} is {@code fma(1/2, x, |x|/2)}. An infinity gives
     * NaN.
     *
     * <p>Source: Abramowitz and Stegun, Handbook of Mathematical Functions, formula 7.1.26.
     */
    public static float geluErf(float x) {
        float size = Math.abs(x);
        float z = size * HALF_SQRT;
        float t = 1f / Math.fma(z, ERF_P, 1f);
        float p = Math.fma(t, ERF_A5, ERF_A4);
        p = Math.fma(p, t, ERF_A3);
        p = Math.fma(p, t, ERF_A2);
        p = Math.fma(p, t, ERF_A1);
        float tail = p * t * exp(-(z * z));
        return Math.fma(-size, tail, Math.fma(0.5f, x, 0.5f * size));
    }

    /**
     * {@code log(1 + e^x)}, or x itself above 20, as the reference implementation does. It is needed once per head and
     * token, never in an inner loop, so every tier calls this method: StrictMath gives the same bits everywhere.
     */
    static float softplus(float x) {
        return x > 20f ? x : (float) StrictMath.log1p(StrictMath.exp(x));
    }

    /** {@code 1 / sqrt(x)}, both operations correctly rounded. */
    public static float inverseSqrt(float x) {
        return 1f / (float) Math.sqrt(x);
    }
}
