package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The integer form of any {@link QuantizedFormat} as bytes, for weights that are converted while they are read. It does
 * not occur in files and is not among the formats of {@link WeightFormats}.
 *
 * <pre>
 *    offset         bytes
 *         0  128 / run      scales, f32, one for each run of weights
 *            128 / run      minimums, f32, only with minimums
 *                   32      q, int8
 * </pre>
 *
 * @param scaleRun 16 or 32
 * @param largestQuant see {@link QuantizedFormat#largestQuant}
 */
public record IntegerFormat(int scaleRun, boolean hasMinimum, int largestQuant) implements QuantizedFormat {

    private static final int WEIGHTS = 32;

    @Override
    public String name() {
        return "INT8_%d%s_%d".formatted(scaleRun, hasMinimum ? "_MIN" : "", largestQuant);
    }

    @Override
    public int blockSize() {
        return WEIGHTS;
    }

    @Override
    public int blockBytes() {
        return (hasMinimum ? 2 : 1) * runs() * Float.BYTES + WEIGHTS;
    }

    private int runs() {
        return WEIGHTS / scaleRun;
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
        int runs = runs();
        long scaleBytes = (long) runs * Float.BYTES;
        long quantsAt = hasMinimum ? 2 * scaleBytes : scaleBytes;
        int blocks = count / WEIGHTS;
        for (int block = 0; block < blocks; block++) {
            long at = offset + (long) block * blockBytes();
            int scale = scalesOffset + block * runs;
            MemorySegment.copy(data, LittleEndian.FLOAT, at, scales, scale, runs);
            if (hasMinimum) {
                MemorySegment.copy(data, LittleEndian.FLOAT, at + scaleBytes, minimums, scale, runs);
            }
            int quant = quantsOffset + block * WEIGHTS;
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at + quantsAt, quants, quant, WEIGHTS);
        }
    }

    /**
     * The inverse of {@link #unpack}.
     *
     * @param count weights to pack, a multiple of {@link #blockSize()}
     */
    public void pack(byte[] quants, float[] scales, float[] minimums, int count, MemorySegment data, long offset) {
        int runs = runs();
        long scaleBytes = (long) runs * Float.BYTES;
        long quantsAt = hasMinimum ? 2 * scaleBytes : scaleBytes;
        for (int block = 0; block < count / WEIGHTS; block++) {
            long at = offset + (long) block * blockBytes();
            MemorySegment.copy(scales, block * runs, data, LittleEndian.FLOAT, at, runs);
            if (hasMinimum) {
                MemorySegment.copy(minimums, block * runs, data, LittleEndian.FLOAT, at + scaleBytes, runs);
            }
            MemorySegment.copy(quants, block * WEIGHTS, data, ValueLayout.JAVA_BYTE, at + quantsAt, WEIGHTS);
        }
    }

    @Override
    public void decode(MemorySegment data, long offset, float[] out, int outOffset, int count) {
        int runs = runs();
        long quantsAt = offset + (hasMinimum ? 2L : 1L) * runs * Float.BYTES;
        for (int i = 0; i < count; i++) {
            long block = (long) (i / WEIGHTS) * blockBytes();
            long scaleAt = offset + block + (long) (i % WEIGHTS / scaleRun) * Float.BYTES;
            float product = data.get(LittleEndian.FLOAT, scaleAt)
                    * data.get(ValueLayout.JAVA_BYTE, quantsAt + block + i % WEIGHTS);
            out[outOffset + i] =
                    hasMinimum ? product + data.get(LittleEndian.FLOAT, scaleAt + (long) runs * Float.BYTES) : product;
        }
    }

    @Override
    public boolean canEncode() {
        return false;
    }

    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        throw new UnsupportedOperationException(name() + " is a form for reading; weights cannot be encoded in it");
    }
}
