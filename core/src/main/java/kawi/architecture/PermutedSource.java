package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;

/**
 * The bytes of a tensor with equal pieces in another order: after {@code start} bytes that stay where they are, piece
 * {@code i} of each run of {@code order.length} pieces is piece {@code order[i]} of the same run.
 */
public final class PermutedSource implements TensorSource {

    private final TensorSource whole;
    private final long start;
    private final long pieceBytes;
    private final int[] order;

    public PermutedSource(TensorSource whole, long start, long pieceBytes, int[] order) {
        this.whole = whole;
        this.start = start;
        this.pieceBytes = pieceBytes;
        this.order = Arrays.copyOf(order, order.length);
    }

    @Override
    public long byteSize() {
        return whole.byteSize();
    }

    @Override
    public MemorySegment read(long offset, long bytes, SegmentAllocator copies) {
        MemorySegment copy = copies.allocate(bytes, 1);
        for (long at = 0; at < bytes; ) {
            long length = Math.min(bytes - at, contiguous(offset + at));
            MemorySegment part = copy.asSlice(at, length);
            MemorySegment read = whole.read(origin(offset + at), length, SegmentAllocator.prefixAllocator(part));
            if (!read.equals(part)) {
                part.copyFrom(read);
            }
            at += length;
        }
        return copy;
    }

    @Override
    public void decode(WeightFormat format, long offset, float[] out, int outOffset, int count) {
        for (int done = 0; done < count; ) {
            long at = offset + format.bytes(done);
            int weights = (int) Math.min(count - done, contiguous(at) / format.blockBytes() * format.blockSize());
            whole.decode(format, origin(at), out, outOffset + done, weights);
            done += weights;
        }
    }

    /** The number of bytes from {@code at} on that follow one another in the original. */
    private long contiguous(long at) {
        return at < start ? start - at : pieceBytes - (at - start) % pieceBytes;
    }

    /** The position of a byte in the original. */
    private long origin(long at) {
        if (at < start) {
            return at;
        }
        long piece = (at - start) / pieceBytes;
        long run = piece / order.length * order.length;
        return start + (run + order[(int) (piece % order.length)]) * pieceBytes + (at - start) % pieceBytes;
    }
}
