package kawi.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.Kernels;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What benchmarks of kernels have in common: the tier as a parameter, one thread, data that is the same in every tier,
 * and throughput per second. They call {@link Compute}, as a model does, so a figure includes what a step of a layer
 * costs beside its kernel.
 *
 * <p>Steps that write over their input are given numbers that stay where they are: nothing may drift into subnormals or
 * infinities, which take another time than numbers do.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsPrepend = {Tiers.VECTOR_FLAG, Tiers.NATIVE_FLAG})
@State(Scope.Thread)
public abstract class KernelBenchmark {

    @Param({"scalar", "vector", "assembled"})
    public String tier = "scalar";

    final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(1);
    private final WorkerPool pool = new WorkerPool(1);

    @TearDown
    public void release() {
        pool.close();
        arena.close();
    }

    /**
     * The kernels of the tier that is measured.
     *
     * @throws UnsupportedOperationException if it cannot be had here
     */
    final Kernels kernels() {
        return Tiers.kernels(tier, arena);
    }

    /** The steps of a layer on one thread. */
    final Compute compute() {
        return new Compute(kernels(), pool);
    }

    /** Rows of normally distributed numbers. */
    final Activations normal(int rows, int width) {
        return filled(rows, width, random::nextGaussian);
    }

    final Activations filled(int rows, int width, DoubleSupplier number) {
        Activations x = Activations.allocate(arena, rows, width);
        for (int t = 0; t < rows; t++) {
            for (int k = 0; k < width; k++) {
                x.set(t, k, (float) number.getAsDouble());
            }
        }
        return x;
    }

    /** A vector of ones: the weight of a norm that is applied to its own output again and again. */
    final MemorySegment ones(int size) {
        MemorySegment vector = arena.allocate((long) size * Float.BYTES, 64);
        for (int i = 0; i < size; i++) {
            vector.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
        }
        return vector;
    }

    /** A vector of numbers uniform in {@code [low, high)}. */
    final MemorySegment uniform(int size, double low, double high) {
        MemorySegment vector = arena.allocate((long) size * Float.BYTES, 64);
        for (int i = 0; i < size; i++) {
            vector.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(low, high));
        }
        return vector;
    }

    /** Normally distributed weights; they repeat after some rows, because quantizing them all would take long. */
    final Tensor weights(String formatName, int rows, int columns) {
        WeightFormat format = WeightFormats.byName(formatName);
        int drawn = Math.min(rows, 64);
        long rowBytes = format.bytes(columns);
        MemorySegment data = arena.allocate(rows * rowBytes, 64);
        float[] row = new float[columns];
        for (int r = 0; r < drawn; r++) {
            for (int k = 0; k < columns; k++) {
                row[k] = (float) random.nextGaussian(0, 0.05);
            }
            format.encode(row, 0, columns, data, r * rowBytes);
        }
        for (int r = drawn; r < rows; r++) {
            MemorySegment.copy(data, r % drawn * rowBytes, data, r * rowBytes, rowBytes);
        }
        return new Tensor(formatName, format, rows, columns, data);
    }

    final double nextDouble(double low, double high) {
        return random.nextDouble(low, high);
    }
}
