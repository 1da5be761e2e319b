package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of activations, one per token, off heap: {@code capacity} rows of {@code width} floats, and the same rows in int8 for
 * products with quantized weights.
 *
 * <pre>
 *    floats   f32  [capacity][width]
 *    quants   int8 [capacity][blocks * 32]     the last block is padded with zeros
 *    scales   f32  [capacity][blocks]          blocks = ceil(width / 32)
 *    sums     i32  [capacity][blocks * 2]      sums of 16 neighbouring quants
 *    pairs    i32  [capacity][blocks * 32]     every quant twice, as two int16: one 32-bit broadcast fills 16-bit lanes
 * </pre>
 *
 * <p>The int8 form of a block of 32, in f32 arithmetic:
 *
 * <pre>
 *    scale = max |x[i]| / 127
 *    q[i]  = clamp(round-half-even(x[i] / scale), -127, 127)        0 if scale is 0, infinite or NaN
 * </pre>
 *
 * Numbers so small that {@code scale} rounds to 0 count as zeros. A block with an infinity or a NaN has that as its scale, so
 * every product with it is NaN: damage shows instead of turning into plausible numbers. Whoever writes the floats calls
 * {@link MatrixKernel#quantize} before the next quantized product.
 *
 * @param floats the rows; 64-byte aligned
 * @param quants the rows in int8; 64-byte aligned
 * @param scales one scale per block of 32; 64-byte aligned
 * @param sums two sums per block of 32; 64-byte aligned
 * @param pairs the quants once more; 64-byte aligned
 * @param capacity rows there is room for
 * @param width floats per row
 */
public record Activations(
        MemorySegment floats,
        MemorySegment quants,
        MemorySegment scales,
        MemorySegment sums,
        MemorySegment pairs,
        int capacity,
        int width) {

    /** Activations per scale of the int8 form. */
    public static final int BLOCK = 32;

    /** Activations per sum of the int8 form. */
    public static final int SUM_RUN = 16;

    /** Allocates zeroed rows; they live as long as {@code arena}. */
    public static Activations allocate(Arena arena, int capacity, int width) {
        int blocks = blocks(width);
        return new Activations(
                arena.allocate((long) capacity * width * Float.BYTES, 64),
                arena.allocate((long) capacity * blocks * BLOCK, 64),
                arena.allocate((long) capacity * blocks * Float.BYTES, 64),
                arena.allocate((long) capacity * blocks * (BLOCK / SUM_RUN) * Integer.BYTES, 64),
                arena.allocate((long) capacity * blocks * BLOCK * Integer.BYTES, 64),
                capacity,
                width);
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
}
