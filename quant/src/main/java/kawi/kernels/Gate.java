package kawi.kernels;

/** The function that is applied to the numbers of a gate before a multiplication; see {@link FloatMath}. */
public enum Gate {
    /** {@code x * sigmoid(x)} (Qwen3.5). */
    SILU,
    /** {@code sigmoid(x)} (Kimi Linear). */
    SIGMOID;

    float of(float x) {
        return this == SILU ? FloatMath.silu(x) : FloatMath.sigmoid(x);
    }
}
