package kawi.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import kawi.kernels.RowKernel;

/**
 * Measures work relative to a reference, so that the result depends neither on the clock rate nor on what else the
 * machine does.
 *
 * <pre>
 *    reference    the sum of memory in the second-level cache, in machine code of the same instruction set
 *    speed        time of the reference / time of the work, of slices that alternate
 * </pre>
 *
 * <p>Time is that of the processor, so that a slice that is interrupted by another process is not longer. What disturbs
 * a slice nevertheless (caches, memory and the execution units that processors share) makes it longer, never shorter,
 * so the result is the ratio of the shortest slices.
 */
final class Stopwatch {

    /** The memory of the reference: more than the first-level cache holds, less than the second. */
    private static final int REFERENCE_BYTES = 256 << 10;

    private static final int REFERENCE_PASSES = 200;

    private static final long SLICE_NANOS = 1_000_000;

    private static final int MIN_SLICES = 3;
    private static final int MAX_SLICES = 100;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final RowKernel kernel;
    private final MemorySegment memory;
    private final long budgetNanos;

    /** Keeps the sums, so that they are computed. */
    private int sum;

    /**
     * @param kernel sums the memory
     * @param budgetNanos the time of a measurement, without the warm-up
     */
    Stopwatch(RowKernel kernel, Arena arena, long budgetNanos) {
        this.kernel = kernel;
        this.memory = arena.allocate(REFERENCE_BYTES, 64);
        this.budgetNanos = budgetNanos;
        for (int slice = 0; slice < MAX_SLICES; slice++) {
            reference();
        }
    }

    /**
     * Returns the speed of the work: how often it is done while the reference is done once.
     *
     * @param warmUpNanos the time for which it is run first
     */
    double speed(Runnable work, long warmUpNanos) {
        long begun = now();
        do {
            work.run();
        } while (now() - begun < warmUpNanos);
        int perSlice = 1;
        long slice = time(work, perSlice);
        while (slice < SLICE_NANOS) {
            perSlice *= 2;
            slice = time(work, perSlice);
        }
        int slices = Math.clamp(budgetNanos / slice, MIN_SLICES, MAX_SLICES);
        long[] references = new long[slices];
        long[] works = new long[slices];
        for (int i = 0; i < slices; i++) {
            references[i] = reference();
            works[i] = time(work, perSlice);
        }
        Arrays.sort(references);
        Arrays.sort(works);
        return (double) references[0] / REFERENCE_PASSES * perSlice / works[0];
    }

    private long reference() {
        long begun = now();
        for (int i = 0; i < REFERENCE_PASSES; i++) {
            sum += kernel.sum(memory, 0, REFERENCE_BYTES);
        }
        return now() - begun;
    }

    private static long time(Runnable work, int calls) {
        long begun = now();
        for (int i = 0; i < calls; i++) {
            work.run();
        }
        return now() - begun;
    }

    private static long now() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    @Override
    public String toString() {
        return "sum " + sum;
    }
}
