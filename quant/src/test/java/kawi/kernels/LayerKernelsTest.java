package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.kernels.vector.VectorFunctions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernels between the matrix products: the vector tier against the scalar one, bit for bit, over awkward sizes and
 * values.
 */
class LayerKernelsTest {

    private static final float[] AWKWARD = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_NORMAL,
        88.7f,
        -88.7f,
        104f,
        -104f,
        -103.5f,
        1e30f,
        -1e30f,
        3.4e38f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        1e-30f,
        20f,
        20.001f
    };

    private final Arena arena = Arena.ofShared();
    private final PagePool statePages = new PagePool();
    private final SplittableRandom random = new SplittableRandom(42);

    @AfterEach
    void close() {
        arena.close();
        statePages.close();
    }

    private static Kernels vector() {
        assumeTrue(
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
                "the vector tier needs the module jdk.incubator.vector");
        return TierChoice.kernels(KernelTier.VECTOR, Arena.global());
    }

    private Activations rows(int rows, int width, double size) {
        Activations x = Activations.allocate(arena, rows, width);
        for (int i = 0; i < rows * width; i++) {
            x.floats().setAtIndex(JAVA_FLOAT, i, (float) ((random.nextDouble() * 2 - 1) * size));
        }
        return x;
    }

    private Activations copy(Activations x) {
        Activations copy = Activations.allocate(arena, x.capacity(), x.width());
        copy.floats().copyFrom(x.floats());
        return copy;
    }

    private MemorySegment floats(int n, double size) {
        return rows(1, n, size).floats();
    }

    private static void assertSame(MemorySegment expected, MemorySegment actual, String what) {
        assertEquals(expected.byteSize(), actual.byteSize());
        for (long i = 0; i < expected.byteSize() / Float.BYTES; i++) {
            float e = expected.getAtIndex(JAVA_FLOAT, i);
            float a = actual.getAtIndex(JAVA_FLOAT, i);
            if (Float.floatToIntBits(e) != Float.floatToIntBits(a)) {
                throw new AssertionError("%s: element %d is %s, expected %s".formatted(what, i, a, e));
            }
        }
    }

    @Test
    void sumsOfIntegersAreTheSame() {
        MemorySegment memory = arena.allocate(3L * RowKernel.SUMMED_BYTES, 64);
        int expected = 0;
        for (int i = 0; i < memory.byteSize() / Integer.BYTES; i++) {
            int number = random.nextInt();
            memory.setAtIndex(JAVA_INT, i, number);
            expected += number;
        }
        assertEquals(expected, new ScalarRowKernel().sum(memory, 0, memory.byteSize()));
        assertEquals(expected, vector().rows().sum(memory, 0, memory.byteSize()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 15, 16, 17, 31, 33, 64, 100, 255})
    void rowOperationsAreTheSame(int width) {
        RowKernel vector = vector().rows();
        RowKernel scalar = new ScalarRowKernel();
        for (double size : new double[] {1e-20, 1, 1000}) {
            Activations x = rows(3, width, size);
            Activations y = rows(3, width, size);
            MemorySegment weight = floats(width, 2);

            Activations byScalar = Activations.allocate(arena, 3, width);
            Activations byVector = Activations.allocate(arena, 3, width);
            scalar.rmsNorm(x, weight, 1e-6f, byScalar, 0, 3);
            vector.rmsNorm(x, weight, 1e-6f, byVector, 0, 3);
            assertSame(byScalar.floats(), byVector.floats(), "rmsNorm");

            Activations sumByScalar = copy(x);
            Activations sumByVector = copy(x);
            scalar.add(sumByScalar, y, 1, 3);
            vector.add(sumByVector, y, 1, 3);
            assertSame(sumByScalar.floats(), sumByVector.floats(), "add");

            Activations gateByScalar = copy(x);
            Activations gateByVector = copy(x);
            scalar.siluTimes(gateByScalar, y, 0, 2);
            vector.siluTimes(gateByVector, y, 0, 2);
            assertSame(gateByScalar.floats(), gateByVector.floats(), "siluTimes");

            for (int matrix = 1; width % matrix == 0; matrix *= 2) {
                Activations rotatedByScalar = copy(x);
                Activations rotatedByVector = copy(x);
                scalar.hadamard(rotatedByScalar, matrix, 1, 3);
                vector.hadamard(rotatedByVector, matrix, 1, 3);
                assertSame(rotatedByScalar.floats(), rotatedByVector.floats(), "hadamard of " + matrix);
            }

            MemorySegment bias = floats(width, size);
            scalar.layerNorm(x, weight, bias, 1e-6f, byScalar, 0, 3);
            vector.layerNorm(x, weight, bias, 1e-6f, byVector, 0, 3);
            assertSame(byScalar.floats(), byVector.floats(), "layerNorm");
            for (BiasedRows operation : BiasedRows.values()) {
                Activations expected = copy(x);
                Activations actual = copy(x);
                operation.run(scalar, expected, y, bias, 1, 3);
                operation.run(vector, actual, y, bias, 1, 3);
                assertSame(expected.floats(), actual.floats(), operation.toString());
            }
        }
    }

    @Test
    void functionsAreTheSameForEveryKindOfFloat() {
        vector();
        int n = 1 << 16;
        MemorySegment x = arena.allocate((long) n * Float.BYTES, 64);
        for (int i = 0; i < n; i++) {
            float value = i < AWKWARD.length ? AWKWARD[i] : Float.intBitsToFloat(random.nextInt());
            x.setAtIndex(JAVA_FLOAT, i, i % 2 == 0 ? value : (float) (random.nextDouble() * 220 - 110));
        }
        MemorySegment exp = arena.allocate(x.byteSize(), 64).copyFrom(x);
        VectorFunctions.exp(exp, 0, n, 0.5f);
        MemorySegment silu = arena.allocate(x.byteSize(), 64).copyFrom(x);
        VectorFunctions.timesSigmoid(silu, 0, silu, 0, n);
        for (int i = 0; i < n; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, i);
            assertEquals(
                    Float.floatToIntBits(FloatMath.exp(value - 0.5f)),
                    Float.floatToIntBits(exp.getAtIndex(JAVA_FLOAT, i)),
                    () -> "exp of " + (value - 0.5f));
            assertEquals(
                    Float.floatToIntBits(FloatMath.silu(value)),
                    Float.floatToIntBits(silu.getAtIndex(JAVA_FLOAT, i)),
                    () -> "silu of " + value);
        }
    }

    @Test
    void geluIsTheSameForEveryKindOfFloat() {
        RowKernel vector = vector().rows();
        int width = 1 << 12;
        Activations x = Activations.outputs(arena, 1, width);
        for (int i = 0; i < width; i++) {
            float value = i < AWKWARD.length ? AWKWARD[i] : Float.intBitsToFloat(random.nextInt());
            x.set(0, i, i % 2 == 0 ? value : (float) (random.nextDouble() * 20 - 10));
        }
        MemorySegment bias = arena.allocate((long) width * Float.BYTES, 64);
        for (BiasedRows operation : BiasedRows.values()) {
            Activations expected = copy(x);
            Activations actual = copy(x);
            operation.run(new ScalarRowKernel(), expected, x, bias, 0, 1);
            operation.run(vector, actual, x, bias, 0, 1);
            assertSame(expected.floats(), actual.floats(), operation.toString());
        }
    }

    /** Compared with {@code tanh} of Java and, for erf, with numeric integration of the normal density. */
    @Test
    void geluIsAccurate() {
        double cumulative = 0;
        double step = 1e-4;
        for (int i = 1; i <= 80_000; i++) {
            double x = i * step;
            cumulative += (density(x - step) + 4 * density(x - step / 2) + density(x)) * step / 6;
            double exact = x * (0.5 + cumulative);
            assertEquals(exact, FloatMath.geluErf((float) x), 1e-7 * (1 + 2 * x), () -> "erf at " + x);
            double mirrored = -x * (0.5 - cumulative);
            assertEquals(mirrored, FloatMath.geluErf((float) -x), 1e-7 * (1 + x), () -> "erf at -" + x);
            double tanh = Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
            assertEquals(
                    x / 2 * (1 + tanh), FloatMath.geluTanh((float) x), 3e-7 * Math.max(1, x), () -> "tanh at " + x);
            assertEquals(-x / 2 * (1 - tanh), FloatMath.geluTanh((float) -x), 3e-7, () -> "tanh at -" + x);
        }
        assertEquals(0f, FloatMath.geluErf(0f));
        assertEquals(0f, FloatMath.geluTanh(0f));
    }

    private static double density(double x) {
        return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    @Test
    void layerNormIsAccurate() {
        int width = 100;
        Activations x = rows(1, width, 3);
        MemorySegment weight = floats(width, 2);
        MemorySegment bias = floats(width, 1);
        double mean = 0;
        for (int i = 0; i < width; i++) {
            mean += x.get(0, i) / (double) width;
        }
        double variance = 0;
        for (int i = 0; i < width; i++) {
            variance += Math.pow(x.get(0, i) - mean, 2) / width;
        }
        Activations y = Activations.outputs(arena, 1, width);
        new ScalarRowKernel().layerNorm(x, weight, bias, 1e-6f, y, 0, 1);
        for (int i = 0; i < width; i++) {
            double normed = (x.get(0, i) - mean) / Math.sqrt(variance + 1e-6);
            double expected = normed * weight.getAtIndex(JAVA_FLOAT, i) + bias.getAtIndex(JAVA_FLOAT, i);
            assertEquals(expected, y.get(0, i), 1e-5);
        }
    }

    @Test
    void exponentialIsAccurate() {
        for (int i = 0; i < 1_000_000; i++) {
            float x = (float) (random.nextDouble() * 192 - 103);
            double exact = Math.exp(x);
            double ulp = Math.ulp((float) exact);
            assertTrue(
                    Math.abs(FloatMath.exp(x) - exact) <= 1.5 * ulp,
                    () -> "exp(%s) is %s, exactly %s".formatted(x, FloatMath.exp(x), exact));
        }
        assertEquals(1f, FloatMath.exp(0f));
        assertEquals(0f, FloatMath.exp(Float.NEGATIVE_INFINITY));
        assertEquals(Float.POSITIVE_INFINITY, FloatMath.exp(Float.POSITIVE_INFINITY));
        assertTrue(Float.isNaN(FloatMath.exp(Float.NaN)));
    }

    @ParameterizedTest
    @CsvSource({
        "2,2,16,16,4,true",
        "2,4,16,16,4,false",
        "2,4,16,16,4,true",
        "1,3,5,7,3,true",
        "2,2,128,128,4,true",
        "1,2,64,80,2,false",
        "2,2,8,8,1,true"
    })
    void deltaIsTheSame(int keyHeads, int valueHeads, int keyDim, int valueDim, int taps, boolean tiled) {
        Kernels vector = vector();
        DeltaShape shape = new DeltaShape(keyHeads, valueHeads, keyDim, valueDim, taps, tiled, false);
        int tokens = 5;
        MemorySegment weight = floats(taps * shape.channels(), 1);
        MemorySegment norm = floats(valueDim, 2);
        MemorySegment rate = floats(valueHeads, 1);
        MemorySegment bias = floats(valueHeads, 1);
        Activations[] u = {
            rows(tokens, shape.channels(), 1), rows(tokens, shape.channels(), 1), rows(tokens, shape.channels(), 1)
        };
        Activations a = rows(tokens, valueHeads, 30);
        Activations b = rows(tokens, valueHeads, 3);
        Activations z = rows(tokens, valueHeads * valueDim, 3);

        MemorySegment[] results = new MemorySegment[2];
        MemorySegment[] states = new MemorySegment[2];
        for (int tier = 0; tier < 2; tier++) {
            DeltaKernel kernel = tier == 0 ? new ScalarDeltaKernel() : vector.delta();
            DeltaState state = DeltaState.allocate(shape, arena, statePages);
            Activations y = Activations.allocate(arena, tokens, shape.channels());
            Activations o = Activations.allocate(arena, tokens, valueHeads * valueDim);
            int[] counts = {tokens, 1, 2};
            for (int chunk = 0; chunk < u.length; chunk++) {
                int count = counts[chunk];
                int middle = shape.channels() / 2;
                ConvolutionCall convolution =
                        new ConvolutionCall(shape, u[chunk], y).weight(weight).span(state.history(), 0, count, count);
                kernel.convolve(convolution, middle, shape.channels());
                kernel.convolve(convolution, 0, middle);
                Activations decay = copy(a);
                Activations beta = copy(b);
                kernel.prepare(shape, y, decay, beta, rate, bias, 0, count);
                DeltaCall call =
                        new DeltaCall(shape, y, decay, beta, o).span(0, count).state(state.recurrent());
                for (int head = 0; head < valueHeads; head++) {
                    int split = valueDim / 2;
                    kernel.recur(call, head, 0, split);
                    kernel.recur(call, head, split, valueDim);
                }
                kernel.gatedNorm(shape, o, copy(z), norm, 1e-6f, Gate.SILU, 0, count);
            }
            results[tier] = o.floats();
            states[tier] = arena.allocate(
                    state.recurrent().byteSize() + state.history().byteSize());
            MemorySegment.copy(
                    state.recurrent(), 0, states[tier], 0, state.recurrent().byteSize());
            MemorySegment.copy(
                    state.history(),
                    0,
                    states[tier],
                    state.recurrent().byteSize(),
                    state.history().byteSize());
        }
        assertSame(results[0], results[1], "output");
        assertSame(states[0], states[1], "state");
    }
}
