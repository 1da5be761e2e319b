package kawi.compute;

/** The kinds of operations that {@link Counters} tell apart. */
public enum Operation {
    /** The products of mixers: projections of attention and of delta rules. */
    PROJECTIONS("projections"),
    /** The products of feed-forward networks. */
    MLP("mlp"),
    /** The products that compute logits. */
    HEAD("head"),
    /** The products of a draft head. */
    DRAFT("draft"),
    /** Attention without its projections. */
    ATTENTION("attention"),
    /** The convolution and the recurrence of delta rules. */
    DELTA_RULE("delta rule"),
    /** Norms of rows. */
    NORMS("norms"),
    /** Conversion of the inputs of products to int8. */
    QUANTIZATION("quantization"),
    /** Other operations on rows: gates, sums and what architectures add. */
    ROWS("rows"),
    /** The choice of tokens. */
    SAMPLING("sampling"),
    /** Waiting for callers before a pass. */
    GATHERING("gathering");

    private final String label;

    Operation(String label) {
        this.label = label;
    }

    /** The name, for display. */
    public String label() {
        return label;
    }
}
