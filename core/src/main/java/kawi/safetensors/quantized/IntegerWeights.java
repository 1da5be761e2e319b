package kawi.safetensors.quantized;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kawi.ModelFileException;
import kawi.quant.IntegerFormat;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.weights.ConvertedSource;

/**
 * Converts a matrix of integers and scales, {@code w = scale * (q - zero)}, to a format that the kernels have. The
 * differences {@code q - zero} have the range of one of these formats, whose blocks of 32 weights have one scale; the
 * scale of a longer group is repeated. No weight changes: products are exact, as they are in f32 for scales of 16 bits.
 *
 * <pre>
 *    bits  zero points       scales that f16 holds   other scales
 *       4  all 8             Q4_0                    IntegerFormat
 *       4  any               Q5_0                    IntegerFormat
 *       8  all 128           Q8_0                    IntegerFormat
 *       8  any               floats of the type of the scales
 * </pre>
 *
 * <p>If the groups are not whole blocks, as where GPTQ has put inputs in the order of their importance
 * ({@code desc_act}), weights become floats of the type of the scales too. That is the type in which the libraries
 * multiply, so each weight is the product rounded to it, as theirs is.
 */
final class IntegerWeights {

    private static final int BLOCK = 32;

    /** Rows that are converted at a time: the words of a transposed matrix are read a cache line at a time. */
    private static final int TILE_ROWS = 16;

    private static final int MAX_TILE = 1 << 26;

    private final IntegerLayout layout;
    private final Parts parts;
    private final RecentTensor recent;
    private final int[] groupOf;
    private final WeightFormat target;

    private IntegerWeights(IntegerLayout layout, Parts parts, RecentTensor recent) {
        this.layout = layout;
        this.parts = parts;
        this.recent = recent;
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> small = small(arena);
            this.groupOf = layout.groupOf(small);
            this.target = target(isSymmetric(small));
        }
    }

    /** The parts without the largest ones, the integers and the scales. */
    private List<MemorySegment> small(Arena arena) {
        List<MemorySegment> small = new ArrayList<>();
        for (TensorSource part : parts.sources()) {
            boolean large = small.size() == layout.weights().index()
                    || small.size() == layout.scales().part().index();
            small.add(large ? MemorySegment.NULL : part.read(0, part.byteSize(), arena));
        }
        return small;
    }

    private boolean isSymmetric(List<MemorySegment> small) {
        for (int row = 0; row < layout.rows(); row++) {
            for (int group = 0; group < layout.groups(); group++) {
                if (layout.zero(small, row, group) != layout.middle()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The matrix in the format that it is converted to. */
    static Tensor tensor(IntegerLayout layout, Parts parts, RecentTensor recent) {
        IntegerWeights weights = new IntegerWeights(layout, parts, recent);
        return ConvertedSource.tensor(
                parts.tensor(), weights.target, layout.rows(), layout.columns(), parts.sources(), weights::convert);
    }

    private WeightFormat target(boolean symmetric) {
        if (!Groups.haveRuns(groupOf, BLOCK) || (layout.bits() == 8 && !symmetric)) {
            return layout.scales().format();
        }
        boolean f16 = layout.scales().fitF16();
        if (layout.bits() == 8) {
            return f16 ? WeightFormats.byName("Q8_0") : new IntegerFormat(BLOCK, false, 128);
        }
        return f16
                ? WeightFormats.byName(symmetric ? "Q4_0" : "Q5_0")
                : new IntegerFormat(BLOCK, false, symmetric ? 8 : 16);
    }

    private void convert(int from, int to, MemorySegment out) {
        recent.with(parts.sources(), to - from, layout.rows(), data -> convert(data, from, to, out));
    }

    private void convert(List<MemorySegment> data, int from, int to, MemorySegment out) {
        int columns = layout.columns();
        int tile = Math.clamp(MAX_TILE / columns, 1, TILE_ROWS);
        byte[] integers = new byte[Math.multiplyExact(Math.min(tile, to - from), columns)];
        Row row = new Row();
        for (int first = from; first < to; first += tile) {
            int last = Math.min(to, first + tile);
            layout.integers(data, first, last, integers);
            for (int r = first; r < last; r++) {
                row.convert(data, r, integers, (r - first) * columns, out, (r - from) * target.bytes(columns));
            }
        }
    }

    /** Converts a row at a time. */
    private final class Row {

        private final int[] zeros = new int[layout.groups()];
        private final float[] groupScales = new float[layout.groups()];
        private final boolean floats = !(target instanceof QuantizedFormat);
        private final float[] weights = new float[floats ? layout.columns() : 0];
        private final byte[] quants = new byte[floats ? 0 : layout.columns()];
        private final float[] scales = new float[floats ? 0 : layout.columns() / BLOCK];

        void convert(List<MemorySegment> data, int row, byte[] integers, int at, MemorySegment out, long to) {
            layout.scales().read(data, row, groupScales);
            for (int group = 0; group < zeros.length; group++) {
                zeros[group] = layout.zero(data, row, group);
            }
            if (floats) {
                for (int i = 0; i < weights.length; i++) {
                    int group = groupOf[i];
                    weights[i] = groupScales[group] * ((integers[at + i] & 0xff) - zeros[group]);
                }
                encode(row, out, to);
                return;
            }
            for (int run = 0; run < scales.length; run++) {
                int group = groupOf[run * BLOCK];
                int zero = zeros[group];
                scales[run] = groupScales[group];
                for (int i = run * BLOCK; i < (run + 1) * BLOCK; i++) {
                    quants[i] = (byte) (integers[at + i] - zero);
                }
            }
            BlockWriter.write(target, quants, scales, out, to);
        }

        private void encode(int row, MemorySegment out, long to) {
            try {
                target.encode(weights, 0, weights.length, out, to);
            } catch (IllegalArgumentException e) {
                throw new ModelFileException(
                        "%s: tensor %s: row %d: %s".formatted(parts.file(), parts.tensor(), row, e.getMessage()), e);
            }
        }
    }
}
