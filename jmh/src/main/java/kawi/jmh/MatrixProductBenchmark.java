package kawi.jmh;

import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.PackedMatrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * The matrix product: 3584 x 1024 weights, the shape of the 0.8B model's feed-forward layers, with one token as in
 * decoding and 64 as in prefill. Includes bringing the activations into int8, as every layer has to.
 */
public class MatrixProductBenchmark extends KernelBenchmark {

    private static final int ROWS = 3584;
    private static final int COLUMNS = 1024;

    @Param({"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
    public String format = "Q4_0";

    @Param({"1", "64"})
    public int tokens = 1;

    private Compute compute;
    private Activations x;
    private Activations y;
    private PackedMatrix weights;

    @Setup
    public void pack() {
        compute = compute();
        x = normal(tokens, COLUMNS);
        weights = compute.pack(weights(format, ROWS, COLUMNS), arena);
        y = Activations.outputs(arena, tokens, ROWS);
    }

    @Benchmark
    public Activations multiply(ProductWork work) {
        compute.products(x, tokens).with(weights, y).run();
        work.multiplyAdds += (long) ROWS * COLUMNS * tokens;
        work.weightBytes += weights.bytes();
        return y;
    }
}
