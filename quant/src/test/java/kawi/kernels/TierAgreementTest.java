package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All tiers against the scalar one, bit for bit. */
public class TierAgreementTest {

    private static final int[] ROWS = {1, 15, 16, 17, 33, 100};
    private static final int[] TOKENS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 64};

    static List<WeightFormat> formats() {
        return Samples.formats();
    }

    @BeforeEach
    void onlyWhereThereAreTwoTiers() {
        assumeTrue(Tiers.all().size() > 1, "this JVM has the scalar tier alone");
    }

    @ParameterizedTest
    @MethodSource("formats")
    void everyShapeGivesTheSameBits(WeightFormat format) {
        Random random = new Random(3);
        for (int rows : ROWS) {
            int[] columns = columns(format);
            for (boolean hostile : new boolean[] {false, true}) {
                agree(format, rows, columns[random.nextInt(columns.length)], 1 + random.nextInt(6), hostile, random);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void everyNumberOfTokensGivesTheSameBits(WeightFormat format) {
        Random random = new Random(4);
        for (int tokens : TOKENS) {
            agree(format, 33, columns(format)[1], tokens, tokens % 2 == 0, random);
        }
    }

    /** Products that are divided into several panels of columns and several slices of tokens. */
    @ParameterizedTest
    @MethodSource("formats")
    void manyColumnsAndTokensGiveTheSameBits(WeightFormat format) {
        Random random = new Random(5);
        for (int tokens : new int[] {14, 15, 17, 131}) {
            agree(format, 23, format.blockSize() > 32 ? 1280 : 1184, tokens, tokens % 2 == 0, random);
        }
    }

    @Test
    void manyTokensGiveTheBitsOfOne() {
        for (MatrixKernel kernel : Tiers.all()) {
            for (WeightFormat format : Samples.formats()) {
                try (Arena arena = Arena.ofConfined();
                        WorkerPool pool = new WorkerPool(1)) {
                    Random random = new Random(6);
                    Tensor tensor = Samples.weights(arena, format, 50, 256, random);
                    PackedMatrix w = kernel.pack(tensor, arena, pool);
                    Activations x = Activations.allocate(arena, 39, 256);
                    Samples.fill(x, random);
                    kernel.quantize(x, 0, 39);
                    Activations y = Activations.allocate(arena, 39, 50);
                    kernel.multiply(w, x, 39, y, 0, w.groups());
                    for (int t = 0; t < 39; t++) {
                        Activations one = Activations.allocate(arena, 1, 256);
                        for (int k = 0; k < 256; k++) {
                            one.set(0, k, x.get(t, k));
                        }
                        kernel.quantize(one, 0, 1);
                        Activations y1 = Activations.allocate(arena, 1, 50);
                        kernel.multiply(w, one, 1, y1, 0, w.groups());
                        for (int r = 0; r < 50; r++) {
                            assertSameBits(y1.get(0, r), y.get(t, r), format.name() + " row " + r + " token " + t);
                        }
                    }
                }
            }
        }
    }

    @Test
    void threadsAndSplitsDoNotMatter() {
        for (MatrixKernel kernel : Tiers.all()) {
            for (WeightFormat format : Samples.formats()) {
                Activations one = null;
                try (Arena arena = Arena.ofShared()) {
                    for (int threads = 1; threads <= 3; threads++) {
                        try (WorkerPool pool = new WorkerPool(threads)) {
                            Random random = new Random(7);
                            Tensor tensor = Samples.weights(arena, format, 150, 256, random);
                            PackedMatrix w = kernel.pack(tensor, arena, pool);
                            Activations x = Activations.allocate(arena, 6, 256);
                            Samples.fill(x, random);
                            pool.run(6, row -> kernel.quantize(x, row, row + 1));
                            Activations y = Activations.allocate(arena, 6, 150);
                            int tasks = 1 + threads % w.groups();
                            pool.run(
                                    tasks,
                                    task -> kernel.multiply(
                                            w, x, 6, y, task * w.groups() / tasks, (task + 1) * w.groups() / tasks));
                            if (one == null) {
                                one = y;
                            }
                            assertEquals(-1, one.floats().mismatch(y.floats()), format.name() + " " + threads);
                        }
                    }
                }
            }
        }
    }

    @Test
    void theInt8FormIsTheSame() {
        Random random = new Random(8);
        for (int width : new int[] {1, 5, 31, 32, 33, 63, 64, 100, 256, 1000}) {
            for (int round = 0; round < 50; round++) {
                try (Arena arena = Arena.ofConfined()) {
                    Activations x = Activations.allocate(arena, 3, width);
                    if (round % 2 == 0) {
                        Samples.fill(x, random);
                    } else {
                        Samples.fillHostile(x, random);
                    }
                    Tiers.all().getFirst().quantize(x, 0, 3);
                    for (MatrixKernel kernel : Tiers.all()) {
                        Activations copy = Activations.allocate(arena, 3, width);
                        copy.floats().copyFrom(x.floats());
                        kernel.quantize(copy, 0, 3);
                        assertSameInt8Form(x, copy);
                    }
                }
            }
        }
    }

    private static void assertSameInt8Form(Activations expected, Activations actual) {
        for (int row = 0; row < expected.capacity(); row++) {
            for (int block = 0; block < expected.blocks(); block++) {
                String where = "row %d, block %d".formatted(row, block);
                long at = expected.blockAt(row, block);
                for (int i = 0; i < Activations.BLOCK_BYTES; i += Float.BYTES) {
                    if (i < Activations.SCALE) {
                        assertEquals(
                                expected.int8().get(ValueLayout.JAVA_INT, at + i),
                                actual.int8().get(ValueLayout.JAVA_INT, at + i),
                                where);
                    } else {
                        assertSameBits(
                                expected.int8().get(ValueLayout.JAVA_FLOAT, at + i),
                                actual.int8().get(ValueLayout.JAVA_FLOAT, at + i),
                                where);
                    }
                }
            }
        }
    }

    public static int[] columns(WeightFormat format) {
        if (format instanceof QuantizedFormat) {
            return format.blockSize() == 32 ? new int[] {32, 96, 256} : new int[] {768, 256};
        }
        return new int[] {1, 5, 48, 112};
    }

    static void agree(WeightFormat format, int rows, int columns, int tokens, boolean hostile, Random random) {
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            Tensor tensor = hostile
                    ? Samples.hostileWeights(arena, format, rows, columns, random)
                    : Samples.weights(arena, format, rows, columns, random);
            Activations x = Activations.allocate(arena, tokens, columns);
            if (hostile && random.nextBoolean()) {
                Samples.fillHostile(x, random);
            } else {
                Samples.fill(x, random);
            }
            MemorySegment expected = product(Tiers.all().getFirst(), tensor, x, arena, pool);
            for (MatrixKernel kernel : Tiers.all()) {
                MemorySegment actual = product(kernel, tensor, x, arena, pool);
                for (int t = 0; t < tokens; t++) {
                    for (int r = 0; r < rows; r++) {
                        long i = (long) t * rows + r;
                        assertSameBits(
                                expected.getAtIndex(ValueLayout.JAVA_FLOAT, i),
                                actual.getAtIndex(ValueLayout.JAVA_FLOAT, i),
                                "%s: %s, %d x %d, row %d of token %d of %d"
                                        .formatted(kernel, format.name(), rows, columns, r, t, tokens));
                    }
                }
            }
        }
    }

    private static MemorySegment product(
            MatrixKernel kernel, Tensor tensor, Activations x, Arena arena, WorkerPool pool) {
        PackedMatrix w = kernel.pack(tensor, arena, pool);
        kernel.quantize(x, 0, x.capacity());
        Activations y = Activations.allocate(arena, x.capacity(), tensor.rows());
        kernel.multiply(w, x, x.capacity(), y, 0, w.groups());
        return y.floats();
    }

    /** Identical bits, except for the payload of NaN, which is unspecified. */
    private static void assertSameBits(float expected, float actual, String what) {
        if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual)) {
            assertEquals(expected, actual, what);
            assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(actual), what);
        }
    }
}
