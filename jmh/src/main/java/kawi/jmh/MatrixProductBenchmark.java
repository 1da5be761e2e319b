package kawi.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kawi.kernels.Activations;
import kawi.kernels.MatrixKernel;
import kawi.kernels.PackedMatrix;
import kawi.kernels.ScalarMatrixKernel;
import kawi.kernels.VectorMatrixKernel;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The matrix product on one thread: 3584 x 1024 weights, the shape of a small model's feed-forward layer, with one token as in
 * decoding and 32 as in prefill. An operation is one multiply-add of one token, so {@code ops/ns} times tokens is G
 * multiply-adds per second.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class MatrixProductBenchmark {

    private static final int ROWS = 3584;
    private static final int COLUMNS = 1024;

    @Param({"scalar", "vector"})
    String tier = "vector";

    @Param({"Q4_0", "Q8_0", "Q4_K", "BF16", "F32"})
    String format = "Q4_0";

    @Param({"1", "32"})
    int tokens = 1;

    private Arena arena;
    private MatrixKernel kernel;
    private PackedMatrix weights;
    private Activations x;
    private Activations y;

    @Setup
    public void pack() {
        Random random = new Random(1);
        arena = Arena.ofConfined();
        WeightFormat weightFormat = WeightFormats.byName(format);
        float[] row = new float[COLUMNS];
        MemorySegment data = arena.allocate(weightFormat.bytes((long) ROWS * COLUMNS), 64);
        for (int r = 0; r < ROWS; r++) {
            for (int k = 0; k < COLUMNS; k++) {
                row[k] = (float) random.nextGaussian() * 0.05f;
            }
            weightFormat.encode(row, 0, COLUMNS, data, r * weightFormat.bytes(COLUMNS));
        }
        x = Activations.allocate(arena, tokens, COLUMNS);
        y = Activations.allocate(arena, tokens, ROWS);
        for (int t = 0; t < tokens; t++) {
            for (int k = 0; k < COLUMNS; k++) {
                x.set(t, k, (float) random.nextGaussian());
            }
        }
        kernel = tier.equals("scalar") ? new ScalarMatrixKernel() : new VectorMatrixKernel();
        try (WorkerPool pool = new WorkerPool(1)) {
            weights = kernel.pack(new Tensor(format, weightFormat, ROWS, COLUMNS, data), arena, pool);
        }
    }

    @TearDown
    public void release() {
        arena.close();
    }

    /** Includes bringing the activations into int8, as every layer has to. */
    @Benchmark
    @OperationsPerInvocation(ROWS * COLUMNS)
    public float multiply() {
        kernel.quantize(x, 0, tokens);
        kernel.multiply(weights, x, tokens, y, 0, weights.groups());
        return y.get(0, 0);
    }
}
