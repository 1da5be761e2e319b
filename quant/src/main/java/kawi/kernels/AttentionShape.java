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

    /** Query heads that share a key and value head: kv head h serves query heads {@code [h * group, (h + 1) * group)}. */
    public int group() {
        return heads / kvHeads;
    }

    /** Where a query head's query begins in its token's row of queries and gates; the gate follows the query. */
    public int queryColumn(int head) {
        return head * 2 * headDim;
    }
}
