package kawi.kernels.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import kawi.kernels.WorkerPool;
import kawi.kernels.vector.VectorMatrix.Scales;
import kawi.kernels.vector.VectorMatrix.Weights;
import kawi.quant.FloatFormat;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;

/**
 * Converts a tensor to the layout of {@link VectorMatrix}, group by group, in parallel.
 *
 * <p>The compact forms are tried first. Two conditions, which are detected only during packing, rule them out: scales
 * that are not of the form that the format's block size suggests, and F16 weights that are infinite or NaN, which the
 * kernel's fast conversion does not support. Regular files have neither; a tensor that does is packed a second time,
 * into a form that represents all values.
 */
final class VectorPacking {

    /** Tasks per thread, each with its own scratch space. */
    private static final int TASKS_PER_THREAD = 4;

    private static final int MAX_NIBBLE = 15;
    private static final int NIBBLE_OFFSET = 8;

    private VectorPacking() {}

    static VectorMatrix pack(Tensor tensor, Arena arena, WorkerPool pool) {
        return switch (tensor.format()) {
            case QuantizedFormat format -> packQuantized(tensor, format, arena, pool);
            case FloatFormat format -> packFloats(tensor, format, arena, pool);
        };
    }

    private static VectorMatrix allocate(
            Tensor tensor, Weights weights, int run, Scales scales, boolean minimums, Arena arena) {
        VectorMatrix sizes = new VectorMatrix(
                tensor.name(), tensor.rows(), tensor.columns(), weights, run, scales, minimums, MemorySegment.NULL);
        return new VectorMatrix(
                tensor.name(),
                tensor.rows(),
                tensor.columns(),
                weights,
                run,
                scales,
                minimums,
                arena.allocate(sizes.bytes(), VectorWidth.BYTES));
    }

    /** Divides the groups among the threads; every task has its own {@code scratch}. */
    private static void forGroups(VectorMatrix w, WorkerPool pool, Supplier<IntConsumer> scratch) {
        int groups = w.groups();
        int tasks = Math.min(groups, pool.threads() * TASKS_PER_THREAD);
        pool.run(tasks, task -> {
            IntConsumer packGroup = scratch.get();
            int to = (int) ((task + 1L) * groups / tasks);
            for (int group = (int) ((long) task * groups / tasks); group < to; group++) {
                packGroup.accept(group);
            }
        });
    }

    private static VectorMatrix packFloats(Tensor tensor, FloatFormat format, Arena arena, WorkerPool pool) {
        Weights weights = switch (format.name()) {
            case "BF16" -> Weights.BF16;
            case "F16" -> Weights.F16;
            default -> Weights.F32;
        };
        VectorMatrix w = allocate(tensor, weights, 0, Scales.PLAIN, false, arena);
        AtomicBoolean fits = new AtomicBoolean(true);
        forGroups(w, pool, () -> new VectorFloatPacking(tensor, w, fits));
        if (fits.get()) {
            return w;
        }
        VectorMatrix plain = allocate(tensor, Weights.F32, 0, Scales.PLAIN, false, arena);
        forGroups(plain, pool, () -> new VectorFloatPacking(tensor, plain, fits));
        return plain;
    }

    private static VectorMatrix packQuantized(Tensor tensor, QuantizedFormat format, Arena arena, WorkerPool pool) {
        boolean minimums = format.hasMinimum();
        int largest = format.largestQuant();
        boolean nibbles = largest <= (minimums ? MAX_NIBBLE : NIBBLE_OFFSET);
        Weights weights = nibbles ? Weights.NIBBLES : Weights.BYTES;
        Scales scales = format.blockSize() == VectorMatrix.FACTOR_RUN ? Scales.FACTORED : Scales.HALF;
        VectorMatrix w = allocate(tensor, weights, format.scaleRun(), scales, minimums, arena);
        AtomicBoolean fits = new AtomicBoolean(true);
        forGroups(w, pool, () -> new VectorQuantPacking(tensor, format, w, fits));
        if (fits.get()) {
            return w;
        }
        VectorMatrix plain = allocate(tensor, weights, format.scaleRun(), Scales.PLAIN, minimums, arena);
        forGroups(plain, pool, () -> new VectorQuantPacking(tensor, format, plain, fits));
        return plain;
    }

    /** Two 16-bit lanes as one int. */
    static int pair(int low, int high) {
        return (low & 0xffff) | (high << 16);
    }

    /** Copies {@code words} to byte {@code at} of a group. */
    static void copy(int[] words, VectorMatrix w, int group, long at) {
        MemorySegment.copy(words, 0, w.data(), ValueLayout.JAVA_INT, group * w.groupBytes() + at, words.length);
    }
}
