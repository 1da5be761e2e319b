package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The operands of the causal convolution for one span: consecutive rows of one sequence among the rows of a pass.
 * Created once for given buffers and reused for every layer and step.
 *
 * <p>Kernels count a span's rows from 0: row r is row {@code firstRow + r} of the activations.
 */
public final class ConvolutionCall {

    private final DeltaShape shape;
    private final Activations u;
    private final Activations y;
    private MemorySegment weight = MemorySegment.NULL;
    private MemorySegment history = MemorySegment.NULL;
    private int firstRow;
    private int rows;
    private int confirmed;

    /**
     * Operands in these buffers.
     *
     * @param u [rows, channels]
     * @param y receives [rows, channels]
     */
    public ConvolutionCall(DeltaShape shape, Activations u, Activations y) {
        this.shape = shape;
        this.u = u;
        this.y = y;
    }

    /** Sets the weight, f32 [kernel][channels]. */
    public ConvolutionCall weight(MemorySegment weight) {
        this.weight = weight;
        return this;
    }

    /**
     * Sets the span.
     *
     * @param history the last {@code kernel - 1} rows before the span, oldest first, f32 [kernel - 1][channels];
     *     afterwards those before row {@code confirmed}
     * @param confirmed 0 to {@code rows}: the number of rows by which the history advances
     */
    public ConvolutionCall span(MemorySegment history, int firstRow, int rows, int confirmed) {
        this.history = history;
        this.firstRow = firstRow;
        this.rows = rows;
        this.confirmed = confirmed;
        return this;
    }

    public DeltaShape shape() {
        return shape;
    }

    public Activations u() {
        return u;
    }

    public Activations y() {
        return y;
    }

    public MemorySegment weight() {
        return weight;
    }

    public MemorySegment history() {
        return history;
    }

    public int firstRow() {
        return firstRow;
    }

    public int rows() {
        return rows;
    }

    public int confirmed() {
        return confirmed;
    }
}
