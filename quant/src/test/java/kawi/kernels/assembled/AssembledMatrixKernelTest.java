package kawi.kernels.assembled;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.kernels.Activations;
import kawi.kernels.Guarded;
import kawi.kernels.IntegerFormat;
import kawi.kernels.MatrixKernel;
import kawi.kernels.PackedMatrix;
import kawi.kernels.Samples;
import kawi.kernels.ScalarMatrixKernel;
import kawi.kernels.TableFormat;
import kawi.kernels.TierAgreementTest;
import kawi.kernels.Tiers;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products in machine code: every operand lies against inaccessible memory, and the bits are those of the scalar tier.
 */
class AssembledMatrixKernelTest {

    private static final int[] ROWS = {1, 7, 8, 9, 16, 23, 40, 65};
    private static final int[] TOKENS = {1, 2, 3, 5, 7, 12, 13, 25};

    /** Beyond the integers of every table. */
    private static final int EXTREME = 128;

    static List<WeightFormat> formats() {
        return Samples.formats();
    }

    static List<WeightFormat> encodedFormats() {
        List<WeightFormat> formats = new ArrayList<>(Samples.formats());
        formats.removeIf(format -> format instanceof IntegerFormat || !format.canEncode());
        formats.addAll(TableFormat.decoded());
        return formats;
    }

    @BeforeEach
    void onlyWhereTheTierRuns() {
        Tiers.assumeAssembled();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void nothingBeyondTheOperandsIsTouched(WeightFormat format) {
        Random random = new Random(11);
        int[] columns = TierAgreementTest.columns(format);
        for (InstructionSet isa : Tiers.instructionSets()) {
            for (int i = 0; i < ROWS.length; i++) {
                for (Guarded.Side side : Guarded.Side.values()) {
                    agree(isa, format, ROWS[i], columns[i % columns.length], TOKENS[i], side, random);
                }
            }
        }
    }

    private static void agree(
            InstructionSet isa,
            WeightFormat format,
            int rows,
            int columns,
            int tokens,
            Guarded.Side side,
            Random random) {
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            Guarded guarded = new Guarded(arena, side);
            Tensor sample = Samples.weights(arena, format, rows, columns, random);
            Tensor tensor = new Tensor(sample.name(), format, rows, columns, guarded.copy(sample.data()));
            Activations x = guarded.rows(tokens, columns);
            Samples.fill(x, random);
            Activations expected = product(new ScalarMatrixKernel(), tensor, x, guarded, arena, pool);
            Activations actual =
                    product(new AssembledMatrixKernel(isa.emitter(), arena), tensor, x, guarded, arena, pool);
            Guarded.assertSame(
                    expected.floats(),
                    actual.floats(),
                    "%s, %s, %d x %d, %d tokens".formatted(isa, format.name(), rows, columns, tokens));
        }
    }

    /**
     * Sums of 16 bits are as large as they can be: a run has one weight of one extreme, all others are of the other.
     */
    @ParameterizedTest
    @MethodSource("encodedFormats")
    void extremeWeightsAndActivationsDoNotOverflow(WeightFormat format) {
        int rows = 32;
        int columns = 512;
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            float[] weights = new float[rows * columns];
            for (int i = 0; i < weights.length; i++) {
                float sign = i / columns % 2 == 0 ? 1 : -1;
                weights[i] = i % 16 == i / 16 % 16 ? -sign * EXTREME : sign * EXTREME;
            }
            MemorySegment data = arena.allocate(format.bytes(weights.length), 64);
            format.encode(weights, 0, weights.length, data, 0);
            Tensor tensor = new Tensor("extreme", format, rows, columns, data);
            Activations x = Activations.allocate(arena, 30, columns);
            for (int t = 0; t < x.capacity(); t++) {
                for (int k = 0; k < columns; k++) {
                    x.set(t, k, t % 2 == 0 ? 1 : -1);
                }
            }
            float[] expected = product(new ScalarMatrixKernel(), tensor, x, arena, pool);
            for (InstructionSet isa : Tiers.instructionSets()) {
                MatrixKernel kernel = new AssembledMatrixKernel(isa.emitter(), arena);
                assertArrayEquals(expected, product(kernel, tensor, x, arena, pool), isa + ", " + format.name());
            }
        }
    }

    private static float[] product(MatrixKernel kernel, Tensor tensor, Activations x, Arena arena, WorkerPool pool) {
        kernel.quantize(x, 0, x.capacity());
        Activations y = Activations.outputs(arena, x.capacity(), tensor.rows());
        PackedMatrix w = kernel.pack(tensor, arena, pool);
        kernel.multiply(w, x, x.capacity(), y, 0, w.groups());
        return y.floats().toArray(ValueLayout.JAVA_FLOAT);
    }

    private static Activations product(
            MatrixKernel kernel, Tensor tensor, Activations x, Guarded guarded, Arena arena, WorkerPool pool) {
        PackedMatrix w = kernel.pack(tensor, arena, pool);
        Activations own = guarded.copy(x);
        kernel.quantize(own, 0, own.capacity());
        Activations y = guarded.rows(x.capacity(), tensor.rows());
        kernel.multiply(w, own, own.capacity(), y, 0, w.groups());
        return y;
    }

    /**
     * The layouts for file formats are not larger than the files, except for the scales of K-quants, by one byte each;
     * in Q2_K, scales and minimums have only half a byte each in the file. The weights of other formats of up to 4 bits
     * share bits or scales in the file; here each has its own bits, and each run of 16 or 32 weights a scale. IQ4_KS has
     * two tables, with more integers together than a code of 4 bits can name.
     */
    @Test
    void matricesTakeHardlyMoreMemoryThanInTheFile() {
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            MatrixKernel kernel =
                    new AssembledMatrixKernel(Tiers.instructionSets().getFirst().emitter(), arena);
            for (WeightFormat format : Samples.formats()) {
                if (format.name().equals("Q8_K") || format instanceof IntegerFormat || format instanceof TableFormat) {
                    continue;
                }
                Tensor tensor = Samples.weights(arena, format, 32, 1024, new Random(1));
                long bytes = kernel.pack(tensor, arena, pool).bytes();
                double growth = (double) bytes / tensor.data().byteSize();
                double bits = (double) bytes * Byte.SIZE / tensor.rows() / tensor.columns();
                String what = "%s grows by %s to %s bits".formatted(format.name(), growth, bits);
                switch (format.name()) {
                    case "Q2_K" -> assertTrue(growth < 1.2, what);
                    case "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS" -> assertTrue(growth < 1.04, what);
                    case "MXFP4" -> assertTrue(bits <= 4.5, what);
                    case "NVFP4" -> assertTrue(bits <= 5, what);
                    case "IQ4_KS" -> assertTrue(bits <= 9, what);
                    case "IQ3_XXS", "IQ3_S" -> assertTrue(bits < 4.4, what);
                    case "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ1_M" -> assertTrue(bits < 3.7, what);
                    case "IQ1_S", "TQ1_0", "PTQ1_0", "TQ2_0", "Q2_0", "PQ2_0" -> assertTrue(bits <= 2.5, what);
                    case "Q1_0" -> assertTrue(bits <= 1.5, what);
                    default -> assertTrue(growth <= 1, what);
                }
            }
        }
    }

    @Test
    void anotherTiersMatrixIsRefused() {
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            Tensor tensor = Samples.weights(arena, Samples.formats().getFirst(), 16, 32, new Random(1));
            PackedMatrix foreign = new ScalarMatrixKernel().pack(tensor, arena, pool);
            Activations x = Activations.allocate(arena, 1, 32);
            Activations y = Activations.outputs(arena, 1, 16);
            MatrixKernel kernel =
                    new AssembledMatrixKernel(Tiers.instructionSets().getFirst().emitter(), arena);
            assertThrows(IllegalArgumentException.class, () -> kernel.multiply(foreign, x, 1, y, 0, 1));
        }
    }
}
