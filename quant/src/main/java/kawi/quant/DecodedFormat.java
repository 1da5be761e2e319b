package kawi.quant;

import java.lang.foreign.MemorySegment;

/** A quantized format that can be decoded only: finding good codes takes a search that Kawi does not have. */
abstract class DecodedFormat extends BlockFormat {

    private final byte[] codeBook;

    DecodedFormat(String name, int blockSize, int blockBytes, int scaleRun, CodeBook codeBook) {
        super(name, blockSize, blockBytes, scaleRun, false, codeBook.largestQuant());
        this.codeBook = codeBook.distinct();
    }

    /** Makes {@code d} the factor of all scales of the block at byte {@code at}. */
    abstract void setFactor(MemorySegment data, long at, float d);

    @Override
    public final byte[] codeBook() {
        return codeBook.clone();
    }

    @Override
    public final boolean canEncode() {
        return false;
    }

    @Override
    final void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        throw new UnsupportedOperationException("encoding " + name());
    }
}
