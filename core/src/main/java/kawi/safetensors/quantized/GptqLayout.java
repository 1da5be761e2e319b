package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.safetensors.quantized.Parts.Part;
import org.jspecify.annotations.Nullable;

/**
 * GPTQ (AutoGPTQ, GPTQModel), 4 or 8 bits, n numbers per 32-bit word, the first in the lowest bits.
 *
 * <pre>
 *    qweight   I32 [inputs / n][outputs]   word (i / n, o), number i mod n is q[o][i]
 *    qzeros    I32 [groups][outputs / n]   word (g, o / n), number o mod n is zero[o][g]
 *    scales    f16 [groups][outputs]
 *    g_idx     I32 [inputs]                the group of each input; without it they are in order
 * </pre>
 *
 * <p>In the first version of the format each word of {@code qzeros} is less by 1 in each of its numbers. It is added to
 * the word, with carries, which is the inverse of how such files are written.
 */
record GptqLayout(
        int rows,
        int columns,
        int bits,
        int groups,
        Part weights,
        Part zeros,
        Scales scales,
        @Nullable Part order,
        int groupSize,
        boolean zerosLessOne,
        Parts parts)
        implements IntegerLayout {

    static GptqLayout of(Parts parts, QuantizationMethod method) {
        Part weights = parts.matrix("qweight", "I32");
        Part zeros = parts.matrix("qzeros", "I32");
        Part scales = parts.matrix("scales", Scales.TYPES);
        int outputs = weights.columns();
        int groups = scales.rows();
        parts.check(scales, groups, outputs);
        // Words of 4 bits have 8 numbers, of 8 bits 4.
        int bits = (int) Math.min(64, 32L * zeros.columns() / outputs);
        if (bits != 4 && bits != 8) {
            throw parts.wrong(
                    zeros.name(),
                    "it has %d columns for %d outputs, which makes %d bits; GPTQ weights of 4 and 8 bits are read"
                            .formatted(zeros.columns(), outputs, bits));
        }
        int perWord = 32 / bits;
        parts.check(zeros, groups, (outputs + perWord - 1) / perWord);
        int inputs = parts.times(weights, weights.rows(), perWord);
        Part order = parts.has("g_idx") ? parts.get("g_idx", "I32") : null;
        // Single modules may have groups of another size than the configuration says.
        int groupSize = method.groupSize()
                .filter(size -> size > 0 && (inputs + (long) size - 1) / size == groups)
                .orElse(inputs / groups);
        if (order != null) {
            parts.check(order, inputs);
        } else if ((inputs + (long) groupSize - 1) / Math.max(1, groupSize) != groups) {
            throw parts.wrong(
                    scales.name(), "it has %d rows, which cannot divide %d inputs evenly".formatted(groups, inputs));
        }
        return new GptqLayout(
                outputs,
                inputs,
                bits,
                groups,
                weights,
                zeros,
                Scales.of(scales, 1, outputs),
                order,
                groupSize,
                method.zerosLessOne(),
                parts);
    }

    @Override
    public int[] groupOf(List<MemorySegment> data) {
        int[] groupOf = new int[columns];
        for (int column = 0; column < columns; column++) {
            int group = order == null
                    ? column / groupSize
                    : data.get(order.index()).get(INT, (long) column * Integer.BYTES);
            if (group < 0 || group >= groups) {
                throw parts.wrong(
                        order == null ? weights.name() : order.name(),
                        "input %d is in group %d, but there are %d groups".formatted(column, group, groups));
            }
            groupOf[column] = group;
        }
        return groupOf;
    }

    @Override
    public void integers(List<MemorySegment> data, int from, int to, byte[] out) {
        MemorySegment words = data.get(weights.index());
        int perWord = 32 / bits;
        for (int column = 0; column < columns; column += perWord) {
            long at = ((long) (column / perWord) * rows + from) * Integer.BYTES;
            for (int row = from; row < to; row++, at += Integer.BYTES) {
                Words.unpack(words.get(INT, at), bits, out, (row - from) * columns + column);
            }
        }
    }

    @Override
    public int zero(List<MemorySegment> data, int row, int group) {
        int perWord = 32 / bits;
        long at = ((long) group * zeros.columns() + row / perWord) * Integer.BYTES;
        int word = data.get(zeros.index()).get(INT, at);
        if (zerosLessOne) {
            word += bits == 4 ? 0x1111_1111 : 0x0101_0101;
        }
        return (word >>> (row % perWord * bits)) & ((1 << bits) - 1);
    }
}
