package kawi.kernels;

/**
 * Sizes of a gated attention layer.
 *
 * @param heads query heads; a multiple of {@code kvHeads}
 * @param kvHeads key and value heads
 * @param headDim size of a head
 * @param rotaryDims leading dimensions of a head that are rotated; even
 */
public record AttentionShape(int heads, int kvHeads, int headDim, int rotaryDims) {

    /** The key and value head that query head {@code head} reads. */
    int kvHead(int head) {
        return head / (heads / kvHeads);
    }
}
