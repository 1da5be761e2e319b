package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.safetensors.quantized.Parts.Part;

/**
 * AWQ (AutoAWQ, version {@code gemm}), 4 bits, 8 outputs per 32-bit word.
 *
 * <pre>
 *    qweight   I32 [inputs][outputs / 8]   word (i, o / 8) has q[o][i]
 *    qzeros    I32 [groups][outputs / 8]   word (g, o / 8) has zero[o][g]
 *    scales    f16 [groups][outputs]
 * </pre>
 *
 * <p>From the lowest bits on, a word has outputs 0, 2, 4, 6, 1, 3, 5, 7 of its eight.
 */
record AwqLayout(int rows, int columns, int groups, Part weights, Part zeros, Scales scales) implements IntegerLayout {

    private static final int PER_WORD = 8;

    /** The place of each output in a word, in bits. */
    private static final int[] SHIFT = {0, 16, 4, 20, 8, 24, 12, 28};

    static AwqLayout of(Parts parts) {
        Part weights = parts.matrix("qweight", "I32");
        Part zeros = parts.matrix("qzeros", "I32");
        Part scales = parts.matrix("scales", Scales.TYPES);
        int inputs = weights.rows();
        int outputs = parts.times(weights, weights.columns(), PER_WORD);
        int groups = scales.rows();
        parts.check(scales, groups, outputs);
        parts.check(zeros, groups, outputs / PER_WORD);
        if (inputs % groups != 0) {
            throw parts.wrong(
                    scales.name(), "it has %d rows, which cannot divide %d inputs evenly".formatted(groups, inputs));
        }
        return new AwqLayout(outputs, inputs, groups, weights, zeros, Scales.of(scales, 1, outputs));
    }

    @Override
    public int bits() {
        return 4;
    }

    @Override
    public int[] groupOf(List<MemorySegment> parts) {
        return Groups.inOrder(columns, columns / groups);
    }

    @Override
    public void integers(List<MemorySegment> parts, int from, int to, byte[] out) {
        MemorySegment words = parts.get(weights.index());
        for (int column = 0; column < columns; column++) {
            long first = (long) column * weights.columns();
            for (int row = from; row < to; row++) {
                int word = words.get(INT, (first + row / PER_WORD) * Integer.BYTES);
                out[(row - from) * columns + column] = (byte) ((word >>> SHIFT[row % PER_WORD]) & 15);
            }
        }
    }

    @Override
    public int zero(List<MemorySegment> parts, int row, int group) {
        long at = ((long) group * zeros.columns() + row / PER_WORD) * Integer.BYTES;
        return (parts.get(zeros.index()).get(INT, at) >>> SHIFT[row % PER_WORD]) & 15;
    }
}
