package kawi.jmh;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.FloatMath;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The operations on rows of patches between the products, with the widths of the 0.8B model's vision part. */
public class VisionRowBenchmark extends KernelBenchmark {

    private static final int HIDDEN = 768;
    private static final int INTERMEDIATE = 3072;

    @Param({"64"})
    public int tokens = 64;

    private Compute compute;
    private Activations x;
    private Activations y;
    private MemorySegment weight;
    private MemorySegment noBias;
    private Activations inner;
    private MemorySegment bias;

    @Setup
    public void draw() {
        compute = compute();
        x = normal(tokens, HIDDEN);
        y = Activations.allocate(arena, tokens, HIDDEN);
        weight = uniform(HIDDEN, 0.9, 1.1);
        noBias = arena.allocate(JAVA_FLOAT, HIDDEN);
        // gelu(inner + bias) = inner, so repeated calls do not change the data, and below 0.6 the slope of GELU is
        // less than 1, so rounding errors do not accumulate.
        MemorySegment sums = uniform(INTERMEDIATE, 0.1, 0.6);
        bias = arena.allocate(JAVA_FLOAT, INTERMEDIATE);
        inner = Activations.allocate(arena, tokens, INTERMEDIATE);
        for (int k = 0; k < INTERMEDIATE; k++) {
            float sum = sums.getAtIndex(JAVA_FLOAT, k);
            bias.setAtIndex(JAVA_FLOAT, k, sum - FloatMath.geluTanh(sum));
            for (int t = 0; t < tokens; t++) {
                inner.set(t, k, FloatMath.geluTanh(sum));
            }
        }
    }

    @Benchmark
    public Activations layerNorm() {
        compute.layerNorm(x, weight, noBias, 1e-6f, y, tokens);
        return y;
    }

    @Benchmark
    public Activations addBiased() {
        compute.addBiased(x, y, noBias, tokens); // y is zero
        return x;
    }

    @Benchmark
    public Activations geluTanh() {
        compute.geluTanh(inner, bias, tokens);
        return inner;
    }

    @Benchmark
    public Activations geluErf() {
        compute.geluErf(inner, bias, tokens);
        return inner;
    }
}
