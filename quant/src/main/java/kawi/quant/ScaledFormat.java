package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * A format whose scales count {@code factor} times: that of a tensor with a factor of its own, such as those in NVFP4,
 * whose scales of runs have 8 bits only. {@code scale = factor * scale of the format}, rounded to f32.
 */
final class ScaledFormat extends BlockFormat {

    private final QuantizedFormat format;
    private final float factor;

    ScaledFormat(QuantizedFormat format, float factor) {
        super(
                "%s times %s".formatted(format.name(), factor),
                format.blockSize(),
                format.blockBytes(),
                format.scaleRun(),
                format.hasMinimum(),
                format.largestQuant());
        this.format = format;
        this.factor = factor;
    }

    @Override
    public byte[] codeBook() {
        return format.codeBook();
    }

    @Override
    public void unpack(
            MemorySegment data,
            long offset,
            int count,
            byte[] quants,
            int quantsOffset,
            float[] scales,
            float[] minimums,
            int scalesOffset) {
        format.unpack(data, offset, count, quants, quantsOffset, scales, minimums, scalesOffset);
        int runs = count / format.scaleRun();
        for (int i = scalesOffset; i < scalesOffset + runs; i++) {
            scales[i] *= factor;
            if (format.hasMinimum()) {
                minimums[i] *= factor;
            }
        }
    }

    @Override
    public boolean canEncode() {
        return false;
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        throw new UnsupportedOperationException("encoding " + name());
    }
}
