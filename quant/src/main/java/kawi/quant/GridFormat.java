package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * The common part of the formats whose codes are numbers of points of a {@link Grid}, in blocks of 256 weights with an
 * f16 factor at their beginning.
 */
abstract class GridFormat extends DecodedFormat {

    static final int WEIGHTS = 256;

    GridFormat(String name, int blockBytes, int scaleRun, CodeBook codeBook) {
        super(name, WEIGHTS, blockBytes, scaleRun, codeBook);
    }

    /** Converts the block at byte {@code at} to integer form. */
    abstract void unpackBlock(
            MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset);

    @Override
    public final void unpack(
            MemorySegment data,
            long offset,
            int count,
            byte[] quants,
            int quantsOffset,
            float[] scales,
            float[] minimums,
            int scalesOffset) {
        int blocks = wholeBlocks(count);
        int runs = WEIGHTS / scaleRun();
        for (int block = 0; block < blocks; block++) {
            long at = offset + (long) block * blockBytes();
            unpackBlock(data, at, quants, quantsOffset + block * WEIGHTS, scales, scalesOffset + block * runs);
        }
    }

    /** The code book of magnitudes with signs. */
    static CodeBook signed(int... magnitudes) {
        int[] integers = new int[2 * magnitudes.length];
        for (int i = 0; i < magnitudes.length; i++) {
            integers[2 * i] = magnitudes[i];
            integers[2 * i + 1] = -magnitudes[i];
        }
        return new CodeBook(integers);
    }

    /** Eight magnitudes above 0 with signs: byte {@code i} is negated if bit {@code i} of {@code signs} is set. */
    static long signed(long magnitudes, int signs) {
        long negative = ByteLanes.ofBits(signs);
        return (magnitudes ^ (negative * 0xff)) + negative; // no byte is 0, so none carries into the next
    }

    /** Eight signs stored as seven bits: the number of negative weights is even. */
    static int evenSigns(int bits) {
        return (bits & 0x7f) | ((Integer.bitCount(bits & 0x7f) & 1) << 7);
    }

    @Override
    void setFactor(MemorySegment data, long at, float d) {
        setScale(data, at, d);
    }
}
