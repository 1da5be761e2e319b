package kawi.kernels.assembled;

import java.util.Objects;
import kawi.quant.QuantizedFormat;
import org.jspecify.annotations.Nullable;

/**
 * The execution layout of quantized weights in the assembled tier: 16 rows are interleaved, so that one 64-byte load
 * fetches 4 neighboring weights of each row for one instruction that multiplies and sums bytes in groups of 4.
 *
 * <p>A group of 16 rows is {@code quants, scales}, each 64-byte aligned. Weights are stored unsigned,
 * {@code u = q + offset}. Quants of a block of 32 columns, {@code k = 0 to 31}, row r in bytes 4r to 4r + 3 of every
 * chunk of 64 bytes (byte j below):
 *
 * <pre>
 *    4 bits and more     chunks c = 0 to 3: low nibble u[4c + j] mod 16, high nibble u[16 + 4c + j] mod 16
 *    5 bits              and a chunk whose bit c is bit 4 of u[4c + j], whose bit 4 + c is bit 4 of u[16 + 4c + j]
 *    6 bits              and two chunks whose bits 2c, 2c + 1 are bits 4, 5 of u[4c + j], and of u[16 + 4c + j]
 *    8 bits              chunks c = 0 to 7: u[4c + j]
 *    2 and 3 bits        two chunks whose bits 2c, 2c + 1 are bits 0, 1 of u[4c + j], and of u[16 + 4c + j]
 *    3 bits              and a chunk whose bit c is bit 2 of u[4c + j], whose bit 4 + c is bit 2 of u[16 + 4c + j]
 * </pre>
 *
 * <p>So the low nibbles are one run of 16, and the high nibbles are the other; likewise the two chunks of 2 bits.
 * Scales of 16 rows are adjacent:
 *
 * <pre>
 *    HALF       per block: f16 scale[16]; f16 minimum[16]
 *    FACTORED   per 256 columns: f16 d[16]; f16 dmin[16]; then per run: int8 sc[16]; uint8 m[16]
 *               scale = d * sc, minimum = -(dmin * m), both exact in f32
 *    PLAIN      per run: f32 scale[16]; f32 minimum[16]
 * </pre>
 *
 * with minimums only if the format has them.
 *
 * @param bits 2, 3, 4, 5, 6 or 8
 * @param offset the number added to the integer of a weight: a power of two, or 0
 * @param run weights per scale: 16 or 32
 */
public record QuantLayout(int bits, int offset, int run, Scales scales, boolean minimum) implements AssembledLayout {

    public static final int BLOCK = 32;
    public static final int SUPER_BLOCK = 256;

    private static final int CHUNK = 64;

    public enum Scales {
        HALF,
        FACTORED,
        PLAIN
    }

    /** The most compact layout that represents a format exactly. */
    static QuantLayout of(QuantizedFormat format) {
        return switch (format.name()) {
            case "Q4_0" -> new QuantLayout(4, 8, 32, Scales.HALF, false);
            case "Q4_1" -> new QuantLayout(4, 0, 32, Scales.HALF, true);
            case "Q5_0" -> new QuantLayout(5, 16, 32, Scales.HALF, false);
            case "Q5_1" -> new QuantLayout(5, 0, 32, Scales.HALF, true);
            case "Q8_0" -> new QuantLayout(8, 128, 32, Scales.HALF, false);
            case "Q2_K" -> new QuantLayout(2, 0, 16, Scales.FACTORED, true);
            case "Q3_K" -> new QuantLayout(3, 4, 16, Scales.FACTORED, false);
            case "Q4_K" -> new QuantLayout(4, 0, 32, Scales.FACTORED, true);
            case "Q5_K" -> new QuantLayout(5, 0, 32, Scales.FACTORED, true);
            case "Q6_K" -> new QuantLayout(6, 32, 16, Scales.FACTORED, false);
            default -> new QuantLayout(8, 128, format.scaleRun(), Scales.PLAIN, format.hasMinimum());
        };
    }

    // Written out, because linking the generated methods takes milliseconds in a cold JVM.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof QuantLayout layout
                && bits == layout.bits
                && offset == layout.offset
                && run == layout.run
                && scales == layout.scales
                && minimum == layout.minimum;
    }

    @Override
    public int hashCode() {
        return Objects.hash(bits, offset, run, scales, minimum);
    }

    /** The number of columns of a unit of scales. */
    public int unit() {
        return scales == Scales.FACTORED ? SUPER_BLOCK : BLOCK;
    }

    /** The size in bytes of the quants of a block. */
    public int blockBytes() {
        return CHUNK * bits;
    }

    /** The size in bytes of the factors at the start of a unit. */
    public int factorBytes() {
        return scales == Scales.FACTORED ? withMinimums(ROWS * Short.BYTES) : 0;
    }

    /** The size in bytes of the scales of a run. */
    public int runScaleBytes() {
        return withMinimums(
                switch (scales) {
                    case HALF -> ROWS * Short.BYTES;
                    case FACTORED -> ROWS;
                    case PLAIN -> ROWS * Float.BYTES;
                });
    }

    /** The size in bytes of the scales of a unit. */
    public int unitScaleBytes() {
        return factorBytes() + unit() / run * runScaleBytes();
    }

    private int withMinimums(int bytes) {
        return minimum ? 2 * bytes : bytes;
    }

    /** The size in bytes of the quants of a group. */
    long quantBytes(int columns) {
        return (long) columns / BLOCK * blockBytes();
    }

    @Override
    public long groupBytes(int columns) {
        long bytes = quantBytes(columns) + (long) columns / unit() * unitScaleBytes();
        return (bytes + CHUNK - 1) / CHUNK * CHUNK;
    }
}
