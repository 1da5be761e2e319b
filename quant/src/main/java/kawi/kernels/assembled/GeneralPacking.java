package kawi.kernels.assembled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kawi.kernels.assembled.MatrixArguments.IntegerPacking;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;

/**
 * Packs weights of any format, through the integer form:
 *
 * <pre>
 *    for each row: unpack it; negate the runs whose integers the layout's table has only then
 *      machine code: pack the integers
 *      write its scales
 * </pre>
 */
public final class GeneralPacking {

    private final QuantizedFormat format;
    private final QuantLayout layout;
    private final int columns;
    private final byte[] quants;
    private final float[] scales;
    private final float[] minimums;

    /** Whether runs may have integers that the table has only if they are negated. */
    private final boolean mirrored;

    /** Whether the table has an integer, from -128 on. */
    private final boolean[] stored = new boolean[1 << Byte.SIZE];

    private final LazyCode code;

    private GeneralPacking(QuantizedFormat format, QuantLayout layout, int columns, LazyCode code) {
        this.format = format;
        this.layout = layout;
        this.code = code;
        this.columns = columns;
        this.quants = new byte[columns];
        this.scales = new float[columns / format.scaleRun()];
        this.minimums = new float[format.hasMinimum() ? scales.length : 0];
        this.mirrored = !layout.values().isEmpty() && layout.values().size() < format.codeBook().length;
        for (byte value : layout.values()) {
            stored[value - Byte.MIN_VALUE] = true;
        }
    }

    /**
     * Packs the rows of groups {@code [from, to)}.
     *
     * @param in the bytes of the rows
     * @param code packs integers, see {@link MatrixArguments.IntegerPacking}
     */
    static void pack(
            Tensor tensor,
            MemorySegment in,
            QuantizedFormat format,
            QuantLayout layout,
            LazyCode code,
            MemorySegment out,
            int from,
            int to) {
        GeneralPacking packing = new GeneralPacking(format, layout, tensor.columns(), code);
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
        packQuants(group, (long) lane * Integer.BYTES);
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

    /** Negates the runs with integers that the table lacks: if it lacks the first, it has the opposite of all. */
    private void mirrorRuns() {
        for (int run = 0; run < scales.length; run++) {
            int from = run * layout.run();
            if (!stored[quants[from] - Byte.MIN_VALUE]) {
                scales[run] = -scales[run];
                for (int k = from; k < from + layout.run(); k++) {
                    quants[k] = (byte) -quants[k];
                }
            }
        }
    }

    private void packQuants(MemorySegment group, long at) {
        Arguments arguments = Arguments.claim();
        try {
            for (int from = 0; from < columns; from += Arguments.SCRATCH_BYTES) {
                int count = Math.min(Arguments.SCRATCH_BYTES, columns - from);
                MemorySegment.copy(quants, from, arguments.scratch(), ValueLayout.JAVA_BYTE, 0, count);
                long to = layout.quantBytes(from) + at;
                arguments
                        .set(IntegerPacking.IN, arguments.scratch(), 0, count)
                        .set(IntegerPacking.BLOCKS, count / QuantLayout.BLOCK)
                        .set(IntegerPacking.OUT, group, to, layout.quantBytes(count) - at);
                code.run(arguments);
            }
        } finally {
            arguments.release();
        }
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
                exactly(scale, Float.intBitsToFloat(bits & 0xffff_0000));
                group.set(ValueLayout.JAVA_SHORT, at + (long) lane * Short.BYTES, (short) (bits >>> Short.SIZE));
            }
            case PLAIN -> group.set(ValueLayout.JAVA_FLOAT, at + (long) lane * Float.BYTES, scale);
            case FACTORED, MULTIPLES ->
                throw new IllegalStateException(
                        "packing %s: its scales are products, which only machine code packs".formatted(format.name()));
        }
    }

    /**
     * The scales of a super-block, from {@code run} on, as multiples of the largest number of which all are multiples.
     * If none is finite, this is infinity, which times 0 is NaN.
     */
    private void multiples(int run, MemorySegment group, long at, int lane) {
        int runs = QuantLayout.SUPER_BLOCK / layout.run();
        float smallest = Float.POSITIVE_INFINITY;
        boolean zeros = true;
        for (int i = run; i < run + runs; i++) {
            float magnitude = Math.abs(scales[i]);
            zeros &= magnitude == 0;
            if (magnitude > 0 && magnitude < smallest) {
                smallest = magnitude;
            }
        }
        boolean finite = smallest < Float.POSITIVE_INFINITY;
        float unit = finite ? Math.scalb(1f, Float.PRECISION - 1 - Math.getExponent(smallest)) : 1;
        int divisor = finite ? greatestDivisor(run, runs, unit) : 1;
        float factor = finite ? divisor / unit : zeros ? 0 : smallest;
        group.set(ValueLayout.JAVA_FLOAT, at + (long) lane * Float.BYTES, factor);
        for (int i = 0; i < runs; i++) {
            float scale = scales[run + i];
            int multiple = finite ? (int) (scale * unit) / divisor : (int) Math.signum(scale); // of NaN: 0
            if (Math.abs(multiple) > Byte.MAX_VALUE || (finite && multiple * factor != scale)) {
                throw new IllegalStateException("packing %s: the scales of a block are not small multiples of a number"
                        .formatted(format.name()));
            }
            long to = at + layout.factorBytes() + (long) i * layout.runScaleBytes() + lane;
            group.set(ValueLayout.JAVA_BYTE, to, (byte) multiple);
        }
    }

    /** @param unit a power of two, times which the scales are integers */
    private int greatestDivisor(int run, int runs, float unit) {
        int divisor = 0;
        for (int i = run; i < run + runs; i++) {
            int rest = (int) Math.abs(scales[i] * unit);
            while (rest != 0) {
                int next = divisor % rest;
                divisor = rest;
                rest = next;
            }
        }
        return divisor;
    }

    private void exactly(float scale, float stored) {
        if (Float.compare(scale, stored) != 0) {
            throw new IllegalStateException(
                    "packing %s: the scale %s does not fit the layout %s".formatted(format.name(), scale, layout));
        }
    }
}
