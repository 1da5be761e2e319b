package kawi.quant;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rotations of inputs against the definition of the Hadamard matrix. */
class InputRotationTest {

    private final SplittableRandom random = new SplittableRandom(3);

    private float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (random.nextDouble() - 0.5);
        }
        return numbers;
    }

    private float[] signs(int count) {
        float[] signs = new float[count];
        for (int i = 0; i < count; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        return signs;
    }

    private static float[] rotated(InputRotation rotation, float[] x) {
        float[] out = new float[x.length];
        MemorySegment segment = MemorySegment.ofArray(out);
        rotation.arrange(MemorySegment.ofArray(x), 0, segment, 0);
        Hadamard.rotate(segment, 0, out.length, rotation.blockSize());
        return out;
    }

    /** {@code H[i][j] = (-1)^(ones in i and j) / sqrt(n)}, in blocks. */
    private static double[] byDefinition(double[] x, int blockSize) {
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int block = i / blockSize * blockSize;
            for (int j = 0; j < blockSize; j++) {
                double sign = Integer.bitCount((i - block) & j) % 2 == 0 ? 1 : -1;
                out[i] += sign * x[block + j] / Math.sqrt(blockSize);
            }
        }
        return out;
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 6", "8, 24", "16, 16", "32, 96", "1024, 3072"})
    void rotatesByTheDefinition(int blockSize, int width) {
        float[] signs = signs(width);
        float[] x = numbers(width);
        double[] signed = new double[width];
        for (int i = 0; i < width; i++) {
            signed[i] = (double) x[i] * signs[i];
        }
        double[] expected = byDefinition(signed, blockSize);
        float[] actual = rotated(new InputRotation(blockSize, signs), x);
        for (int i = 0; i < width; i++) {
            assertEquals(expected[i], actual[i], 1e-6, "element " + i);
        }
    }

    @Test
    void piecesArePutIntoOrderBefore() {
        float[] signs = signs(24);
        float[] x = numbers(24);
        int[] order = {2, 0, 5, 1, 3, 4};
        float[] inOrder = new float[24];
        for (int p = 0; p < order.length; p++) {
            System.arraycopy(x, order[p] * 4, inOrder, p * 4, 4);
        }
        InputRotation rotation = new InputRotation(8, signs);
        assertArrayEquals(rotated(rotation, inOrder), rotated(rotation.arranged(order, 4), x));
    }

    @Test
    void restoringIsTheInverse() {
        float[] x = numbers(96);
        InputRotation plain = new InputRotation(32, signs(96));
        for (InputRotation rotation : new InputRotation[] {plain, plain.arranged(new int[] {1, 2, 0}, 32)}) {
            float[] back = rotated(rotation, x);
            rotation.restore(MemorySegment.ofArray(back), 0);
            assertArrayEquals(x, back, 1e-6f);
        }
    }

    /** {@code W x = stored (R x)} for rows of W that {@code restore} gives. */
    @Test
    void restoredRowsMultiplyAsTheStoredOnesDoWithRotatedInputs() {
        InputRotation rotation = new InputRotation(16, signs(48)).arranged(new int[] {2, 0, 1}, 16);
        float[] stored = numbers(48);
        float[] x = numbers(48);
        float[] rotatedX = rotated(rotation, x);
        double expected = dot(stored, rotatedX);
        rotation.restore(MemorySegment.ofArray(stored), 0);
        assertEquals(expected, dot(stored, x), 1e-6);
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Test
    void whatIsNotARotationIsRejected() {
        assertRejected(
                "48 inputs cannot be divided into Hadamard blocks of 32", () -> new InputRotation(32, signs(48)));
        assertRejected("Hadamard blocks of 12", () -> new InputRotation(12, signs(48)));
        assertRejected("signs are 1 and -1, not 0.5", () -> new InputRotation(1, new float[] {1, 0.5f}));
        assertRejected(
                "3 pieces of 4 are not 16 inputs",
                () -> new InputRotation(16, signs(16)).arranged(new int[] {0, 1, 2}, 4));
        Tensor tensor = new Tensor("t", WeightFormats.byName("F32"), 1, 8, MemorySegment.ofArray(new byte[32]));
        assertRejected(
                "tensor t: 8 columns cannot have rotated inputs of 16",
                () -> tensor.rotated(new InputRotation(16, signs(16))));
    }

    private static void assertRejected(String expected, Runnable attempt) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, attempt::run).getMessage());
        assertTrue(message.contains(expected), message);
    }

    @Test
    void rowsOfARotatedMatrixStayRotated() {
        InputRotation rotation = new InputRotation(4, signs(4));
        Tensor tensor = new Tensor("t", WeightFormats.byName("F32"), 3, 4, MemorySegment.ofArray(new byte[48]))
                .rotated(rotation);
        tensor.data().set(JAVA_FLOAT_UNALIGNED, 16, 0.5f);
        assertEquals(rotation, tensor.slice(1, 2).rotation());
        assertEquals(rotation, tensor.named("u").rotation());
        assertEquals(0.5f, tensor.slice(1, 2).toFloats()[0]);
    }
}
