package kawi.kernels.assembled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;

/**
 * Packs weights of any format in plain Java, through the integer form:
 *
 * <pre>
 *    for each row: unpack it
 *      for each block of 32 columns: words[i] = the codes of columns 4i to 4i + 3     one byte each
 *        write the planes of bits that the layout has, one word to each chunk
 *      write its scales
 * </pre>
 */
public final class GeneralPacking {

    private static final int CHUNK = 64;
    private static final int WORDS = QuantLayout.BLOCK / Integer.BYTES;
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final QuantizedFormat format;
    private final QuantLayout layout;
    private final int columns;
    private final byte[] quants;
    private final MemorySegment quantWords;
    private final float[] scales;
    private final float[] minimums;

    /** The code of each integer, from -128 on. */
    private final byte[] codes;

    private GeneralPacking(QuantizedFormat format, QuantLayout layout, int columns) {
        this.format = format;
        this.layout = layout;
        this.columns = columns;
        this.quants = new byte[columns];
        this.quantWords = MemorySegment.ofArray(quants);
        this.scales = new float[columns / format.scaleRun()];
        this.minimums = new float[format.hasMinimum() ? scales.length : 0];
        this.codes = codes(layout);
    }

    private static byte[] codes(QuantLayout layout) {
        byte[] codes = new byte[1 << Byte.SIZE];
        for (int i = 0; i < codes.length; i++) {
            int quant = i + Byte.MIN_VALUE;
            codes[i] = (byte)
                    (layout.values().isEmpty()
                            ? quant + layout.offset()
                            : layout.values().indexOf((byte) quant));
        }
        return codes;
    }

    /**
     * Packs the rows of groups {@code [from, to)}.
     *
     * @param in the bytes of the rows
     */
    static void pack(
            Tensor tensor,
            MemorySegment in,
            QuantizedFormat format,
            QuantLayout layout,
            MemorySegment out,
            int from,
            int to) {
        GeneralPacking packing = new GeneralPacking(format, layout, tensor.columns());
        long groupBytes = layout.groupBytes(tensor.columns());
        int firstRow = from * AssembledLayout.ROWS;
        for (int row = firstRow; row < Math.min(to * AssembledLayout.ROWS, tensor.rows()); row++) {
            MemorySegment group = out.asSlice(row / AssembledLayout.ROWS * groupBytes, groupBytes);
            packing.row(in, (row - firstRow) * tensor.rowBytes(), group, row % AssembledLayout.ROWS);
        }
    }

    private void row(MemorySegment in, long at, MemorySegment group, int lane) {
        format.unpack(in, at, columns, quants, 0, scales, minimums, 0);
        for (int k = 0; k < columns; k++) {
            quants[k] = codes[quants[k] - Byte.MIN_VALUE];
        }
        int[] words = new int[WORDS];
        for (int k = 0; k < columns; k += QuantLayout.BLOCK) {
            for (int i = 0; i < WORDS; i++) {
                words[i] = quantWords.get(WORD, k + i * Integer.BYTES);
            }
            block(words, group, (long) k / QuantLayout.BLOCK * layout.blockBytes() + (long) lane * Integer.BYTES);
        }
        long scalesAt = layout.quantBytes(columns);
        for (int run = 0; run < scales.length; run++) {
            long to = scalesAt + (long) run * layout.runScaleBytes();
            scale(scales[run], group, to, lane);
            if (layout.minimum()) {
                scale(minimums[run], group, to + layout.runScaleBytes() / 2, lane);
            }
        }
    }

    // ---- planes of bits

    private void block(int[] words, MemorySegment group, long at) {
        switch (layout.bits()) {
            case 1 -> bits(words, 0, group, at);
            case 2 -> pairs(words, 0, group, at);
            case 3 -> {
                pairs(words, 0, group, at);
                bits(words, 2, group, at + 2 * CHUNK);
            }
            case 4 -> nibbles(words, group, at);
            case 5 -> {
                nibbles(words, group, at);
                bits(words, 4, group, at + 4 * CHUNK);
            }
            case 6 -> {
                nibbles(words, group, at);
                pairs(words, 4, group, at + 4 * CHUNK);
            }
            default -> {
                for (int i = 0; i < WORDS; i++) {
                    group.set(WORD, at + (long) i * CHUNK, words[i]);
                }
            }
        }
    }

    private static void nibbles(int[] words, MemorySegment group, long at) {
        for (int i = 0; i < WORDS / 2; i++) {
            int both = words[i] & 0x0f0f_0f0f | (words[WORDS / 2 + i] & 0x0f0f_0f0f) << 4;
            group.set(WORD, at + (long) i * CHUNK, both);
        }
    }

    private static void pairs(int[] words, int right, MemorySegment group, long at) {
        for (int half = 0; half < 2; half++) {
            int plane = 0;
            for (int i = 0; i < WORDS / 2; i++) {
                plane |= (words[half * WORDS / 2 + i] >>> right & 0x0303_0303) << 2 * i;
            }
            group.set(WORD, at + (long) half * CHUNK, plane);
        }
    }

    private static void bits(int[] words, int right, MemorySegment group, long at) {
        int plane = 0;
        for (int i = 0; i < WORDS; i++) {
            plane |= (words[i] >>> right & 0x0101_0101) << i;
        }
        group.set(WORD, at, plane);
    }

    // ---- scales

    private void scale(float scale, MemorySegment group, long at, int lane) {
        switch (layout.scales()) {
            case HALF -> {
                short half = Float.floatToFloat16(scale);
                exactly(scale, Float.float16ToFloat(half));
                group.set(ValueLayout.JAVA_SHORT, at + (long) lane * Short.BYTES, half);
            }
            case UPPER -> {
                int bits = Float.floatToRawIntBits(scale);
                exactly(scale, Float.intBitsToFloat(bits & -1 << Short.SIZE));
                group.set(ValueLayout.JAVA_SHORT, at + (long) lane * Short.BYTES, (short) (bits >>> Short.SIZE));
            }
            case PLAIN -> group.set(ValueLayout.JAVA_FLOAT, at + (long) lane * Float.BYTES, scale);
            case FACTORED ->
                throw new IllegalStateException(
                        "packing %s: its scales are products, which only machine code packs".formatted(format.name()));
        }
    }

    private void exactly(float scale, float stored) {
        if (Float.compare(scale, stored) != 0) {
            throw new IllegalStateException(
                    "packing %s: the scale %s does not fit the layout %s".formatted(format.name(), scale, layout));
        }
    }
}
