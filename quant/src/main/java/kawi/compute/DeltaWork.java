package kawi.compute;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kawi.kernels.Activations;
import kawi.kernels.ConvolutionCall;
import kawi.kernels.DeltaCall;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.WorkerPool;

/**
 * Gated DeltaNet of the spans of a pass between its projections: convolution, preparation and the delta rule, divided
 * among a model's threads. Created once for given buffers and used for all layers and steps, by one thread at a time,
 * because a decoding step must not produce garbage: {@link #begin}, {@link #add} for each span, {@link #run}.
 *
 * <p>The last rows of a span may be revocable ({@link DeltaState}). A task, which is a tile of a value head's state of
 * one sequence, first replays the revocable rows of the previous step that were not revoked, then processes the final
 * rows, and last the new revocable rows ({@link DeltaCall}). So the state is read and written once, as without
 * revocable rows.
 */
public final class DeltaWork {

    /**
     * Value channels per task: the state of a tile, 128 x 64 floats, fits a core's first-level cache. A step of
     * decoding, whose time is that of reading the state from memory, has tasks of whole heads, whose states are
     * contiguous.
     */
    private static final int CHANNELS = 64;

    /** The work on fewer elements is done before another thread has been woken up. */
    private static final int MIN_TASK_ELEMENTS = 16384;

    /** Sufficient tasks per thread that the other threads do not wait long for a slow one. */
    private static final int TASKS_PER_THREAD = 4;

    /** A span of a sequence. */
    private final class Span {

        private final ConvolutionCall convolution = new ConvolutionCall(shape, u, y);
        private final DeltaCall rows = new DeltaCall(shape, y, decay, beta, out);
        private DeltaState state;
        private int firstRow;
        private int count;
        private int revocable;

        /** The number of tasks per value head; the index of its first task. */
        private int parts;

        private int firstTask;

        Span(DeltaState state) {
            this.state = state;
        }

        /** Whether it has at most one row besides revocable ones. */
        boolean isStep() {
            return count - revocable <= 1;
        }

        int firstRevocable() {
            return firstRow + count - revocable;
        }
    }

    private final Compute compute;
    private final DeltaKernel kernel;
    private final WorkerPool pool;
    private final DeltaShape shape;
    private final Activations u;
    private final Activations y;
    private final Activations decay;
    private final Activations beta;
    private final Activations out;
    private final int parts;
    private final List<Span> spans = new ArrayList<>();
    private final WorkerPool.Task convolution = this::convolve;
    private final WorkerPool.Task preparation = this::prepare;
    private final WorkerPool.Task recurrence = this::recur;
    private MemorySegment weight = MemorySegment.NULL;
    private MemorySegment rate = MemorySegment.NULL;
    private MemorySegment dtBias = MemorySegment.NULL;
    private int count;
    private int rows;
    private int tasks;

    /** See {@link Compute#delta}. */
    DeltaWork(
            Compute compute,
            DeltaShape shape,
            Activations u,
            Activations y,
            Activations decay,
            Activations beta,
            Activations out) {
        this.compute = compute;
        this.kernel = compute.kernels().delta();
        this.pool = compute.pool();
        this.shape = shape;
        this.u = u;
        this.y = y;
        this.decay = decay;
        this.beta = beta;
        this.out = out;
        this.parts = Math.max(1, shape.valueDim() / CHANNELS);
    }

    /**
     * Starts without spans.
     *
     * @param weight of the convolution, f32 [kernel][channels]
     * @param rate see {@link DeltaKernel#prepare}; {@code dtBias} likewise
     */
    public DeltaWork begin(MemorySegment weight, MemorySegment rate, MemorySegment dtBias) {
        this.weight = weight;
        this.rate = rate;
        this.dtBias = dtBias;
        this.count = 0;
        this.rows = 0;
        return this;
    }

    /**
     * Adds a span, which follows the rows of the spans before it.
     *
     * @param state of the sequence
     * @param firstRow the first row's index in the buffers: the number of rows added so far
     * @param rows the number of rows; with 0, the revocable rows become final and nothing else is done
     * @param revocable the number of last rows that can be revoked afterwards, at most {@link DeltaState#MAX_REVOCABLE}
     */
    public DeltaWork add(DeltaState state, int firstRow, int rows, int revocable) {
        if (firstRow != this.rows || revocable < 0 || revocable > rows) {
            throw new IllegalArgumentException("a span of %d rows, %d revocable, at row %d after %d rows"
                    .formatted(rows, revocable, firstRow, this.rows));
        }
        state.reserve(revocable);
        if (count == spans.size()) {
            spans.add(new Span(state));
        }
        Span span = spans.get(count);
        int confirmed = rows - revocable;
        span.state = state;
        span.firstRow = firstRow;
        span.count = rows;
        span.revocable = revocable;
        span.convolution.weight(weight).span(state.history(), firstRow, rows, confirmed);
        span.rows.span(firstRow, rows).revocable(revocable).state(state.recurrent());
        if (state.revocable() > 0) {
            DeltaState.Kept kept = state.kept();
            span.rows.replay(kept.y(), kept.decay(), state.revocable());
        }
        count++;
        this.rows += rows;
        return this;
    }

    /** Runs all spans. */
    public void run() {
        long begun = compute.begin();
        convolve();
        prepare();
        recur();
        compute.end(Operation.DELTA_RULE, begun, stateBytes(), stateBytes());
    }

    private long stateBytes() {
        return count * DeltaState.bytes(shape);
    }

    /** Makes the revocable rows of a state final between passes, so that it can be saved. */
    public void settle(DeltaState state) {
        if (state.revocable() > 0) {
            begin(MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL).add(state, 0, 0, 0);
            run();
        }
    }

    /** See {@link DeltaKernel#convolve}. */
    public void convolve() {
        for (int i = 0; i < count; i++) {
            spans.get(i).state.confirmHistory();
        }
        run(convolution, tasks(rows, shape.channels(), shape.channels()));
    }

    /** See {@link DeltaKernel#prepare}. */
    public void prepare() {
        if (rows > 0) {
            run(preparation, tasks(rows, shape.channels(), rows));
        }
    }

    /** See {@link DeltaKernel#recur}. */
    public void recur() {
        boolean wholeHeads = count * shape.valueHeads() >= pool.threads() * TASKS_PER_THREAD;
        int tasks = 0;
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            span.firstTask = tasks;
            span.parts = wholeHeads && span.isStep() ? 1 : parts;
            tasks += shape.valueHeads() * span.parts;
        }
        compute.run(tasks, recurrence);
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            span.state.keep(y, decay, span.firstRevocable(), span.revocable);
        }
    }

    private int tasks(int rows, int width, int most) {
        return Math.clamp(
                (long) rows * width / MIN_TASK_ELEMENTS, 1, Math.min(most, pool.threads() * TASKS_PER_THREAD));
    }

    private void run(WorkerPool.Task task, int tasks) {
        this.tasks = tasks;
        compute.run(tasks, task);
    }

    /** Some channels of all spans. */
    private void convolve(int task) {
        int channels = shape.channels();
        int from = (int) ((long) task * channels / tasks) & -16;
        int to = task + 1 == tasks ? channels : (int) ((task + 1L) * channels / tasks) & -16;
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            kernel.convolve(span.convolution, from, to);
            span.state.keepInputs(u, span.firstRevocable(), span.revocable, from, to);
        }
    }

    private void prepare(int task) {
        int from = (int) ((long) task * rows / tasks);
        int to = (int) ((task + 1L) * rows / tasks);
        kernel.prepare(shape, y, decay, beta, rate, dtBias, from, to);
    }

    private void recur(int task) {
        int i = count - 1;
        while (spans.get(i).firstTask > task) {
            i--;
        }
        Span span = spans.get(i);
        int item = task - span.firstTask;
        int part = item % span.parts;
        int from = part * CHANNELS;
        int to = part + 1 == span.parts ? shape.valueDim() : from + CHANNELS;
        int head = item / span.parts;
        kernel.recur(span.rows, head, from, to);
        span.state.keepDifferences(y, span.firstRevocable(), span.revocable, head, from, to);
    }
}
