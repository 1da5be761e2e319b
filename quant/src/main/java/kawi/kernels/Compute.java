package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.quant.Tensor;

/**
 * A tier's kernels spread over a model's threads: each method is one step of a layer for {@code tokens} rows. Work is divided over
 * rows of weights, tokens, heads or channels, never inside a sum, so the number of threads cannot change a bit of any result.
 */
public final class Compute {

    /** Enough tasks per thread that a late thread does not leave the others waiting long. */
    private static final int TASKS_PER_THREAD = 4;

    /** Below this many bytes of weights, another task costs more than it saves. */
    private static final long SMALLEST_SLICE = 16 << 10;

    /** Value channels per task of the delta rule: the state of a tile, 128 x 64 floats, stays in a core's first-level cache. */
    private static final int RECURRENCE_CHANNELS = 64;

    private final Kernels kernels;
    private final WorkerPool pool;

    public Compute(Kernels kernels, WorkerPool pool) {
        this.kernels = kernels;
        this.pool = pool;
    }

    /** The tier in use. */
    public KernelTier tier() {
        return kernels.tier();
    }

    /** A matrix and where its product goes. */
    public record Product(PackedMatrix weight, Activations out) {}

    /** Brings a weight matrix into the tier's layout. */
    public PackedMatrix pack(Tensor tensor, Arena arena) {
        return kernels.matrix().pack(tensor, arena, pool);
    }

    /** Multiplies {@code x} with several matrices: {@code out = x W^T} for each. */
    public void multiply(Activations x, int tokens, Product... products) {
        long bytes = 0;
        boolean quantized = false;
        for (Product product : products) {
            bytes += product.weight().bytes();
            quantized |= product.weight().quantized();
        }
        if (quantized) {
            overTokens(tokens, x.width(), (from, to) -> kernels.matrix().quantize(x, from, to));
        }
        long slice = Math.max(SMALLEST_SLICE, bytes / ((long) pool.threads() * TASKS_PER_THREAD));
        int[] firstTask = new int[products.length + 1];
        for (int p = 0; p < products.length; p++) {
            PackedMatrix weight = products[p].weight();
            long tasks = Math.max(1, Math.min(weight.groups(), weight.bytes() / slice));
            firstTask[p + 1] = firstTask[p] + (int) tasks;
        }
        pool.run(firstTask[products.length], task -> {
            int p = 0;
            while (task >= firstTask[p + 1]) {
                p++;
            }
            PackedMatrix weight = products[p].weight();
            int part = task - firstTask[p];
            int parts = firstTask[p + 1] - firstTask[p];
            int from = (int) ((long) part * weight.groups() / parts);
            int to = (int) ((part + 1L) * weight.groups() / parts);
            kernels.matrix().multiply(weight, x, tokens, products[p].out(), from, to);
        });
    }

    public void rmsNorm(Activations x, MemorySegment weight, float eps, Activations y, int tokens) {
        overTokens(tokens, x.width(), (from, to) -> kernels.rows().rmsNorm(x, weight, eps, y, from, to));
    }

    public void siluTimes(Activations gate, Activations up, int tokens) {
        overTokens(tokens, gate.width(), (from, to) -> kernels.rows().siluTimes(gate, up, from, to));
    }

    public void add(Activations x, Activations y, int tokens) {
        overTokens(tokens, x.width(), (from, to) -> kernels.rows().add(x, y, from, to));
    }

    /** See {@link AttentionKernel#prepare}. */
    public void prepareAttention(
            AttentionShape shape,
            Activations queryGate,
            Activations keys,
            Activations values,
            MemorySegment queryNorm,
            MemorySegment keyNorm,
            float eps,
            Rotation rotation,
            KvPages kv,
            int position,
            int tokens) {
        overTokens(
                tokens,
                queryGate.width(),
                (from, to) -> kernels.attention()
                        .prepare(
                                shape, queryGate, keys, values, queryNorm, keyNorm, eps, rotation, kv, position, from,
                                to));
    }

    /**
     * Attends with all heads; see {@link AttentionKernel#attend}.
     *
     * @param scratch {@link AttentionKernel#scratchFloats} floats for each head
     */
    public void attend(
            AttentionShape shape,
            Activations queryGate,
            KvPages kv,
            int position,
            int tokens,
            MemorySegment scratch,
            Activations out) {
        long scratchBytes = (long) AttentionKernel.scratchFloats(shape) * Float.BYTES;
        pool.run(
                shape.heads(),
                head -> kernels.attention()
                        .attend(
                                shape,
                                queryGate,
                                kv,
                                position,
                                head,
                                0,
                                tokens,
                                scratch.asSlice(head * scratchBytes, scratchBytes),
                                out));
    }

    /** See {@link DeltaKernel#convolve}. */
    public void convolve(
            DeltaShape shape, Activations u, MemorySegment weight, MemorySegment history, int tokens, Activations y) {
        int channels = shape.channels();
        int tasks = Math.clamp((long) channels * tokens / 4096, 1, pool.threads() * TASKS_PER_THREAD);
        pool.run(tasks, task -> {
            int from = (int) ((long) task * channels / tasks) & -16;
            int to = task + 1 == tasks ? channels : (int) ((long) (task + 1) * channels / tasks) & -16;
            kernels.delta().convolve(shape, u, weight, history, tokens, from, to, y);
        });
    }

    /** See {@link DeltaKernel#prepare}. */
    public void prepareDelta(
            DeltaShape shape,
            Activations y,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int tokens) {
        overTokens(tokens, y.width(), (from, to) -> kernels.delta().prepare(shape, y, a, b, rate, dtBias, from, to));
    }

    /** See {@link DeltaKernel#recur}; all value heads. */
    public void recur(
            DeltaShape shape,
            Activations y,
            Activations decay,
            Activations beta,
            MemorySegment recurrent,
            int tokens,
            Activations out) {
        int parts = Math.max(1, shape.valueDim() / RECURRENCE_CHANNELS);
        pool.run(shape.valueHeads() * parts, task -> {
            int head = task / parts;
            int part = task % parts;
            int from = part * RECURRENCE_CHANNELS;
            int to = part + 1 == parts ? shape.valueDim() : from + RECURRENCE_CHANNELS;
            kernels.delta().recur(shape, y, decay, beta, recurrent, head, from, to, tokens, out);
        });
    }

    /** See {@link DeltaKernel#gatedNorm}. */
    public void gatedNorm(DeltaShape shape, Activations o, Activations z, MemorySegment weight, float eps, int tokens) {
        overTokens(tokens, o.width(), (from, to) -> kernels.delta().gatedNorm(shape, o, z, weight, eps, from, to));
    }

    @FunctionalInterface
    private interface TokenRange {
        void run(int from, int to);
    }

    /** Divides tokens among threads, if there is enough work in them to be worth waking anyone. */
    private void overTokens(int tokens, int width, TokenRange range) {
        int tasks = Math.clamp((long) tokens * width / 8192, 1, Math.min(tokens, pool.threads() * TASKS_PER_THREAD));
        if (tasks == 1) {
            range.run(0, tokens);
        } else {
            pool.run(
                    tasks,
                    task -> range.run(
                            (int) ((long) task * tokens / tasks), (int) ((long) (task + 1) * tokens / tasks)));
        }
    }
}
