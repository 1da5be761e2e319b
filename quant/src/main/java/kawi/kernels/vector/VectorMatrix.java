package kawi.kernels.vector;

import java.lang.foreign.MemorySegment;
import kawi.kernels.PackedMatrix;

/**
 * A matrix in the execution layout of the vector tier.
 *
 * <p>A group is as many rows as a vector has 16-bit lanes: {@code L} rows, 8, 16 or 32. All of a group lies together,
 * the weights with k ascending, the same k of all its rows side by side. Where several weights share a lane, the lowest
 * k has the lowest bits:
 *
 * <pre>
 *    NIBBLES   [columns / 4][L lanes of 16 bits]   4 weights each, as q + 8, or as q if there are minimums
 *    BYTES     [columns / 2][L lanes of 16 bits]   2 weights each, int8
 *    BF16 F16  [columns][L lanes of 16 bits]
 *    F32       [columns][2 halves][L / 2 floats]
 * </pre>
 *
 * <p>Lanes are not in the order of the rows: lane 2i belongs to row i, lane 2i + 1 to row L/2 + i. So a vector of
 * shorts, seen as one of ints, has the low half of the group in its low 16 bits and the high half in its high 16 bits,
 * and a shift widens either without moving anything across lanes.
 *
 * <p>Scales, and likewise minimums, follow the weights of their group, in the tightest form that holds them exactly:
 *
 * <pre>
 *    FACTORED  [runs / 2][L lanes of 16 bits]           2 int8 multipliers each, then
 *              [columns / 256][2 halves][L / 2 floats]  factors; scale = multiplier * factor
 *    HALF      [runs][L lanes of 16 bits]               f16
 *    PLAIN     [runs][2 halves][L / 2 floats]
 * </pre>
 *
 * <p>These forms match the K-quants, the older formats, and all other formats, respectively.
 *
 * @param weights how the weights are stored
 * @param run weights per scale, 16 or 32; 0 if there are no scales
 * @param scales how scales and minimums are stored
 * @param minimums whether there are minimums
 * @param data all groups, {@link #groupBytes} each
 */
record VectorMatrix(
        String name,
        int rows,
        int columns,
        Weights weights,
        int run,
        Scales scales,
        boolean minimums,
        MemorySegment data)
        implements PackedMatrix {

    /** Weights per factor of the factored form. */
    static final int FACTOR_RUN = 256;

    enum Scales {
        FACTORED,
        HALF,
        PLAIN
    }

    enum Weights {
        NIBBLES(4),
        BYTES(8),
        F16(16),
        BF16(16),
        F32(32);

        private final int bits;

        Weights(int bits) {
            this.bits = bits;
        }

        int bits() {
            return bits;
        }

        boolean quantized() {
            return this == NIBBLES || this == BYTES;
        }
    }

    /** The offset of the scales of a group in bytes from its start. */
    long scalesAt() {
        return (long) columns * VectorWidth.ROWS * weights.bits / Byte.SIZE;
    }

    /** The offset of the minimums of a group in bytes from its start. */
    long minimumsAt() {
        return scalesAt() + scaleBytes();
    }

    /** The offset of the factors of the factored form in bytes from the start of the scales or of the minimums. */
    long factorsOffset() {
        return (long) runs() / 2 * VectorWidth.BYTES;
    }

    long groupBytes() {
        return minimumsAt() + (minimums ? scaleBytes() : 0);
    }

    private long scaleBytes() {
        return switch (scales) {
            case FACTORED -> factorsOffset() + (long) columns / FACTOR_RUN * 2 * VectorWidth.BYTES;
            case HALF -> (long) runs() * VectorWidth.BYTES;
            case PLAIN -> (long) runs() * 2 * VectorWidth.BYTES;
        };
    }

    /** Runs per row. */
    int runs() {
        return run == 0 ? 0 : columns / run;
    }

    @Override
    public int groupRows() {
        return VectorWidth.ROWS;
    }

    @Override
    public boolean quantized() {
        return weights.quantized();
    }

    @Override
    public long bytes() {
        return groups() * groupBytes();
    }
}
