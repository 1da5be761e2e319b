package kawi.kernels;

/**
 * Sizes and kind of a Gated DeltaNet layer.
 *
 * @param keyHeads heads of queries and keys
 * @param valueHeads heads of values; a multiple of {@code keyHeads}
 * @param keyDim size of a query or key head
 * @param valueDim size of a value head
 * @param kernel taps of the causal convolution
 * @param tiled how value heads are numbered: value head p reads key head {@code p mod keyHeads} if tiled (GGUF files),
 *     else {@code p / (valueHeads / keyHeads)} (Hugging Face)
 * @param perChannelDecay whether each row of the state has a decay of its own (Kimi Delta Attention), or all rows of a
 *     head the same one
 */
public record DeltaShape(
        int keyHeads, int valueHeads, int keyDim, int valueDim, int kernel, boolean tiled, boolean perChannelDecay) {

    /** Channels of the convolution: all queries, all keys, all values. */
    public int channels() {
        return 2 * keyHeads * keyDim + valueHeads * valueDim;
    }

    /** Columns of a row of decays: one per value head, or {@code keyDim} per value head. */
    public int decayWidth() {
        return perChannelDecay ? valueHeads * keyDim : valueHeads;
    }

    /** Columns of a row of outputs. */
    public int outWidth() {
        return valueHeads * valueDim;
    }

    public int keyHead(int valueHead) {
        return tiled ? valueHead % keyHeads : valueHead / (valueHeads / keyHeads);
    }

    /** Column of the first element of query head {@code keyHead} in a row of channels. */
    public int queryColumn(int keyHead) {
        return keyHead * keyDim;
    }

    public int keyColumn(int keyHead) {
        return (keyHeads + keyHead) * keyDim;
    }

    public int valueColumn(int valueHead) {
        return 2 * keyHeads * keyDim + valueHead * valueDim;
    }
}
