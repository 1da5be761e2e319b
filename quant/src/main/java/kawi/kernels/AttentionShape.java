package kawi.kernels;

/**
 * Sizes and kind of an attention layer.
 *
 * @param heads query heads; a multiple of {@code kvHeads}
 * @param kvHeads key and value heads
 * @param keyDim size of a query or key head
 * @param valueDim size of a value head
 * @param rotaryDims leading dimensions of queries and keys that are rotated; even, and 0 for none
 * @param gated whether each query is followed by a gate of {@code valueDim} numbers, whose sigmoid the output is
 *     multiplied with
 * @param normalized whether queries and keys go through an RMS norm per head
 * @param causal whether a row attends to no position after its own; otherwise all rows of a span attend to all
 *     positions up to the span's last
 */
public record AttentionShape(
        int heads,
        int kvHeads,
        int keyDim,
        int valueDim,
        int rotaryDims,
        boolean gated,
        boolean normalized,
        boolean causal) {

    /** Causal attention with normalized queries and keys, and gated outputs (Qwen3.5). */
    public static AttentionShape gated(int heads, int kvHeads, int headDim, int rotaryDims) {
        return new AttentionShape(heads, kvHeads, headDim, headDim, rotaryDims, true, true, true);
    }

    /**
     * Query heads that share a key and value head: kv head h serves query heads {@code [h * group, (h + 1) * group)}.
     */
    public int group() {
        return heads / kvHeads;
    }

    /** Columns from a query head to the next in a row of queries: the query, and its gate if there is one. */
    public int queryStride() {
        return keyDim + (gated ? valueDim : 0);
    }

    /** Column where a query head's query begins; the gate follows the query. */
    public int queryColumn(int head) {
        return head * queryStride();
    }

    /** Columns of a row of queries. */
    public int queryWidth() {
        return heads * queryStride();
    }

    /** Columns of a row of keys. */
    public int keyWidth() {
        return kvHeads * keyDim;
    }

    /** Columns of a row of values. */
    public int valueWidth() {
        return kvHeads * valueDim;
    }

    /** Columns of a row of outputs. */
    public int outWidth() {
        return heads * valueDim;
    }
}
