package kawi.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.kernels.RowKernel;
import kawi.kernels.WorkerPool;

/**
 * Measures the read bandwidth of memory with the threads of a pool: the upper bound of decoding, which reads every
 * weight once per token. The threads sum parts of a segment that is larger than the caches.
 *
 * <p>The result is that of the best of many short passes: what memory can do when nothing else disturbs it. In the
 * first ones the JVM compiles the loop, if it is not machine code.
 */
final class ReadBandwidth {

    private static final long BYTES = 512L << 20;
    private static final long PASS_BYTES = BYTES / 8;
    private static final int TASK_BYTES = 1 << 20;

    private static final int PASSES = 16;

    private final MemorySegment memory;
    private final RowKernel kernel;

    private ReadBandwidth(MemorySegment memory, RowKernel kernel) {
        this.memory = memory;
        this.kernel = kernel;
    }

    /** Returns the bandwidth in bytes per second. */
    static double measure(RowKernel kernel, WorkerPool pool) {
        try (Arena arena = Arena.ofShared()) {
            return new ReadBandwidth(arena.allocate(BYTES, 64), kernel).measure(pool);
        }
    }

    private double measure(WorkerPool pool) {
        long best = Long.MAX_VALUE;
        for (int pass = 0; pass < PASSES; pass++) {
            long from = pass * PASS_BYTES % BYTES;
            long begun = System.nanoTime();
            pool.run((int) (PASS_BYTES / TASK_BYTES), task -> read(from + (long) task * TASK_BYTES));
            best = Math.min(best, System.nanoTime() - begun);
        }
        return PASS_BYTES * 1e9 / best;
    }

    private void read(long from) {
        if (kernel.sum(memory, from, TASK_BYTES) != 0) {
            throw new IllegalStateException("the sum of zeros from byte %d on is not 0".formatted(from));
        }
    }
}
