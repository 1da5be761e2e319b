package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The operands of the delta rule for one span: consecutive rows of one sequence among the rows of a pass, and the state
 * they update. Created once for given buffers and reused for every layer and step.
 *
 * <p>Kernels count a span's rows from 0: row r is row {@code firstRow + r} of the activations.
 */
public final class DeltaCall {

    private final DeltaShape shape;
    private final Activations y;
    private final Activations decay;
    private final Activations beta;
    private final Activations out;
    private int firstRow;
    private int rows;
    private MemorySegment state = MemorySegment.NULL;
    private int stateStride;
    private long headStride;
    private int firstChannel;

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
    }

    /** Sets the span. */
    public DeltaCall span(int firstRow, int rows) {
        this.firstRow = firstRow;
        this.rows = rows;
        return this;
    }

    /** Sets the state, f32 [valueHeads][keyDim][valueDim]. */
    public DeltaCall state(MemorySegment recurrent) {
        this.state = recurrent;
        this.stateStride = shape.valueDim();
        this.headStride = (long) shape.keyDim() * shape.valueDim();
        this.firstChannel = 0;
        return this;
    }

    /** Sets the state of one tile of one head, f32 [keyDim][width], whose first channel is {@code firstChannel}. */
    public DeltaCall tile(MemorySegment tile, int width, int firstChannel) {
        this.state = tile;
        this.stateStride = width;
        this.headStride = 0;
        this.firstChannel = firstChannel;
        return this;
    }

    /** Element index in the state of a channel's first row. */
    public long stateAt(int valueHead, int channel) {
        return valueHead * headStride + channel - firstChannel;
    }

    /** The distance in floats between rows of a head's state. */
    public int stateStride() {
        return stateStride;
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
}
