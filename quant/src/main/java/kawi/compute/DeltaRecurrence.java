package kawi.compute;

import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.WorkerPool;

/**
 * The delta rule over certain rows of activations, divided among threads by value heads and tiles of value channels. Made once for the rows
 * and run for every layer and chunk, because a step of decoding must not make garbage.
 */
public final class DeltaRecurrence implements WorkerPool.Task {

    /** Value channels per task: the state of a tile, 128 x 64 floats, stays in a core's first-level cache. */
    private static final int CHANNELS = 64;

    private final DeltaKernel kernel;
    private final WorkerPool pool;
    private final DeltaShape shape;
    private final Activations y;
    private final Activations decay;
    private final Activations beta;
    private final Activations out;
    private final int parts;
    private MemorySegment recurrent = MemorySegment.NULL;
    private int tokens;

    DeltaRecurrence(
            DeltaKernel kernel,
            WorkerPool pool,
            DeltaShape shape,
            Activations y,
            Activations decay,
            Activations beta,
            Activations out) {
        this.kernel = kernel;
        this.pool = pool;
        this.shape = shape;
        this.y = y;
        this.decay = decay;
        this.beta = beta;
        this.out = out;
        this.parts = Math.max(1, shape.valueDim() / CHANNELS);
    }

    /** Runs all value heads over tokens 0 to {@code tokens - 1}; see {@link DeltaKernel#recur}. */
    public void run(MemorySegment recurrent, int tokens) {
        this.recurrent = recurrent;
        this.tokens = tokens;
        pool.run(shape.valueHeads() * parts, this);
    }

    @Override
    public void run(int task) {
        int part = task % parts;
        int from = part * CHANNELS;
        int to = part + 1 == parts ? shape.valueDim() : from + CHANNELS;
        kernel.recur(shape, y, decay, beta, recurrent, task / parts, from, to, tokens, out);
    }
}
