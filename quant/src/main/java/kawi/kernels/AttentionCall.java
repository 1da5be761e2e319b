package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The operands of attention for one span: consecutive rows of one sequence among the rows of a pass. Created once for
 * given buffers and reused for every layer and step, because a decoding step must not produce garbage.
 *
 * <p>Kernels count a span's rows from 0: row r is row {@code firstRow + r} of the activations and of the rotation, and
 * its key and value are stored at position {@code slot + r}.
 */
public final class AttentionCall {

    private static final KvPages NO_PAGES =
            new KvPages(new KvLayout(0, 0, 0, KvFormat.F32, KvFormat.F32), new PagePool());

    private final AttentionShape shape;
    private final Activations queries;
    private final Activations keys;
    private final Activations values;
    private final Rotation rotation;
    private final Activations out;
    private MemorySegment queryNorm = MemorySegment.NULL;
    private MemorySegment keyNorm = MemorySegment.NULL;
    private float eps;
    private KvPages kv = NO_PAGES;
    private int slot;
    private int firstRow;
    private int rows;

    /**
     * Operands in these buffers.
     *
     * @param queries [rows, heads * (keyDim, and valueDim if gated)], per head the query and then the gate; queries are
     *     overwritten by the prepared ones
     * @param keys [rows, kvHeads * keyDim]; overwritten
     * @param values [rows, kvHeads * valueDim]; overwritten if they are quantized
     * @param rotation cosines and sines of the rows' positions; not read if nothing is rotated
     * @param out [rows, heads * valueDim]
     */
    public AttentionCall(
            AttentionShape shape,
            Activations queries,
            Activations keys,
            Activations values,
            Rotation rotation,
            Activations out) {
        this.shape = shape;
        this.queries = queries;
        this.keys = keys;
        this.values = values;
        this.rotation = rotation;
        this.out = out;
    }

    /**
     * Sets the weights of the norms, f32 [keyDim] each; they are not read if queries and keys are not normalized.
     *
     * @param queryNorm including the 1 of zero-centered norms; {@code keyNorm} likewise
     */
    public AttentionCall norms(MemorySegment queryNorm, MemorySegment keyNorm, float eps) {
        this.queryNorm = queryNorm;
        this.keyNorm = keyNorm;
        this.eps = eps;
        return this;
    }

    /**
     * Sets the span.
     *
     * @param kv keys and values of the sequence, with room for the span
     * @param slot the position of the key and value of the first row
     * @param firstRow the first row's index in the buffers
     */
    public AttentionCall span(KvPages kv, int slot, int firstRow, int rows) {
        this.kv = kv;
        this.slot = slot;
        this.firstRow = firstRow;
        this.rows = rows;
        return this;
    }

    /** The number of positions that row {@code row} attends to, including those before the span. */
    public int seen(int row) {
        return slot + (shape.causal() ? row + 1 : rows);
    }

    /** The number of positions of page {@code page} that row {@code row} attends to: none if not positive. */
    public int visible(int page, int row) {
        return Math.min(KvPages.POSITIONS, seen(row) - page * KvPages.POSITIONS);
    }

    /** The first row, at least {@code fromRow}, that attends to a position of page {@code page}. */
    public int firstSeeing(int page, int fromRow) {
        return shape.causal() ? Math.max(fromRow, page * KvPages.POSITIONS - slot) : fromRow;
    }

    public AttentionShape shape() {
        return shape;
    }

    public Activations queries() {
        return queries;
    }

    public Activations keys() {
        return keys;
    }

    public Activations values() {
        return values;
    }

    public Rotation rotation() {
        return rotation;
    }

    public Activations out() {
        return out;
    }

    public MemorySegment queryNorm() {
        return queryNorm;
    }

    public MemorySegment keyNorm() {
        return keyNorm;
    }

    public float eps() {
        return eps;
    }

    public KvPages kv() {
        return kv;
    }

    public int slot() {
        return slot;
    }

    public int firstRow() {
        return firstRow;
    }

    public int rows() {
        return rows;
    }
}
