package kawi.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;

class EncodedSourceTest {

    private static final int COLUMNS = 768;

    /** More rows than are encoded at once. */
    private static final int ROWS = 50;

    /** The importance of a column is the same in each row, whatever part of the matrix is read. */
    @Test
    void eachRowHasTheSameImportance() {
        WeightFormat format = WeightFormats.byName("Q4_K");
        var random = new SplittableRandom(8);
        float[] weights = new float[ROWS * COLUMNS];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        float[] importance = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            importance[i] = (float) Math.exp(3 * random.nextGaussian());
        }
        int rowBytes = (int) format.bytes(COLUMNS);
        byte[] expected = new byte[ROWS * rowBytes];
        for (int row = 0; row < ROWS; row++) {
            MemorySegment data = MemorySegment.ofArray(expected);
            format.encode(weights, row * COLUMNS, COLUMNS, importance, 0, data, row * (long) rowBytes);
        }

        byte[] plain = new byte[4 * weights.length];
        MemorySegment.copy(
                weights, 0, MemorySegment.ofArray(plain), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, weights.length);
        var original = new Tensor("t", WeightFormats.byName("F32"), ROWS, COLUMNS, MemorySegment.ofArray(plain));
        Tensor encoded = EncodedSource.of(original, format, importance);
        try (var arena = Arena.ofConfined()) {
            for (int from : new int[] {0, rowBytes, 7 * rowBytes + format.blockBytes()}) {
                byte[] read = encoded.source()
                        .read(from, expected.length - from, arena)
                        .toArray(ValueLayout.JAVA_BYTE);
                assertArrayEquals(Arrays.copyOfRange(expected, from, expected.length), read);
            }
        }
    }
}
