package kawi.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import kawi.kernels.Activations;
import kawi.kernels.AttentionCall;
import kawi.kernels.AttentionShape;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.FreeList;
import kawi.kernels.Gate;
import kawi.kernels.Kernels;
import kawi.kernels.KvFormats;
import kawi.kernels.PackedMatrix;
import kawi.kernels.Rotation;
import kawi.kernels.RowKernel;
import kawi.kernels.WorkerPool;
import kawi.quant.InputRotation;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of a tier, divided among a model's threads: each method is one step of a layer for {@code tokens} rows.
 * Work is divided by rows of weights, tokens, heads or channels, never within a sum, so the number of threads cannot
 * change a bit of any result.
 */
public final class Compute {

    /** Sufficient tasks per thread that the other threads do not wait long for a slow one. */
    private static final int TASKS_PER_THREAD = 4;

    /** The work on fewer elements is done before another thread has been woken up. */
    private static final int MIN_TASK_ELEMENTS = 16384;

    private final Kernels kernels;
    private final WorkerPool pool;
    private final LongConsumer packed;
    private final FreeList<Products> products = new FreeList<>(() -> new Products(this));
    private final @Nullable Counters counters;
    private Operation productsOperation = Operation.PROJECTIONS;
    private @Nullable WarmUp warmUp;
    private @Nullable ProductObserver observer;

    public Compute(Kernels kernels, WorkerPool pool) {
        this(kernels, pool, bytes -> {}, null);
    }

    /**
     * @param packed called with the size in bytes of each weight matrix after it has been packed, on the calling thread
     * @param counters counts the operations of a profile, or null
     */
    public Compute(Kernels kernels, WorkerPool pool, LongConsumer packed, @Nullable Counters counters) {
        this.kernels = kernels;
        this.pool = pool;
        this.packed = packed;
        this.counters = counters;
    }

    /** The name of the tier in use, for display. */
    public String tier() {
        return kernels.tier();
    }

    /**
     * Compiles kernels in the background, if the JVM has to compile them: the kernels for all weights that are packed
     * before the result is closed. Closing waits for the remaining kernels.
     */
    public WarmUp warmUp(KvFormats keysAndValues) {
        WarmUp begun = new WarmUp(kernels, keysAndValues);
        warmUp = begun;
        return begun;
    }

    /** Converts a weight matrix to the tier's layout. */
    public PackedMatrix pack(Tensor tensor, Arena arena) {
        if (warmUp != null) {
            warmUp.include(tensor.format());
        }
        PackedMatrix matrix = repack(tensor, arena);
        packed.accept(tensor.bytes());
        return matrix;
    }

    /** Converts rows of a matrix that has been packed, again; it is not counted. */
    public PackedMatrix repack(Tensor rows, Arena arena) {
        PackedMatrix matrix = kernels.matrix().pack(rows, arena, pool);
        InputRotation rotation = rows.rotation();
        return rotation == null ? matrix : new RotatedMatrix(matrix, rotation);
    }

    /** Measures the read bandwidth of memory with all threads, in bytes per second; takes a fraction of a second. */
    public double readBandwidth() {
        return ReadBandwidth.measure(kernels.rows(), pool);
    }

    /** Sets an observer of all products; it must be set before the first one. */
    public void observe(ProductObserver products) {
        observer = products;
    }

    @Nullable ProductObserver observer() {
        return observer;
    }

    /** Sets what the following products belong to, for a profile. */
    public void productsOf(Operation operation) {
        productsOperation = operation;
    }

    Operation productsOperation() {
        return productsOperation;
    }

    boolean isCounting() {
        return counters != null;
    }

    /** The counters of the profile, or null. */
    public @Nullable Counters counters() {
        return counters;
    }

    /** Begins an operation; the result is passed to {@link #end}. */
    long begin() {
        return counters == null ? 0 : System.nanoTime();
    }

    void end(Operation operation, long begun) {
        end(operation, begun, 0, 0);
    }

    /** Ends an operation that has read and written that many bytes of memory. */
    void end(Operation operation, long begun, long read, long written) {
        if (counters != null) {
            counters.add(operation, begun, read, written);
        }
    }

    /** Runs the tasks of an operation: a single one on this thread, others in the pool. */
    void run(int tasks, WorkerPool.Task task) {
        WorkerPool.Task counted = counted(task);
        if (tasks == 1) {
            counted.run(0);
        } else {
            pool.run(tasks, counted);
        }
    }

    /** The same task, with its time counted if there is a profile. */
    WorkerPool.Task counted(WorkerPool.Task task) {
        return counters == null ? task : counters.timed(task);
    }

    /** Products of the first {@code tokens} rows of {@code x}, to be added and then run. */
    public Products products(Activations x, int tokens) {
        return products.take().of(x, tokens);
    }

    void giveBack(Products used) {
        products.give(used);
    }

    Kernels kernels() {
        return kernels;
    }

    WorkerPool pool() {
        return pool;
    }

    // For a single token, whose work is not divided, none of these methods creates a task object.

    void quantize(Activations x, int tokens) {
        long begun = begin();
        int tasks = tasks(tokens, x.width());
        if (tasks == 1) {
            kernels.matrix().quantize(x, 0, tokens);
        } else {
            overTokens(tasks, tokens, (from, to) -> kernels.matrix().quantize(x, from, to));
        }
        end(Operation.QUANTIZATION, begun);
    }

    /** Writes rotated rows to {@code y}; see {@link InputRotation}. */
    void rotate(Activations x, InputRotation rotation, Activations y, int tokens) {
        long begun = begin();
        int tasks = tasks(tokens, x.width());
        if (tasks == 1) {
            rotate(x, rotation, y, 0, tokens);
        } else {
            overTokens(tasks, tokens, (from, to) -> rotate(x, rotation, y, from, to));
        }
        end(Operation.QUANTIZATION, begun);
    }

    private void rotate(Activations x, InputRotation rotation, Activations y, int from, int to) {
        for (int row = from; row < to; row++) {
            long at = (long) row * x.width();
            rotation.arrange(x.floats(), at, y.floats(), at);
        }
        kernels.rows().hadamard(y, rotation.blockSize(), from, to);
    }

    public void rmsNorm(Activations x, MemorySegment weight, float eps, Activations y, int tokens) {
        long begun = begin();
        int tasks = tasks(tokens, x.width());
        if (tasks == 1) {
            kernels.rows().rmsNorm(x, weight, eps, y, 0, tokens);
        } else {
            overTokens(tasks, tokens, (from, to) -> kernels.rows().rmsNorm(x, weight, eps, y, from, to));
        }
        end(Operation.NORMS, begun);
    }

    /** See {@link RowKernel#layerNorm}. */
    public void layerNorm(Activations x, MemorySegment weight, MemorySegment bias, float eps, Activations y, int rows) {
        overRows(
                rows,
                x.width(),
                Operation.NORMS,
                (from, to) -> kernels.rows().layerNorm(x, weight, bias, eps, y, from, to));
    }

    /** See {@link RowKernel#addBias}. */
    public void addBias(Activations x, MemorySegment bias, int rows) {
        overRows(rows, x.width(), Operation.ROWS, (from, to) -> kernels.rows().addBias(x, bias, from, to));
    }

    /** See {@link RowKernel#addBiased}. */
    public void addBiased(Activations x, Activations y, MemorySegment bias, int rows) {
        overRows(rows, x.width(), Operation.ROWS, (from, to) -> kernels.rows().addBiased(x, y, bias, from, to));
    }

    /** See {@link RowKernel#geluTanh}. */
    public void geluTanh(Activations x, MemorySegment bias, int rows) {
        overRows(rows, x.width(), Operation.ROWS, (from, to) -> kernels.rows().geluTanh(x, bias, from, to));
    }

    /** See {@link RowKernel#geluErf}. */
    public void geluErf(Activations x, MemorySegment bias, int rows) {
        overRows(rows, x.width(), Operation.ROWS, (from, to) -> kernels.rows().geluErf(x, bias, from, to));
    }

    public void siluTimes(Activations gate, Activations up, int tokens) {
        long begun = begin();
        int tasks = tasks(tokens, gate.width());
        if (tasks == 1) {
            kernels.rows().siluTimes(gate, up, 0, tokens);
        } else {
            overTokens(tasks, tokens, (from, to) -> kernels.rows().siluTimes(gate, up, from, to));
        }
        end(Operation.ROWS, begun);
    }

    public void add(Activations x, Activations y, int tokens) {
        long begun = begin();
        int tasks = tasks(tokens, x.width());
        if (tasks == 1) {
            kernels.rows().add(x, y, 0, tokens);
        } else {
            overTokens(tasks, tokens, (from, to) -> kernels.rows().add(x, y, from, to));
        }
        end(Operation.ROWS, begun);
    }

    /**
     * Attention over rows of these buffers, at most as many as the buffers hold; see {@link AttentionCall}.
     *
     * @param arena owns the working memory of attention
     */
    public AttentionWork attention(
            AttentionShape shape,
            Activations queries,
            Activations keys,
            Activations values,
            Rotation rotation,
            Activations out,
            Arena arena) {
        return new AttentionWork(this, () -> new AttentionCall(shape, queries, keys, values, rotation, out), arena);
    }

    /**
     * Gated DeltaNet over rows of these buffers, at most as many as the buffers hold.
     *
     * @param u inputs of the convolution, [rows, channels]
     * @param y its outputs, [rows, channels]
     * @param a inputs of the decays, [rows, decayWidth]; replaced by the decays
     * @param b inputs of the strengths, [rows, valueHeads]; replaced by the strengths
     * @param out [rows, valueHeads * valueDim]
     */
    public DeltaWork delta(
            DeltaShape shape, Activations u, Activations y, Activations a, Activations b, Activations out) {
        return new DeltaWork(this, shape, u, y, a, b, out);
    }

    /** See {@link DeltaKernel#gatedNorm}. */
    public void gatedNorm(
            DeltaShape shape, Activations o, Activations z, MemorySegment weight, float eps, Gate gate, int tokens) {
        long begun = begin();
        int tasks = tasks(tokens, o.width());
        if (tasks == 1) {
            kernels.delta().gatedNorm(shape, o, z, weight, eps, gate, 0, tokens);
        } else {
            overTokens(
                    tasks, tokens, (from, to) -> kernels.delta().gatedNorm(shape, o, z, weight, eps, gate, from, to));
        }
        end(Operation.NORMS, begun);
    }

    /** A step on rows {@code from} to {@code to - 1}. */
    @FunctionalInterface
    public interface RowRange {
        void run(int from, int to);
    }

    /**
     * Runs a step on rows 0 to {@code rows - 1}, divided among threads.
     *
     * @param width numbers per row, which determine the number of tasks
     */
    public void overRows(int rows, int width, RowRange range) {
        overRows(rows, width, Operation.ROWS, range);
    }

    private void overRows(int rows, int width, Operation operation, RowRange range) {
        long begun = begin();
        int tasks = tasks(rows, width);
        if (tasks == 1) {
            range.run(0, rows);
        } else {
            overTokens(tasks, rows, range);
        }
        end(operation, begun);
    }

    /** The number of tasks into which the rows of a number of tokens are divided. */
    private int tasks(int tokens, int width) {
        return Math.clamp(
                (long) tokens * width / MIN_TASK_ELEMENTS, 1, Math.min(tokens, pool.threads() * TASKS_PER_THREAD));
    }

    private void overTokens(int tasks, int tokens, RowRange range) {
        run(tasks, task -> range.run((int) ((long) task * tokens / tasks), (int) ((long) (task + 1) * tokens / tasks)));
    }
}
