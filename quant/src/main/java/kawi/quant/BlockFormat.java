package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * The common part of all quantized formats: {@code decode} is defined by the integer form, and {@code encode} by the
 * content of one block.
 *
 * <pre>    w = scale * q + minimum        product and sum rounded to f32, no fma; without a minimum, scale * q</pre>
 *
 * Every {@code q} is exact in f32, so this is the arithmetic of ggml's reference dequantizers ({@code ggml-quants.c}),
 * bit for bit: {@code a - b} there is {@code a + (-b)} here.
 */
abstract class BlockFormat implements QuantizedFormat {

    /** Weights decoded per call of {@code unpack}: whole blocks of every format. */
    private static final int CHUNK = 256;

    private final String name;
    private final int blockSize;
    private final int blockBytes;
    private final int scaleRun;
    private final boolean hasMinimum;
    private final int largestQuant;

    /** Reused, since a row is decoded for each token. */
    private final ThreadLocal<Scratch> scratch;

    /** The integer form of {@link #CHUNK} weights. */
    private record Scratch(byte[] quants, float[] scales, float[] minimums) {}

    BlockFormat(String name, int blockSize, int blockBytes, int scaleRun, boolean hasMinimum, int largestQuant) {
        this.name = name;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.scaleRun = scaleRun;
        this.hasMinimum = hasMinimum;
        this.largestQuant = largestQuant;
        int runs = CHUNK / scaleRun;
        this.scratch = ThreadLocal.withInitial(
                () -> new Scratch(new byte[CHUNK], new float[runs], new float[hasMinimum ? runs : 0]));
    }

    /** Encodes the finite weights {@code in[from .. from + blockSize())} as the block at byte {@code at}. */
    abstract void encodeBlock(float[] in, int from, MemorySegment data, long at);

    /**
     * The same with the importance of each weight, {@code importance[importanceFrom .. importanceFrom + blockSize())}.
     */
    void encodeBlock(float[] in, int from, float[] importance, int importanceFrom, MemorySegment data, long at) {
        encodeBlock(in, from, data, at);
    }

    /**
     * Encodes blocks that follow each other.
     *
     * @param importance of each weight, or {@link BlockWeights#NO_IMPORTANCE}
     */
    void encodeBlocks(
            float[] in, int from, int blocks, float[] importance, int importanceFrom, MemorySegment data, long at) {
        for (int block = 0; block < blocks; block++) {
            int first = from + block * blockSize;
            long to = at + (long) block * blockBytes;
            if (importance.length == 0) {
                encodeBlock(in, first, data, to);
            } else {
                encodeBlock(in, first, importance, importanceFrom + block * blockSize, data, to);
            }
        }
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final int blockSize() {
        return blockSize;
    }

    @Override
    public final int blockBytes() {
        return blockBytes;
    }

    @Override
    public final int scaleRun() {
        return scaleRun;
    }

    @Override
    public final boolean hasMinimum() {
        return hasMinimum;
    }

    @Override
    public final int largestQuant() {
        return largestQuant;
    }

    @Override
    public final void decode(MemorySegment data, long offset, float[] out, int outOffset, int count) {
        wholeBlocks(count);
        Scratch buffers = scratch.get();
        byte[] quants = buffers.quants;
        float[] scales = buffers.scales;
        float[] minimums = buffers.minimums;
        int weights;
        for (int done = 0; done < count; done += weights) {
            weights = Math.min(CHUNK, count - done);
            unpack(data, offset + bytes(done), weights, quants, 0, scales, minimums, 0);
            for (int i = 0; i < weights; i += scaleRun) {
                float scale = scales[i / scaleRun];
                int to = outOffset + done + i;
                if (hasMinimum) {
                    float minimum = minimums[i / scaleRun];
                    for (int j = 0; j < scaleRun; j++) {
                        out[to + j] = scale * quants[i + j] + minimum;
                    }
                } else {
                    for (int j = 0; j < scaleRun; j++) {
                        out[to + j] = scale * quants[i + j];
                    }
                }
            }
        }
    }

    @Override
    public final void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        int blocks = checkWeights(in, inOffset, count);
        encodeBlocks(in, inOffset, blocks, BlockWeights.NO_IMPORTANCE, 0, data, offset);
    }

    @Override
    public final void encode(
            float[] in,
            int inOffset,
            int count,
            float[] importance,
            int importanceOffset,
            MemorySegment data,
            long offset) {
        int blocks = checkWeights(in, inOffset, count);
        for (int i = 0; i < count; i++) {
            float found = importance[importanceOffset + i];
            if (!(found >= 0 && found < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "encoding %s: the importance of weight %d is %s, but it must be finite and not negative"
                                .formatted(name, i, found));
            }
        }
        encodeBlocks(in, inOffset, blocks, importance, importanceOffset, data, offset);
    }

    /** Returns the number of blocks after having checked that they can be encoded. */
    private int checkWeights(float[] in, int inOffset, int count) {
        if (!canEncode()) {
            throw new UnsupportedOperationException(
                    "weights in %s can be read, but Kawi cannot encode them".formatted(name));
        }
        int blocks = wholeBlocks(count);
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(Math.abs(in[inOffset + i])));
        }
        for (int i = 0; i < count && !Float.isFinite(Float.intBitsToFloat(largest)); i++) {
            if (!Float.isFinite(in[inOffset + i])) {
                throw new IllegalArgumentException(
                        "encoding %s: weight %d is %s, but the format holds finite weights only"
                                .formatted(name, i, in[inOffset + i]));
            }
        }
        return blocks;
    }

    /** The number of blocks that {@code count} weights fill. */
    final int wholeBlocks(int count) {
        if (count < 0 || count % blockSize != 0) {
            throw new IllegalArgumentException(
                    "%d weights are not a whole number of %s blocks of %d".formatted(count, name, blockSize));
        }
        return count / blockSize;
    }

    /** Writes {@code scale} as the f16 at byte {@code at}, and rejects one that f16 cannot hold. */
    final void setScale(MemorySegment data, long at, float scale) {
        if (F16Format.overflows(scale)) {
            throw new IllegalArgumentException(
                    "encoding %s: the weights of a block are so large that its scale is %s, beyond the largest f16, 65504"
                            .formatted(name, scale));
        }
        F16Format.set(data, at, scale);
    }

    @Override
    public final String toString() {
        return name;
    }
}
