package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * How the weights of a tensor row are written in a file: a run of equal blocks, each holding {@link #blockSize()}
 * weights in {@link #blockBytes()} bytes, little endian.
 *
 * <p>There are two families, because the numerics contract treats them differently: {@link FloatFormat}, whose weights
 * are multiplied as they are, and {@link QuantizedFormat}, whose integers are multiplied with int8 activations. A
 * format is a stateless singleton; all methods may be called from any thread.
 */
public sealed interface WeightFormat permits FloatFormat, QuantizedFormat {

    /** The name files and users know it by: {@code F32}, {@code Q8_0}, {@code Q4_K}. */
    String name();

    /** Weights per block; a tensor row is always a whole number of blocks. */
    int blockSize();

    /** Bytes per block. */
    int blockBytes();

    /**
     * Decodes whole blocks to floats.
     *
     * @param data where the blocks are
     * @param offset byte offset of the first block; needs no alignment
     * @param out receives {@code count} weights from {@code outOffset} on
     * @param count weights to decode, a multiple of {@link #blockSize()}
     */
    void decode(MemorySegment data, long offset, float[] out, int outOffset, int count);

    /**
     * Encodes whole blocks: the inverse of {@link #decode}, rounding to what the format can hold.
     *
     * @param in source of {@code count} weights from {@code inOffset} on
     * @param count weights to encode, a multiple of {@link #blockSize()}
     * @param data receives the blocks from byte {@code offset} on
     */
    void encode(float[] in, int inOffset, int count, MemorySegment data, long offset);

    /** Bytes of {@code weights} weights, which must be a whole number of blocks. */
    default long bytes(long weights) {
        return Math.multiplyExact(weights / blockSize(), (long) blockBytes());
    }
}
