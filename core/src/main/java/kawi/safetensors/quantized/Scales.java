package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.safetensors.quantized.Parts.Part;

/**
 * A tensor of scales.
 *
 * @param rowStride the distance of the scales of neighboring rows, 0 if they have the same
 * @param groupStride the distance of the scales of neighboring groups, 0 if there is one group
 */
record Scales(Part part, WeightFormat format, long rowStride, long groupStride) {

    static final String[] TYPES = {"F16", "BF16", "F32"};

    static Scales of(Part part, long rowStride, long groupStride) {
        return new Scales(part, WeightFormats.ofSafetensors(part.dtype()), rowStride, groupStride);
    }

    /** The scales of the groups of a row. */
    void read(List<MemorySegment> parts, int row, float[] out) {
        MemorySegment data = parts.get(part.index());
        if (groupStride == 1) {
            format.decode(data, format.bytes(row * rowStride), out, 0, out.length);
            return;
        }
        for (int group = 0; group < out.length; group++) {
            format.decode(data, format.bytes(row * rowStride + group * groupStride), out, group, 1);
        }
    }

    /** Whether all scales are numbers of 16 bits with 5 bits of exponent, in which Kawi's integer formats store them. */
    boolean fitF16() {
        if (part.dtype().equals("F16")) {
            return true;
        }
        long size = part.bytes().byteSize() / format.blockBytes();
        float[] piece = new float[(int) Math.min(size, 1 << 14)];
        for (long at = 0; at < size; at += piece.length) {
            int count = (int) Math.min(piece.length, size - at);
            part.bytes().decode(format, format.bytes(at), piece, 0, count);
            for (int i = 0; i < count; i++) {
                if (Float.float16ToFloat(Float.floatToFloat16(piece[i])) != piece[i]) {
                    return false;
                }
            }
        }
        return true;
    }
}
