package kawi.kernels;

/** What a gate's numbers become before something is multiplied with them; see {@link FloatMath}. */
public enum Gate {
    /** {@code x * sigmoid(x)} (Qwen3.5). */
    SILU,
    /** {@code sigmoid(x)} (Kimi Linear). */
    SIGMOID;

    float of(float x) {
        return this == SILU ? FloatMath.silu(x) : FloatMath.sigmoid(x);
    }
}
