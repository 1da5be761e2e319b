package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The operands of the delta rule for one span: consecutive rows of one sequence among the rows of a pass, and the state
 * they update. Created once for given buffers and reused for every layer and step.
 *
 * <p>Kernels count a span's rows from 0: row r is row {@code firstRow + r} of the activations. The last rows may be
 * revocable, and revocable rows of the step before may have to be replayed first:
 *
 * <pre>
 *    replayed rows    S = decay S + k d^T           d is known, so nothing is summed
 *    final rows       the delta rule; afterwards S is stored
 *    revocable rows   the delta rule on a copy of S; d replaces their values in y
 * </pre>
 */
public final class DeltaCall {

    private final DeltaShape shape;
    private final Activations y;
    private final Activations decay;
    private final Activations beta;
    private final Activations out;
    private int firstRow;
    private int rows;
    private int revocable;
    private Activations replayedY;
    private Activations replayedDecay;
    private int replayed;
    private MemorySegment state = MemorySegment.NULL;

    /**
     * Operands in these buffers.
     *
     * @param y queries, keys and values, [rows, channels], prepared
     * @param decay [rows, decayWidth], prepared
     * @param beta [rows, valueHeads], prepared
     * @param out receives [rows, valueHeads * valueDim]
     */
    public DeltaCall(DeltaShape shape, Activations y, Activations decay, Activations beta, Activations out) {
        this.shape = shape;
        this.y = y;
        this.decay = decay;
        this.beta = beta;
        this.out = out;
        this.replayedY = y;
        this.replayedDecay = decay;
    }

    /** Sets the span, without revocable and without replayed rows. */
    public DeltaCall span(int firstRow, int rows) {
        this.firstRow = firstRow;
        this.rows = rows;
        this.revocable = 0;
        this.replayed = 0;
        return this;
    }

    /** Sets how many of the last rows are revocable. */
    public DeltaCall revocable(int revocable) {
        this.revocable = revocable;
        return this;
    }

    /**
     * Sets the rows that are replayed first: rows 0 to {@code replayed - 1} of other buffers.
     *
     * @param y of the same width, with d in place of the values
     */
    public DeltaCall replay(Activations y, Activations decay, int replayed) {
        this.replayedY = y;
        this.replayedDecay = decay;
        this.replayed = replayed;
        return this;
    }

    /** Sets the state, f32 [valueHeads][keyDim][valueDim]. */
    public DeltaCall state(MemorySegment recurrent) {
        this.state = recurrent;
        return this;
    }

    /** Element index in the state of a channel's first row. */
    public long stateAt(int valueHead, int channel) {
        return (long) valueHead * shape.keyDim() * shape.valueDim() + channel;
    }

    public MemorySegment state() {
        return state;
    }

    public DeltaShape shape() {
        return shape;
    }

    public Activations y() {
        return y;
    }

    public Activations decay() {
        return decay;
    }

    public Activations beta() {
        return beta;
    }

    public Activations out() {
        return out;
    }

    public int firstRow() {
        return firstRow;
    }

    public int rows() {
        return rows;
    }

    /** The number of last rows that are revocable. */
    public int revocable() {
        return revocable;
    }

    /** The number of rows before these. */
    public int confirmed() {
        return rows - revocable;
    }

    public Activations replayedY() {
        return replayedY;
    }

    public Activations replayedDecay() {
        return replayedDecay;
    }

    public int replayed() {
        return replayed;
    }
}
