package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * The rows of formats that have a number per row in files: the row's f32 factor, then its blocks. Everything else
 * handles whole blocks, so the number becomes a part of each block:
 *
 * <pre>
 *    file    d  block 0  block 1  ...
 *    here    d  block 0  d  block 1  ...
 * </pre>
 */
public final class RowHeader {

    private static final int BYTES = Float.BYTES;

    private RowHeader() {}

    /** Whether rows in {@code format} have a header in files. */
    public static boolean isIn(WeightFormat format) {
        return format == IQ4_KSFormat.INSTANCE;
    }

    /** The size in bytes of a row of {@code columns} weights in a file; a whole number of blocks. */
    public static long rowBytes(WeightFormat format, int columns) {
        long blocks = columns / format.blockSize();
        return isIn(format) ? BYTES + blocks * (format.blockBytes() - BYTES) : format.bytes(columns);
    }

    /**
     * Converts rows with headers to blocks.
     *
     * @param rows contains the rows of a file
     * @param blocks receives as many rows of blocks
     */
    public static void toBlocks(WeightFormat format, int columns, MemorySegment rows, MemorySegment blocks) {
        int bytes = format.blockBytes() - BYTES;
        int perRow = columns / format.blockSize();
        long count = rows.byteSize() / rowBytes(format, columns);
        long from = 0;
        long to = 0;
        for (long row = 0; row < count; row++) {
            int header = rows.get(LittleEndian.INT, from);
            from += BYTES;
            for (int block = 0; block < perRow; block++) {
                blocks.set(LittleEndian.INT, to, header);
                MemorySegment.copy(rows, from, blocks, to + BYTES, bytes);
                from += bytes;
                to += BYTES + bytes;
            }
        }
    }
}
