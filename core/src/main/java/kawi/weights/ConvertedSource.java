package kawi.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Objects;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;

/**
 * The rows of a matrix in a format in which they are not stored: they are converted on each request. Kernels request
 * each row about once, when they pack a matrix, so there is never a second copy of it.
 *
 * @param format the format that rows are converted to
 * @param stored the bytes that they are converted from
 */
public record ConvertedSource(WeightFormat format, int rows, int columns, List<TensorSource> stored, Conversion rowsOf)
        implements TensorSource {

    /** Converts rows of a matrix; safe for use by multiple threads. */
    @FunctionalInterface
    public interface Conversion {

        /**
         * Converts rows {@code from} to {@code to - 1}.
         *
         * @param out receives exactly these rows
         */
        void convert(int from, int to, MemorySegment out);
    }

    /** The matrix of these rows. */
    public static Tensor tensor(
            String name, WeightFormat format, int rows, int columns, List<TensorSource> stored, Conversion rowsOf) {
        return new Tensor(name, format, rows, columns, new ConvertedSource(format, rows, columns, stored, rowsOf));
    }

    @Override
    public boolean isConverted() {
        return true;
    }

    private long rowBytes() {
        return format.bytes(columns);
    }

    @Override
    public long byteSize() {
        return rows * rowBytes();
    }

    @Override
    public MemorySegment read(long offset, long bytes, SegmentAllocator copies) {
        Objects.checkFromIndexSize(offset, bytes, byteSize());
        MemorySegment out = copies.allocate(bytes, 1);
        long rowBytes = rowBytes();
        long end = offset + bytes;
        for (long at = offset; at < end; ) {
            int row = (int) (at / rowBytes);
            long within = at % rowBytes;
            if (within == 0 && end - at >= rowBytes) {
                int to = (int) (end / rowBytes);
                long whole = (to - row) * rowBytes;
                rowsOf.convert(row, to, out.asSlice(at - offset, whole));
                at += whole;
            } else {
                long part = Math.min(rowBytes - within, end - at);
                MemorySegment single = MemorySegment.ofArray(new byte[Math.toIntExact(rowBytes)]);
                rowsOf.convert(row, row + 1, single);
                MemorySegment.copy(single, within, out, at - offset, part);
                at += part;
            }
        }
        return out;
    }

    @Override
    public void decode(WeightFormat as, long offset, float[] out, int outOffset, int count) {
        MemorySegment bytes =
                read(offset, as.bytes(count), (size, _) -> MemorySegment.ofArray(new byte[Math.toIntExact(size)]));
        as.decode(bytes, 0, out, outOffset, count);
    }
}
