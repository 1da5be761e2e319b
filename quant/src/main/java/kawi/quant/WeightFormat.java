package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * The encoding of the weights of a tensor row in a file: a run of blocks of equal size, each of which holds {@link
 * #blockSize()} weights in {@link #blockBytes()} bytes, little endian.
 *
 * <p>There are two kinds, which the numerics contract treats differently: {@link FloatFormat}, whose weights are
 * multiplied directly, and {@link QuantizedFormat}, whose integers are multiplied with int8 activations. A format is a
 * stateless singleton, safe for use by multiple threads.
 */
public sealed interface WeightFormat permits FloatFormat, QuantizedFormat {

    /** The name of the format in files and for users: {@code F32}, {@code Q8_0}, {@code Q4_K}. */
    String name();

    /** Weights per block; a tensor row is a whole number of blocks. */
    int blockSize();

    /** Bytes per block. */
    int blockBytes();

    /**
     * Decodes whole blocks to floats.
     *
     * @param data contains the blocks
     * @param offset byte offset of the first block; needs no alignment
     * @param out receives {@code count} weights from {@code outOffset} on
     * @param count weights to decode, a multiple of {@link #blockSize()}
     */
    void decode(MemorySegment data, long offset, float[] out, int outOffset, int count);

    /**
     * Encodes whole blocks: the inverse of {@link #decode}, with rounding to the values of the format.
     *
     * @param in contains {@code count} weights from {@code inOffset} on
     * @param count weights to encode, a multiple of {@link #blockSize()}
     * @param data receives the blocks from byte {@code offset} on
     * @throws UnsupportedOperationException unless {@link #canEncode()}
     */
    void encode(float[] in, int inOffset, int count, MemorySegment data, long offset);

    /**
     * Encodes whole blocks such that errors of important weights are smaller than those of others. Formats that have no
     * choice, because they round each weight by itself, ignore the importance.
     *
     * @param in contains {@code count} weights from {@code inOffset} on
     * @param count weights to encode, a multiple of {@link #blockSize()}
     * @param importance contains a number for each weight from {@code importanceOffset} on, finite and not negative, by
     *     which the square of the weight's error counts; only their ratios matter
     * @param data receives the blocks from byte {@code offset} on
     * @throws UnsupportedOperationException unless {@link #canEncode()}
     */
    default void encode(
            float[] in,
            int inOffset,
            int count,
            float[] importance,
            int importanceOffset,
            MemorySegment data,
            long offset) {
        encode(in, inOffset, count, data, offset);
    }

    /** Whether weights can be encoded; all formats can be decoded. */
    default boolean canEncode() {
        return true;
    }

    /** Bytes of {@code weights} weights, which must be a whole number of blocks. */
    default long bytes(long weights) {
        return Math.multiplyExact(weights / blockSize(), (long) blockBytes());
    }
}
