package kawi.kernels.assembled;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import kawi.quant.QuantizedFormat;
import org.jspecify.annotations.Nullable;

/**
 * The execution layout of quantized weights in the assembled tier: 16 rows are interleaved, so that one 64-byte load
 * fetches 4 neighboring weights of each row for one instruction that multiplies and sums bytes in groups of 4.
 *
 * <p>A group of 16 rows is {@code quants, scales}, each 64-byte aligned. Weights are stored as unsigned codes: the
 * integer plus an offset, {@code c = q + offset}, or where the integers have gaps, the index in a table of them,
 * {@code q = values[c]}. Runs whose integers are not in the table are negated, and their scales too. Quants of a block
 * of 32 columns, {@code k = 0 to 31}, row r in bytes 4r to 4r + 3 of every chunk of 64 bytes (byte j below):
 *
 * <pre>
 *    4 bits and more     chunks i = 0 to 3: low nibble c[4i + j] mod 16, high nibble c[16 + 4i + j] mod 16
 *    5 bits              and a chunk whose bit i is bit 4 of c[4i + j], whose bit 4 + i is bit 4 of c[16 + 4i + j]
 *    6 bits              and two chunks whose bits 2i, 2i + 1 are bits 4, 5 of c[4i + j], and of c[16 + 4i + j]
 *    8 bits              chunks i = 0 to 7: c[4i + j]
 *    2 bits              two chunks whose bits 2i, 2i + 1 are c[4i + j], and c[16 + 4i + j]
 *    3 bits              chunks i = 0 to 2: bits 0 to 2 c[8i + j], bits 3 to 5 c[8i + 4 + j], bits 6 and 7
 *                        i = 0, 1: bits 0, 1 of c[24 + 4i + j]; i = 2: bit 2 of c[24 + j] and of c[28 + j]
 *    1 bit               a chunk whose bit i is c[4i + j], whose bit 4 + i is c[16 + 4i + j]
 * </pre>
 *
 * <p>So the low nibbles are one run of 16, and the high nibbles are the other; likewise the two chunks of 2 bits. Most
 * codes of 3 bits are as easy to unpack as those of 4.
 * Scales of 16 rows are adjacent:
 *
 * <pre>
 *    HALF       per run: f16 scale[16]; f16 minimum[16]
 *    UPPER      per run: the upper 16 bits of f32 scale[16], whose lower 16 bits are 0
 *    FACTORED   per 256 columns: f16 d[16]; f16 dmin[16]; then per run: int8 sc[16]; uint8 m[16]
 *               scale = d * sc, minimum = -(dmin * m), both exact in f32
 *    MULTIPLES  per 256 columns: f32 d[16]; then per run: int8 sc[16]; scale = d * sc, exact in f32
 *    PLAIN      per run: f32 scale[16]; f32 minimum[16]
 * </pre>
 *
 * with minimums only if the format has them.
 *
 * @param bits 1, 2, 3, 4, 5, 6 or 8
 * @param values the integers by code, for at most 4 bits; empty if the code is the integer plus the offset
 * @param offset added to the integer of a weight, it makes a number that is not negative: a power of two, or 0
 * @param run weights per scale: 16 or 32
 */
public record QuantLayout(int bits, List<Byte> values, int offset, int run, Scales scales, boolean minimum)
        implements AssembledLayout {

    public static final int BLOCK = 32;
    public static final int SUPER_BLOCK = 256;

    private static final int CHUNK = 64;

    /** The offset of 8-bit weights. */
    private static final int SIGN = 128;

    /** The codes of 4-bit floats in files (OCP MX: E2M1), which stand for twice the number. */
    private static final List<Byte> E2M1 = bytes(new byte[] {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12});

    /** The integers of IQ1, {@code 8 t + 1} or {@code 8 t - 1}, of a run that has a negative shift, or is negated. */
    private static final List<Byte> HALF_OF_IQ1 = bytes(new byte[] {-9, -1, 7});

    public enum Scales {
        HALF,
        UPPER,
        FACTORED,
        MULTIPLES,
        PLAIN
    }

    /** The most compact layout that represents a format exactly. */
    public static QuantLayout of(QuantizedFormat format) {
        return switch (format.name()) {
            case "Q4_0" -> integers(4, 8, 32, Scales.HALF, false);
            case "Q4_1" -> integers(4, 0, 32, Scales.HALF, true);
            case "Q5_0" -> integers(5, 16, 32, Scales.HALF, false);
            case "Q5_1" -> integers(5, 0, 32, Scales.HALF, true);
            case "Q8_0" -> integers(8, 128, 32, Scales.HALF, false);
            case "Q2_K" -> integers(2, 0, 16, Scales.FACTORED, true);
            case "Q3_K" -> integers(3, 4, 16, Scales.FACTORED, false);
            case "Q4_K" -> integers(4, 0, 32, Scales.FACTORED, true);
            case "Q5_K" -> integers(5, 0, 32, Scales.FACTORED, true);
            case "Q6_K" -> integers(6, 32, 16, Scales.FACTORED, false);
            case "MXFP4" -> table(E2M1, 32, Scales.UPPER, false);
            case "NVFP4" -> table(E2M1, 16, Scales.HALF, false);
            case "IQ4_NL", "Q1_0", "Q2_0", "PQ2_0", "TQ1_0", "PTQ1_0", "TQ2_0" -> of(format, Scales.HALF);
            case "IQ4_XS" -> of(format, Scales.FACTORED);
            case "IQ1_S" -> table(HALF_OF_IQ1, 32, Scales.MULTIPLES, false);
            case "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S" -> of(format, Scales.MULTIPLES);
            default -> of(format, Scales.PLAIN);
        };
    }

    /** The layout by the integers that a format has. */
    private static QuantLayout of(QuantizedFormat format, Scales scales) {
        List<Byte> book = bytes(format.codeBook());
        int run = format.scaleRun();
        boolean minimum = format.hasMinimum();
        if (!book.isEmpty() && !contiguous(book) && firstTellingBit(book) >= 0) {
            return table(book, run, scales, minimum);
        }
        int smallest = book.isEmpty() ? minimum ? 0 : -format.largestQuant() : book.getFirst();
        int largest = book.isEmpty() ? format.largestQuant() - (minimum ? 0 : 1) : book.getLast();
        int offset = offset(smallest);
        int needed = Integer.SIZE - Integer.numberOfLeadingZeros(Math.min(largest, Byte.MAX_VALUE) + offset);
        return integers(needed == 7 ? 8 : Math.max(needed, 1), offset, run, scales, minimum);
    }

    private static boolean contiguous(List<Byte> ascending) {
        return ascending.getLast() - ascending.getFirst() == ascending.size() - 1;
    }

    private static QuantLayout integers(int bits, int offset, int run, Scales scales, boolean minimum) {
        // 8-bit weights are stored such that their sign is one bit.
        return new QuantLayout(bits, List.of(), bits == Byte.SIZE ? SIGN : offset, run, scales, minimum);
    }

    private static QuantLayout table(List<Byte> values, int run, Scales scales, boolean minimum) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(values.size() - 1);
        return new QuantLayout(bits, values, offset(Collections.min(values)), run, scales, minimum);
    }

    /** The smallest power of two, or 0, that makes an integer not negative. */
    private static int offset(int smallest) {
        return smallest >= 0 ? 0 : smallest == -1 ? 1 : Integer.highestOneBit(-smallest - 1) << 1;
    }

    private static List<Byte> bytes(byte[] values) {
        List<Byte> list = new ArrayList<>();
        for (byte value : values) {
            list.add(value);
        }
        return List.copyOf(list);
    }

    /**
     * Whether codes are looked up in the table. Otherwise the numbers that a product multiplies, {@code q + offset},
     * are the codes, or a code of 1 bit is their bit {@link #oneBit}.
     */
    public boolean lookup() {
        boolean oneBit = bits == 1
                && !values.isEmpty()
                && values.getFirst() == -offset
                && largest() <= Byte.MAX_VALUE
                && Integer.bitCount(largest()) == 1;
        return !values.isEmpty() && !oneBit;
    }

    /** The bit of {@code q + offset} that a code of 1 bit is. */
    public int oneBit() {
        return bits == 1 && !lookup() ? Integer.numberOfTrailingZeros(largest()) : 0;
    }

    /**
     * The lowest of 4 adjacent bits by which, together with the sign, the integers of the table can be told apart.
     */
    public int firstTellingBit() {
        return firstTellingBit(values);
    }

    private static int firstTellingBit(List<Byte> values) {
        int bit = 3;
        while (bit >= 0 && !toldApart(values, bit)) {
            bit--;
        }
        return bit;
    }

    private static boolean toldApart(List<Byte> values, int bit) {
        for (byte value : values) {
            for (byte other : values) {
                if (value != other && (value < 0) == (other < 0) && ((value >> bit) & 15) == ((other >> bit) & 15)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The largest number that a product multiplies, {@code q + offset}. */
    public int largest() {
        return values.isEmpty() ? (1 << bits) - 1 : Collections.max(values) + offset;
    }

    // Written out, because linking the generated methods takes milliseconds in a cold JVM.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof QuantLayout layout
                && bits == layout.bits
                && values.equals(layout.values)
                && offset == layout.offset
                && run == layout.run
                && scales == layout.scales
                && minimum == layout.minimum;
    }

    @Override
    public int hashCode() {
        return Objects.hash(bits, values, offset, run, scales, minimum);
    }

    /** The number of columns of a unit of scales. */
    public int unit() {
        return scales == Scales.FACTORED || scales == Scales.MULTIPLES ? SUPER_BLOCK : BLOCK;
    }

    /** The size in bytes of the quants of a block. */
    public int blockBytes() {
        return CHUNK * bits;
    }

    /** The size in bytes of the factors at the start of a unit. */
    public int factorBytes() {
        return switch (scales) {
            case FACTORED -> withMinimums(ROWS * Short.BYTES);
            case MULTIPLES -> ROWS * Float.BYTES;
            default -> 0;
        };
    }

    /** The size in bytes of the scales of a run. */
    public int runScaleBytes() {
        return withMinimums(
                switch (scales) {
                    case HALF, UPPER -> ROWS * Short.BYTES;
                    case FACTORED, MULTIPLES -> ROWS;
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
