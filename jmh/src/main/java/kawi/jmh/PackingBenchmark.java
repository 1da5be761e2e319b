package kawi.jmh;

import java.lang.foreign.Arena;
import kawi.compute.Compute;
import kawi.kernels.PackedMatrix;
import kawi.quant.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Packing weights of shape 3584 x 1024 into the layout of a tier, as when a model is loaded, including the allocation
 * of memory.
 */
public class PackingBenchmark extends KernelBenchmark {

    private static final int ROWS = 3584;
    private static final int COLUMNS = 1024;

    @Param({"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
    public String format = "Q4_0";

    private Compute compute;
    private Tensor tensor;

    @Setup
    public void draw() {
        compute = compute();
        tensor = weights(format, ROWS, COLUMNS);
    }

    @Benchmark
    public PackedMatrix pack(PackingWork work) {
        try (Arena packed = Arena.ofShared()) {
            work.packedBytes += tensor.bytes();
            return compute.pack(tensor, packed);
        }
    }
}
