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
 *    for each row: unpack it; negate the runs whose integers the layout's table has only then
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

    /** Whether runs may have integers that the table has only if they are negated. */
    private final boolean mirrored;

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
        this.mirrored = !layout.values().isEmpty() && layout.values().size() < format.codeBook().length;
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
        if (mirrored) {
            mirrorRuns();
        }
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
        if (layout.scales() == QuantLayout.Scales.MULTIPLES) {
            int runs = QuantLayout.SUPER_BLOCK / layout.run();
            for (int run = 0; run < scales.length; run += runs) {
                multiples(run, group, scalesAt + (long) run / runs * layout.unitScaleBytes(), lane);
            }
            return;
        }
        for (int run = 0; run < scales.length; run++) {
            long to = scalesAt + (long) run * layout.runScaleBytes();
            scale(scales[run], group, to, lane);
            if (layout.minimum()) {
                scale(minimums[run], group, to + layout.runScaleBytes() / 2, lane);
            }
        }
    }

    /** Negates the runs with integers that the table lacks. */
    private void mirrorRuns() {
        for (int run = 0; run < scales.length; run++) {
            int from = run * layout.run();
            boolean lacking = false;
            for (int k = from; k < from + layout.run(); k++) {
                lacking |= codes[quants[k] - Byte.MIN_VALUE] < 0;
            }
            if (lacking) {
                scales[run] = -scales[run];
                for (int k = from; k < from + layout.run(); k++) {
                    quants[k] = (byte) -quants[k];
                }
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
            case FACTORED, MULTIPLES ->
                throw new IllegalStateException(
                        "packing %s: its scales are products, which only machine code packs".formatted(format.name()));
        }
    }

    /** The scales of a super-block, from {@code run} on, as small multiples of one number. */
    private void multiples(int run, MemorySegment group, long at, int lane) {
        int runs = QuantLayout.SUPER_BLOCK / layout.run();
        float factor = factor(run, runs);
        group.set(ValueLayout.JAVA_FLOAT, at + (long) lane * Float.BYTES, factor);
        for (int i = 0; i < runs; i++) {
            float scale = scales[run + i];
            float multiple = Float.isInfinite(factor) ? Math.signum(scale) : scale / factor;
            long to = at + layout.factorBytes() + (long) i * layout.runScaleBytes() + lane;
            group.set(ValueLayout.JAVA_BYTE, to, (byte) multiple); // of NaN: 0
        }
    }

    /** The largest number of which all scales are multiples; infinity, which times 0 is NaN, if none is finite. */
    private float factor(int run, int runs) {
        float smallest = Float.POSITIVE_INFINITY;
        boolean zeros = true;
        for (int i = run; i < run + runs; i++) {
            float magnitude = Math.abs(scales[i]);
            zeros &= magnitude == 0;
            if (magnitude > 0 && magnitude < smallest) {
                smallest = magnitude;
            }
        }
        if (zeros || Float.isInfinite(smallest)) {
            return zeros ? 0 : smallest;
        }
        for (int divisor = 1; divisor <= Byte.MAX_VALUE; divisor++) {
            if (multiplesOf(smallest / divisor, run, runs)) {
                return smallest / divisor;
            }
        }
        throw new IllegalStateException(
                "packing %s: the scales of a block are not small multiples of one number".formatted(format.name()));
    }

    private boolean multiplesOf(float factor, int run, int runs) {
        for (int i = run; i < run + runs; i++) {
            float multiple = scales[i] / factor;
            if (Math.abs(multiple) > Byte.MAX_VALUE || (int) multiple * factor != scales[i]) {
                return false;
            }
        }
        return true;
    }

    private void exactly(float scale, float stored) {
        if (Float.compare(scale, stored) != 0) {
            throw new IllegalStateException(
                    "packing %s: the scale %s does not fit the layout %s".formatted(format.name(), scale, layout));
        }
    }
}
