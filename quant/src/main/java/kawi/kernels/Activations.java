package kawi.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * Rows of activations, one per token, off heap: {@code capacity} rows of {@code width} floats, and the same rows in
 * int8 for products with quantized weights.
 *
 * <pre>
 *    floats   f32 [capacity][width]
 *    int8     [capacity][blocks][64 bytes]      blocks = ceil(width / 32)
 *
 *    a block of 32 in int8, one cache line:
 *       0   int8  q[32]         the last block of a row is padded with zeros
 *      32   f32   scale
 *      36   i32   -(sum of q)
 *      40   i32   -(sum of the first 16), -(sum of the last 16)
 *      48   f32   scale * sum
 *      52   f32   scale * sum of the first 16, scale * sum of the last 16
 *      60   0
 * </pre>
 *
 * <p>The int8 form of a block, in f32 arithmetic:
 *
 * <pre>
 *    scale = max |x[i]| / 127
 *    q[i]  = clamp(round-half-even(x[i] / scale), -127, 127)        0 if scale is 0, infinite or NaN
 * </pre>
 *
 * Numbers so small that {@code scale} rounds to 0 count as zeros. A block with an infinity or a NaN has that as its
 * scale, so every product with it is NaN: an error becomes visible instead of turning into plausible numbers. After
 * writing floats, call {@link MatrixKernel#quantize} before the next quantized product.
 *
 * @param floats the rows; 64-byte aligned
 * @param int8 the rows in int8; 64-byte aligned; empty if the rows are never multiplied with weights
 * @param capacity the maximum number of rows
 * @param width floats per row
 */
public record Activations(MemorySegment floats, MemorySegment int8, int capacity, int width) {

    /** Activations per scale of the int8 form. */
    public static final int BLOCK = 32;

    private static final long ALIGNMENT = 64;

    /** Bytes of a block of the int8 form. */
    public static final int BLOCK_BYTES = 64;

    /** Activations per sum of the int8 form, beside the one of the whole block. */
    public static final int SUM_RUN = 16;

    public static final int SCALE = 32;
    public static final int NEGATED_SUM = 36;
    public static final int NEGATED_HALF_SUMS = 40;
    public static final int SCALED_SUM = 48;
    public static final int SCALED_HALF_SUMS = 52;

    /** Allocates rows of whatever the allocator has in its memory: zeros if it is an arena. */
    public static Activations allocate(SegmentAllocator memory, int capacity, int width) {
        return new Activations(
                memory.allocate(floatBytes(capacity, width), ALIGNMENT),
                memory.allocate(int8Bytes(capacity, width), ALIGNMENT),
                capacity,
                width);
    }

    /** Allocates rows that receive products but are never multiplied with weights, so without an int8 form. */
    public static Activations outputs(SegmentAllocator memory, int capacity, int width) {
        return new Activations(
                memory.allocate(floatBytes(capacity, width), ALIGNMENT), MemorySegment.NULL, capacity, width);
    }

    /**
     * Rows {@code [first, first + count)} in the same memory. They begin at a multiple of 64 bytes if {@code first} is
     * a multiple of 16.
     */
    public Activations view(int first, int count) {
        return new Activations(
                floats.asSlice(floatBytes(first, width), floatBytes(count, width)),
                int8.byteSize() == 0 ? int8 : int8.asSlice(blockAt(first, 0), int8Bytes(count, width)),
                count,
                width);
    }

    /** The same floats with the memory of the int8 form of other rows, at least as many and as wide. */
    public Activations quantizedIn(Activations other) {
        return new Activations(floats, other.int8, capacity, width);
    }

    /** Whether the memory is sufficient for {@code rows} rows of {@code columns} floats. */
    public boolean holds(int rows, int columns) {
        return floatBytes(rows, columns) <= floats.byteSize() && int8Bytes(rows, columns) <= int8.byteSize();
    }

    /** The same memory, which has to be sufficient, as rows of another width. */
    public Activations reshaped(int rows, int columns) {
        return new Activations(
                floats.asSlice(0, floatBytes(rows, columns)), int8.asSlice(0, int8Bytes(rows, columns)), rows, columns);
    }

    /** The maximum number of bytes that {@link #allocate} takes. */
    public static long allocatedBytes(int capacity, int width) {
        return outputBytes(capacity, width) + int8Bytes(capacity, width);
    }

    /** The maximum number of bytes that {@link #outputs} takes. */
    public static long outputBytes(int capacity, int width) {
        return floatBytes(capacity, width) + ALIGNMENT;
    }

    private static long floatBytes(int capacity, int width) {
        return (long) capacity * width * Float.BYTES;
    }

    private static long int8Bytes(int capacity, int width) {
        return (long) capacity * blocks(width) * BLOCK_BYTES;
    }

    private static int blocks(int width) {
        return (width + BLOCK - 1) / BLOCK;
    }

    /** Blocks of 32 per row. */
    public int blocks() {
        return blocks(width);
    }

    /** Element {@code column} of row {@code row}. */
    public float get(int row, int column) {
        return floats.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * width + column);
    }

    /** Sets element {@code column} of row {@code row}. */
    public void set(int row, int column, float value) {
        floats.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * width + column, value);
    }

    /**
     * Copies the floats of rows {@code [firstRow, firstRow + rows)} of {@code other}, as wide as these, to the first
     * rows.
     */
    void copyRows(Activations other, int firstRow, int rows) {
        long rowBytes = (long) width * Float.BYTES;
        MemorySegment.copy(other.floats, firstRow * rowBytes, floats, 0, rows * rowBytes);
    }

    /** Copies columns {@code [from, to)} of rows {@code [firstRow, firstRow + rows)} of {@code other} to the front. */
    void copy(Activations other, int firstRow, int rows, int from, int to) {
        long rowBytes = (long) width * Float.BYTES;
        long at = (long) from * Float.BYTES;
        long bytes = (long) (to - from) * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(other.floats, (firstRow + row) * rowBytes + at, floats, row * rowBytes + at, bytes);
        }
    }

    /** Byte offset of a block of the int8 form. */
    public long blockAt(int row, int block) {
        return ((long) row * blocks() + block) * BLOCK_BYTES;
    }

    /** Element {@code column} of row {@code row} in int8. */
    byte quant(int row, int column) {
        return int8.get(ValueLayout.JAVA_BYTE, blockAt(row, column / BLOCK) + column % BLOCK);
    }

    /** The scale of a block of the int8 form. */
    public float scale(int row, int block) {
        return int8.get(ValueLayout.JAVA_FLOAT, blockAt(row, block) + SCALE);
    }

    /** The sum of run {@code index} of {@code run} quants, 16 or 32. */
    public int sum(int row, int run, int index) {
        long block = blockAt(row, index * run / BLOCK);
        return -int8.get(
                ValueLayout.JAVA_INT, block + (run == BLOCK ? NEGATED_SUM : NEGATED_HALF_SUMS + index % 2 * 4));
    }

    /** The same, times the scale. */
    public float scaledSum(int row, int run, int index) {
        long block = blockAt(row, index * run / BLOCK);
        return int8.get(ValueLayout.JAVA_FLOAT, block + (run == BLOCK ? SCALED_SUM : SCALED_HALF_SUMS + index % 2 * 4));
    }

    /** Writes what follows the quants of a block. */
    public void setScaleAndSums(long block, float scale, int first, int second) {
        int sum = first + second;
        int8.set(ValueLayout.JAVA_FLOAT, block + SCALE, scale);
        int8.set(ValueLayout.JAVA_INT, block + NEGATED_SUM, -sum);
        int8.set(ValueLayout.JAVA_INT, block + NEGATED_HALF_SUMS, -first);
        int8.set(ValueLayout.JAVA_INT, block + NEGATED_HALF_SUMS + 4, -second);
        int8.set(ValueLayout.JAVA_FLOAT, block + SCALED_SUM, scale * sum);
        int8.set(ValueLayout.JAVA_FLOAT, block + SCALED_HALF_SUMS, scale * first);
        int8.set(ValueLayout.JAVA_FLOAT, block + SCALED_HALF_SUMS + 4, scale * second);
    }
}
