package kawi.kernels.assembled;

import java.util.Set;
import kawi.quant.QuantizedFormat;

/**
 * What the packing code of a file's quantized rows consists of, for each format: the pieces of a row's unit, a block of
 * the file, by their byte offsets (see the class of the format). An emitter implements the pieces. Weights are unpacked
 * to the bytes of a block of 32 columns, which {@link #scatter} distributes among the chunks of {@link QuantLayout}.
 *
 * <p>{@link GeneralPacking} packs the other formats.
 */
public abstract class UnitPacking {

    private static final Set<String> FORMATS = Set.of(
            "Q1_0", "Q2_0", "PQ2_0", "TQ2_0", "Q2_K", "Q3_K", "Q4_0", "Q4_1", "Q4_K", "Q5_0", "Q5_1", "Q5_K", "Q6_K",
            "Q8_0", "IQ4_NL", "IQ4_XS", "MXFP4");

    protected final QuantLayout layout;
    protected final QuantizedFormat format;

    protected UnitPacking(QuantLayout layout, QuantizedFormat format) {
        this.layout = layout;
        this.format = format;
    }

    /** Whether there is code for a format. */
    static boolean packs(String format) {
        return FORMATS.contains(format);
    }

    /** Emits the packing of a row's unit. */
    protected final void unit() {
        switch (format.name()) {
            case "Q4_0", "IQ4_NL" -> {
                halves(0);
                scatterNibbles(2, 0);
            }
            case "IQ4_XS" -> {
                halves(0);
                splitScales(2, 4);
                for (int block = 0; block < 8; block++) {
                    scatterNibbles(8 + 16 * block, block * layout.blockBytes());
                }
            }
            case "MXFP4" -> {
                exponent(0);
                scatterNibbles(1, 0);
            }
            case "Q4_1" -> {
                halves(0, 2);
                scatterNibbles(4, 0);
            }
            case "Q5_0" -> {
                halves(0);
                fiveBits(6, 2);
                scatter(0);
            }
            case "Q5_1" -> {
                halves(0, 2);
                fiveBits(8, 4);
                scatter(0);
            }
            case "Q8_0" -> {
                halves(0);
                signedBytes(2);
                scatter(0);
            }
            case "Q1_0" -> {
                sharedHalf(0);
                for (int block = 0; block < 4; block++) {
                    singleBits(2 + 4 * block);
                    scatter(block * layout.blockBytes());
                }
            }
            case "Q2_0", "PQ2_0" -> {
                sharedHalf(0);
                for (int block = 0; block < format.blockSize() / QuantLayout.BLOCK; block++) {
                    if (block % 2 == 0) {
                        loadPairs(2 + 8 * block);
                    }
                    pairs(block % 2 * 8);
                    scatter(block * layout.blockBytes());
                }
            }
            case "TQ2_0" -> {
                sharedHalf(64);
                for (int block = 0; block < 8; block++) {
                    fields(block / 4 * 32, block % 4 * 2, 0x03);
                    scatter(block * layout.blockBytes());
                }
            }
            case "Q2_K" -> {
                halves(80, 82);
                fourBitScales(0);
                for (int block = 0; block < 8; block++) {
                    fields(16 + block / 4 * 32, block % 4 * 2, 0x03);
                    scatter(block * layout.blockBytes());
                }
            }
            case "Q3_K" -> {
                halves(108);
                signedScales(96);
                for (int block = 0; block < 8; block++) {
                    fields(32 + block / 4 * 32, block % 4 * 2, 0x03);
                    upper(0, block, 0x01, 2);
                    scatter(block * layout.blockBytes());
                }
            }
            case "Q4_K" -> {
                halves(0, 2);
                sixBitScales(4);
                for (int block = 0; block < 8; block++) {
                    fields(16 + block / 2 * 32, block % 2 * 4, 0x0f);
                    scatter(block * layout.blockBytes());
                }
            }
            case "Q5_K" -> {
                halves(0, 2);
                sixBitScales(4);
                for (int block = 0; block < 8; block++) {
                    fields(48 + block / 2 * 32, block % 2 * 4, 0x0f);
                    upper(16, block, 0x01, 4);
                    scatter(block * layout.blockBytes());
                }
            }
            case "Q6_K" -> {
                halves(208);
                byteScales(192);
                for (int block = 0; block < 8; block++) {
                    int half = block / 4;
                    int quarter = block % 4;
                    fields(half * 64 + quarter % 2 * 32, quarter / 2 * 4, 0x0f);
                    upper(128 + half * 32, 2 * quarter, 0x03, 4);
                    scatter(block * layout.blockBytes());
                }
            }
            default -> throw new IllegalArgumentException("no packing code for " + format);
        }
    }

    // ---- the pieces

    /** Distributes 16 bytes among the chunks of a block: low nibbles are its first 16 codes, high nibbles the others. */
    protected abstract void scatterNibbles(int at, int to);

    /** Distributes the unpacked bytes among the chunks of a block. */
    protected abstract void scatter(int to);

    /** Copies f16 scales, or factors; the second is that of the minimum. */
    protected abstract void halves(int... at);

    /** Half of a power of two, 2^(e - 127), that is given by its exponent in one byte. */
    protected abstract void exponent(int at);

    /** Copies an f16 scale to all runs. */
    protected abstract void sharedHalf(int at);

    /** Copies the 8-bit scales of all runs. */
    protected abstract void byteScales(int at);

    /** Eight 6-bit scales, less 32: their low 4 bits in 4 bytes, their upper 2 bits in a word, both lowest first. */
    protected abstract void splitScales(int upper, int lower);

    /**
     * Eight 6-bit scales and minimums from 12 bytes, all four of a word at once: with words a, b, c the scales 0 to 3
     * are the low 6 bits of a and the minimums those of b; the others have their low 4 bits in c and their high 2 bits
     * above the first.
     */
    protected abstract void sixBitScales(int at);

    /** Sixteen bytes, of which the low half is a scale and the high half is a minimum. */
    protected abstract void fourBitScales(int at);

    /**
     * Sixteen 6-bit scales from 12 bytes, less 32, four of a word at once: with words a, b, c the low 4 bits are the
     * low halves of a and b, then their high halves; the upper 2 bits are in c, from its lowest bits up.
     */
    protected abstract void signedScales(int at);

    /** Unpacks 32 signed bytes: the codes have an offset of 128. */
    protected abstract void signedBytes(int at);

    /** Spreads 32 bits, lowest first, one to a byte. */
    protected abstract void singleBits(int at);

    /** Loads 16 bytes for {@link #pairs}. */
    protected abstract void loadPairs(int at);

    /** Spreads the pairs of bits of 8 of the bytes loaded, lowest first, one to a byte. */
    protected abstract void pairs(int firstByte);

    /** Extracts the bits of {@code mask} from 32 bytes, {@code shift} bits from the right. */
    protected abstract void fields(int at, int shift, int mask);

    /** Adds upper bits from 32 bytes: shifted right, masked with {@code mask}, then shifted left by {@code to} bits. */
    protected abstract void upper(int at, int shift, int mask, int to);

    /** Unpacks 32 weights of 5 bits: 16 bytes of nibbles, low ones first, and 32 upper bits. */
    protected abstract void fiveBits(int nibbles, int bits);
}
