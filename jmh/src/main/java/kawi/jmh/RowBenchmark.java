package kawi.jmh;

import java.lang.foreign.MemorySegment;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.MatrixKernel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The operations on rows of activations between the products, with the widths of the 0.8B model. */
public class RowBenchmark extends KernelBenchmark {

    private static final int HIDDEN = 1024;
    private static final int INTERMEDIATE = 3584;

    @Param({"1", "64"})
    public int tokens = 1;

    private Compute compute;
    private MatrixKernel quantizing;
    private Activations x;
    private Activations y;
    private Activations gate;
    private Activations up;
    private MemorySegment norm;

    @Setup
    public void draw() {
        compute = compute();
        quantizing = kernels().matrix();
        x = normal(tokens, HIDDEN);
        y = Activations.allocate(arena, tokens, HIDDEN);
        norm = uniform(HIDDEN, 0.9, 1.1);
        // silu(gate) * up = gate, so repeated calls do not change the data, and for negative gates rounding errors do
        // not accumulate.
        gate = filled(tokens, INTERMEDIATE, () -> nextDouble(-1.5, -0.5));
        up = Activations.allocate(arena, tokens, INTERMEDIATE);
        for (int t = 0; t < tokens; t++) {
            for (int k = 0; k < INTERMEDIATE; k++) {
                up.set(t, k, (float) (1 + Math.exp(-gate.get(t, k))));
            }
        }
    }

    @Benchmark
    public Activations quantize() {
        quantizing.quantize(x, 0, tokens);
        return x;
    }

    @Benchmark
    public Activations rmsNorm() {
        compute.rmsNorm(x, norm, 1e-6f, y, tokens);
        return y;
    }

    @Benchmark
    public Activations siluTimes() {
        compute.siluTimes(gate, up, tokens);
        return gate;
    }
}
