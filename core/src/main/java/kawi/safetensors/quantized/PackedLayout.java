package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kawi.safetensors.quantized.Parts.Part;
import org.jspecify.annotations.Nullable;

/**
 * compressed-tensors, format {@code pack-quantized}, 4 or 8 bits, n numbers per 32-bit word, the first in the lowest
 * bits. All numbers are stored plus 8 or 128.
 *
 * <pre>
 *    weight_packed       I32 [outputs][inputs / n]   word (o, i / n), number i mod n is q[o][i]
 *    weight_shape        I64 or I32 [2]              outputs, inputs
 *    weight_scale        [outputs][groups], [outputs][1] or [1]
 *    weight_zero_point   I32 [outputs / n][groups]   word (o / n, g), number o mod n is zero[o][g];
 *                        or I8 [outputs][groups], not packed and without the addition; absent if symmetric
 *    weight_g_idx        I32 [inputs]                the group of each input; without it they are in order
 * </pre>
 */
record PackedLayout(
        int rows,
        int columns,
        int bits,
        int groups,
        Part weights,
        @Nullable Part zeros,
        Scales scales,
        @Nullable Part order,
        Parts parts)
        implements IntegerLayout {

    static PackedLayout of(Parts parts) {
        Part weights = parts.matrix("weight_packed", "I32");
        int outputs = weights.rows();
        int inputs = inputs(parts, outputs);
        int bits = (int) Math.min(64, 32L * weights.columns() / inputs);
        int perWord = bits == 4 || bits == 8 ? 32 / bits : 1;
        if (perWord == 1 || (inputs + perWord - 1) / perWord != weights.columns()) {
            throw parts.wrong(
                    weights.name(),
                    "it has %d words for %d inputs; packed weights of 4 and 8 bits are read"
                            .formatted(weights.columns(), inputs));
        }
        Scales scales = ByteLayout.scales(parts, outputs);
        int groups = ByteLayout.groups(parts, scales, inputs);
        Part zeros = parts.has("weight_zero_point") ? parts.matrix("weight_zero_point", "I32", "I8") : null;
        if (zeros != null) {
            parts.check(zeros, zeros.dtype().equals("I8") ? outputs : (outputs + perWord - 1) / perWord, groups);
        }
        Part order = parts.has("weight_g_idx") ? parts.get("weight_g_idx", "I32", "I64") : null;
        if (order != null) {
            parts.check(order, inputs);
        }
        return new PackedLayout(outputs, inputs, bits, groups, weights, zeros, scales, order, parts);
    }

    private static int inputs(Parts parts, int outputs) {
        Part shape = parts.get("weight_shape", "I64", "I32");
        parts.check(shape, 2);
        MemorySegment bytes = shape.bytes()
                .read(0, shape.bytes().byteSize(), (size, _) -> MemorySegment.ofArray(new byte[Math.toIntExact(size)]));
        long first = integer(shape, bytes, 0);
        long second = integer(shape, bytes, 1);
        if (first != outputs || second < 1 || second > Integer.MAX_VALUE) {
            throw parts.wrong(
                    shape.name(),
                    "it declares %d x %d weights, but there are %d packed rows".formatted(first, second, outputs));
        }
        return (int) second;
    }

    private static long integer(Part part, MemorySegment bytes, int index) {
        return part.dtype().equals("I64")
                ? bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(INT.order()), index * 8L)
                : bytes.get(INT, index * 4L);
    }

    @Override
    public int[] groupOf(List<MemorySegment> data) {
        if (order == null) {
            return Groups.inOrder(columns, columns / groups);
        }
        int[] groupOf = new int[columns];
        for (int column = 0; column < columns; column++) {
            long group = integer(order, data.get(order.index()), column);
            if (group < 0 || group >= groups) {
                throw parts.wrong(
                        order.name(),
                        "input %d is in group %d, but there are %d groups".formatted(column, group, groups));
            }
            groupOf[column] = (int) group;
        }
        return groupOf;
    }

    @Override
    public void integers(List<MemorySegment> data, int from, int to, byte[] out) {
        MemorySegment words = data.get(weights.index());
        int perWord = 32 / bits;
        int whole = columns / perWord;
        for (int row = from; row < to; row++) {
            long at = (long) row * weights.columns() * Integer.BYTES;
            int first = (row - from) * columns;
            for (int i = 0; i < whole; i++) {
                Words.unpack(words.get(INT, at + (long) i * Integer.BYTES), bits, out, first + i * perWord);
            }
            for (int column = whole * perWord; column < columns; column++) {
                int word = words.get(INT, at + (long) whole * Integer.BYTES);
                out[first + column] = (byte) ((word >>> (column % perWord * bits)) & ((1 << bits) - 1));
            }
        }
    }

    @Override
    public int zero(List<MemorySegment> data, int row, int group) {
        if (zeros == null) {
            return middle();
        }
        MemorySegment bytes = data.get(zeros.index());
        if (zeros.dtype().equals("I8")) {
            return bytes.get(ValueLayout.JAVA_BYTE, (long) row * groups + group) + middle();
        }
        int perWord = 32 / bits;
        int word = bytes.get(INT, ((long) (row / perWord) * groups + group) * Integer.BYTES);
        return (word >>> (row % perWord * bits)) & ((1 << bits) - 1);
    }
}
