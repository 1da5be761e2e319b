package kawi.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import kawi.kernels.Activations;
import kawi.kernels.Kernels;
import kawi.kernels.PackedMatrix;
import kawi.kernels.WorkerPool;
import kawi.quant.InputRotation;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of matrices with rotated inputs, beside others. */
class RotatedProductsTest {

    private static final int WIDTH = 256;
    private static final int ROWS = 40;

    private final Arena arena = Arena.ofShared();
    private final WorkerPool pool = new WorkerPool(2);
    private final SplittableRandom random = new SplittableRandom(11);
    private final InputRotation rotation = new InputRotation(64, signs());

    @AfterEach
    void close() {
        pool.close();
        arena.close();
    }

    private static float[] signs() {
        float[] signs = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            signs[i] = i * 7 % 5 < 2 ? 1 : -1;
        }
        return signs;
    }

    private Compute scalar() {
        return new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);
    }

    private Tensor tensor(String name, String formatName) {
        WeightFormat format = WeightFormats.byName(formatName);
        float[] weights = new float[ROWS * WIDTH];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        MemorySegment data = arena.allocate(format.bytes(weights.length), 64);
        format.encode(weights, 0, weights.length, data, 0);
        return new Tensor(name, format, ROWS, WIDTH, data);
    }

    private Activations inputs(int tokens) {
        Activations x = Activations.allocate(arena, tokens, WIDTH);
        for (int row = 0; row < tokens; row++) {
            for (int i = 0; i < WIDTH; i++) {
                x.set(row, i, (float) random.nextGaussian());
            }
        }
        return x;
    }

    private static float[] floats(Activations rows) {
        return rows.floats().toArray(JAVA_FLOAT);
    }

    private Activations product(Compute compute, PackedMatrix matrix, Activations x, int tokens) {
        Activations out = Activations.outputs(arena, tokens, ROWS);
        compute.products(x, tokens).with(matrix, out).run();
        return out;
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "Q8_0", "PQ2_0"})
    void areThoseOfTheStoredMatrixWithRotatedRows(String format) {
        Tensor plain = tensor("a", format);
        Tensor stored = tensor("b", format);
        for (int tokens : new int[] {1, 3, 130}) {
            Activations x = inputs(tokens);
            float[] given = floats(x);
            Activations rotated = Activations.allocate(arena, tokens, WIDTH);
            Compute scalar = scalar();
            scalar.rotate(x, rotation, rotated, tokens);
            float[] expectedPlain = floats(product(scalar, scalar.pack(plain, arena), x, tokens));
            float[] expected = floats(product(scalar, scalar.pack(stored, arena), rotated, tokens));
            for (Kernels tier : TestedKernels.all(arena)) {
                Compute compute = new Compute(tier, pool);
                PackedMatrix first = compute.pack(plain, arena);
                PackedMatrix second = compute.pack(stored.rotated(rotation), arena);
                Activations a = Activations.outputs(arena, tokens, ROWS);
                Activations b = Activations.outputs(arena, tokens, ROWS);
                Activations c = Activations.outputs(arena, tokens, ROWS);
                compute.products(x, tokens)
                        .with(second, b)
                        .with(first, a)
                        .with(second, c)
                        .run();
                assertArrayEquals(expectedPlain, floats(a), tier.tier() + ", not rotated");
                assertArrayEquals(expected, floats(b), tier.tier() + ", rotated");
                assertArrayEquals(expected, floats(c), tier.tier() + ", rotated, again");
                assertArrayEquals(given, floats(x), "the inputs are left as they are");
            }
        }
    }

    @Test
    void rowsOfOtherWidthsUseTheSameMemory() {
        RotatedRows rows = new RotatedRows();
        float[] half = Arrays.copyOf(signs(), WIDTH / 2);
        InputRotation narrow = new InputRotation(64, half);
        Activations wide = rows.of(rotation, 4);
        assertEquals(wide.floats().address(), rows.of(narrow, 8).floats().address());
        assertEquals(8, rows.of(narrow, 3).capacity());
        assertEquals(wide, rows.of(rotation, 2));
        assertTrue(rows.of(rotation, 9).capacity() >= 9);
        assertTrue(rows.of(narrow, 5).capacity() >= 5);
    }

    @Test
    void observersSeeWhatIsMultiplied() {
        Compute compute = scalar();
        Activations x = inputs(2);
        Activations rotated = Activations.allocate(arena, 2, WIDTH);
        compute.rotate(x, rotation, rotated, 2);
        List<float[]> seen = new ArrayList<>();
        compute.observe((matrix, inputs, rows) -> seen.add(floats(inputs)));
        product(compute, compute.pack(tensor("a", "F32").rotated(rotation), arena), x, 2);
        product(compute, compute.pack(tensor("b", "F32"), arena), x, 2);
        assertArrayEquals(floats(rotated), seen.get(0));
        assertArrayEquals(floats(x), seen.get(1));
    }

    @Test
    void twoRotationsAtOnceAreRejected() {
        Compute compute = scalar();
        Activations x = inputs(1);
        Activations out = Activations.outputs(arena, 1, ROWS);
        PackedMatrix first = compute.pack(tensor("a", "F32").rotated(rotation), arena);
        PackedMatrix second = compute.pack(tensor("b", "F32").rotated(new InputRotation(32, signs())), arena);
        Products products = compute.products(x, 1).with(first, out);
        assertTrue(String.valueOf(assertThrows(IllegalArgumentException.class, () -> products.with(second, out))
                        .getMessage())
                .contains("matrix b: its inputs are rotated differently"));
    }
}
