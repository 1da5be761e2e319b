package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import kawi.safetensors.quantized.Parts.Part;
import org.jspecify.annotations.Nullable;

/**
 * compressed-tensors, format {@code int-quantized}: signed bytes.
 *
 * <pre>
 *    weight              I8 [outputs][inputs]
 *    weight_scale        [outputs][groups], [outputs][1] or [1]
 *    weight_zero_point   I8, of the shape of the scales; absent if symmetric
 * </pre>
 */
record ByteLayout(
        int rows,
        int columns,
        int groups,
        Part weights,
        @Nullable Part zeros,
        Scales scales) implements IntegerLayout {

    static ByteLayout of(Parts parts) {
        Part weights = parts.matrix("weight", "I8");
        Scales scales = scales(parts, weights.rows());
        int groups = groups(parts, scales, weights.columns());
        Part zeros = parts.has("weight_zero_point") ? parts.get("weight_zero_point", "I8") : null;
        if (zeros != null) {
            parts.check(zeros, scales.part().shape());
        }
        return new ByteLayout(weights.rows(), weights.columns(), groups, weights, zeros, scales);
    }

    /** The scales of compressed-tensors: one for each group, for each output, or for all. */
    static Scales scales(Parts parts, int outputs) {
        Part part = parts.get("weight_scale", Scales.TYPES);
        long[] shape = part.shape();
        if (shape.length == 0 || (shape.length == 1 && shape[0] == 1)) {
            return Scales.of(part, 0, 0);
        }
        if (shape.length == 1) {
            parts.check(part, outputs);
            return Scales.of(part, 1, 0);
        }
        if (shape.length != 2 || shape[0] != outputs) {
            throw parts.wrong(
                    part.name(),
                    "its shape is %s, but one scale, or one or more for each of %d outputs are expected"
                            .formatted(Arrays.toString(shape), outputs));
        }
        return Scales.of(part, shape[1], shape[1] == 1 ? 0 : 1);
    }

    static int groups(Parts parts, Scales scales, int inputs) {
        int groups = scales.groupStride() == 0 ? 1 : scales.part().columns();
        if (inputs % groups != 0) {
            throw parts.wrong(
                    scales.part().name(),
                    "it has %d groups, which cannot divide %d inputs evenly".formatted(groups, inputs));
        }
        return groups;
    }

    @Override
    public int bits() {
        return 8;
    }

    @Override
    public int[] groupOf(List<MemorySegment> parts) {
        return Groups.inOrder(columns, columns / groups);
    }

    @Override
    public void integers(List<MemorySegment> parts, int from, int to, byte[] out) {
        MemorySegment bytes = parts.get(weights.index());
        for (int i = 0; i < (to - from) * columns; i++) {
            out[i] = (byte) (bytes.get(ValueLayout.JAVA_BYTE, (long) from * columns + i) + 128);
        }
    }

    @Override
    public int zero(List<MemorySegment> parts, int row, int group) {
        if (zeros == null) {
            return middle();
        }
        long at = row * scales.rowStride() + group * scales.groupStride();
        return parts.get(zeros.index()).get(ValueLayout.JAVA_BYTE, at) + middle();
    }
}
