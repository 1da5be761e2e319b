package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorTest {

    private static final WeightFormat FORMAT = Q8_0Format.INSTANCE;

    private static MemorySegment bytes(int count) {
        return MemorySegment.ofArray(new byte[count]);
    }

    @Test
    void decodesRows() {
        float[] weights = WeightFormatTest.normalWeights(3 * 64);
        MemorySegment data = bytes(6 * 34);
        FORMAT.encode(weights, 0, weights.length, data, 0);
        var tensor = new Tensor("t", FORMAT, 3, 64, data);
        float[] all = tensor.toFloats();
        assertEquals(68, tensor.rowBytes());
        assertArrayEquals(weights, all, 0.02f);
        for (int row = 0; row < 3; row++) {
            float[] out = new float[66];
            tensor.decodeRow(row, out, 1);
            assertArrayEquals(Arrays.copyOfRange(all, row * 64, row * 64 + 64), Arrays.copyOfRange(out, 1, 65));
            assertEquals(0, out[0]);
            assertEquals(0, out[65]);
        }
    }

    @Test
    void aSliceHasSomeOfTheRows() {
        float[] weights = WeightFormatTest.normalWeights(5 * 64);
        MemorySegment data = bytes(10 * 34);
        FORMAT.encode(weights, 0, weights.length, data, 0);
        Tensor whole = new Tensor("t", FORMAT, 5, 64, data);
        Tensor slice = whole.slice(1, 3).slice(1, 2);
        assertEquals(2, slice.rows());
        assertArrayEquals(Arrays.copyOfRange(whole.toFloats(), 2 * 64, 4 * 64), slice.toFloats());
        assertEquals(-1, data.asSlice(3 * 68, 68).mismatch(slice.rows(1, 1, Arena.ofAuto())));
    }

    @ParameterizedTest
    @CsvSource({"0, 32", "-1, 32", "1, 0", "1, -32", "1, 33", "2, 16"})
    void refusesShapesOfPartialBlocks(int rows, int columns) {
        var failure = assertThrows(
                IllegalArgumentException.class, () -> new Tensor("blk.0.x", FORMAT, rows, columns, bytes(34)));
        assertEquals(
                "tensor blk.0.x: %d x %d weights do not form whole Q8_0 blocks of 32".formatted(rows, columns),
                failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"67", "69", "0"})
    void refusesOtherThanItsBytes(int given) {
        var failure =
                assertThrows(IllegalArgumentException.class, () -> new Tensor("blk.0.x", FORMAT, 2, 32, bytes(given)));
        assertEquals(
                "tensor blk.0.x: 2 x 32 Q8_0 needs 68 bytes, but %d are given".formatted(given), failure.getMessage());
    }
}
