package kawi.kernels.vector;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import kawi.kernels.PackingBuffer;
import kawi.kernels.vector.VectorMatrix.Scales;
import kawi.kernels.vector.VectorMatrix.Weights;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;

/** Packs groups of a quantized tensor; reports through {@code fits} whether the form of their scales holds them. */
final class VectorQuantPacking implements IntConsumer {

    /** Columns transposed at a time, such that their words fit the first-level cache. */
    private static final int COLUMN_BLOCK = 128;

    private static final int ROWS = VectorWidth.ROWS;
    private static final int HALF = VectorWidth.HALF;

    private static final int OFFSET_OF_4 = 0x0808_0808;
    private static final int NIBBLES_OF_4 = 0x0f0f_0f0f;
    private static final int LOW_BITS_OF_4 = 0x7f7f_7f7f;

    private static final VarHandle TWO_BYTES =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FOUR_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Tensor tensor;
    private final PackingBuffer copies = new PackingBuffer();
    private final QuantizedFormat format;
    private final VectorMatrix w;
    private final AtomicBoolean fits;
    private final byte[] quants;
    private final float[] scales;
    private final float[] minimums;
    private final byte[] multipliers;
    private final float[] factors;
    private final int[] words;

    VectorQuantPacking(Tensor tensor, QuantizedFormat format, VectorMatrix w, AtomicBoolean fits) {
        this.tensor = tensor;
        this.format = format;
        this.w = w;
        this.fits = fits;
        this.quants = new byte[ROWS * w.columns()];
        this.scales = new float[ROWS * w.runs()];
        this.minimums = new float[w.minimums() ? scales.length : 0];
        boolean factored = w.scales() == Scales.FACTORED;
        this.multipliers = new byte[factored ? scales.length : 0];
        this.factors = new float[factored ? ROWS * w.columns() / VectorMatrix.FACTOR_RUN : 0];
        this.words = new int[HALF * w.columns() / (w.weights() == Weights.NIBBLES ? 4 : 2)];
    }

    @Override
    public void accept(int group) {
        int columns = w.columns();
        int from = group * ROWS;
        int count = Math.min(ROWS, w.rows() - from);
        MemorySegment in = tensor.rows(from, count, copies);
        for (int r = 0; r < count; r++) {
            format.unpack(in, r * tensor.rowBytes(), columns, quants, r * columns, scales, minimums, r * w.runs());
        }
        Arrays.fill(quants, count * columns, ROWS * columns, (byte) 0);
        Arrays.fill(scales, count * w.runs(), scales.length, 0);
        if (w.minimums()) {
            Arrays.fill(minimums, count * w.runs(), minimums.length, 0);
        }
        if (w.weights() == Weights.NIBBLES) {
            packNibbles();
        } else {
            packBytes();
        }
        VectorPacking.copy(words, w, group, 0);
        packScales(scales, group, w.scalesAt());
        if (w.minimums()) {
            packScales(minimums, group, w.minimumsAt());
        }
    }

    /*
     * Four int8 are handled as one int. 4-bit integers from -8 to 7 become 0 to 15 by inverting the bit of value 8; the
     * bytes are then combined in pairs. The range that the format declares for its integers is checked as well.
     */
    private void packNibbles() {
        int columns = w.columns();
        int offset = w.minimums() ? 0 : OFFSET_OF_4;
        int excess = 0;
        for (int block = 0; block < columns; block += COLUMN_BLOCK) {
            int end = Math.min(block + COLUMN_BLOCK, columns);
            for (int i = 0; i < HALF; i++) {
                int low = i * columns;
                int high = (i + HALF) * columns;
                for (int k = block; k < end; k += 4) {
                    int low4 = added((int) FOUR_BYTES.get(quants, low + k), offset);
                    int high4 = added((int) FOUR_BYTES.get(quants, high + k), offset);
                    excess |= low4 | high4;
                    words[k / 4 * HALF + i] = nibbles(low4) | (nibbles(high4) << 16);
                }
            }
        }
        if ((excess & ~NIBBLES_OF_4) != 0) {
            throw new IllegalStateException("tensor %s: %s has integers beyond those it declares (at most %d)"
                    .formatted(tensor.name(), format.name(), format.largestQuant()));
        }
    }

    /** Adds bytes without carries between them. */
    private static int added(int four, int offsets) {
        return ((four & LOW_BITS_OF_4) + offsets) ^ (four & ~LOW_BITS_OF_4);
    }

    private static int nibbles(int four) {
        int twice = (four | (four >>> 4)) & 0x00ff_00ff;
        return (twice | (twice >>> 8)) & 0xffff;
    }

    private void packBytes() {
        int columns = w.columns();
        for (int block = 0; block < columns; block += COLUMN_BLOCK) {
            int end = Math.min(block + COLUMN_BLOCK, columns);
            for (int i = 0; i < HALF; i++) {
                int low = i * columns;
                int high = (i + HALF) * columns;
                for (int k = block; k < end; k += 2) {
                    words[k / 2 * HALF + i] = VectorPacking.pair(
                            (short) TWO_BYTES.get(quants, low + k), (short) TWO_BYTES.get(quants, high + k));
                }
            }
        }
    }

    private void packScales(float[] values, int group, long at) {
        switch (w.scales()) {
            case FACTORED -> packFactored(values, group, at);
            case HALF -> packHalf(values, group, at);
            case PLAIN -> VectorPacking.copy(interleaved(values, w.runs()), w, group, at);
        }
    }

    private void packHalf(float[] values, int group, long at) {
        int runs = w.runs();
        int[] pairs = new int[runs * HALF];
        for (int i = 0; i < HALF; i++) {
            for (int r = 0; r < runs; r++) {
                pairs[r * HALF + i] =
                        VectorPacking.pair(exactF16(values[i * runs + r]), exactF16(values[(i + HALF) * runs + r]));
            }
        }
        VectorPacking.copy(pairs, w, group, at);
    }

    private int exactF16(float value) {
        short bits = Float.floatToFloat16(value);
        if (Float.floatToIntBits(Float.float16ToFloat(bits)) != Float.floatToIntBits(value)) {
            fits.set(false);
        }
        return bits;
    }

    private void packFactored(float[] values, int group, long at) {
        int runs = w.runs();
        int factorsPerRow = w.columns() / VectorMatrix.FACTOR_RUN;
        int runsPerFactor = VectorMatrix.FACTOR_RUN / w.run();
        for (int row = 0; row < ROWS; row++) {
            for (int f = 0; f < factorsPerRow; f++) {
                int from = row * runs + f * runsPerFactor;
                if (!ScaleFactors.factor(values, from, runsPerFactor, multipliers, factors, row * factorsPerRow + f)) {
                    fits.set(false);
                }
            }
        }
        int[] pairs = new int[runs / 2 * HALF];
        for (int i = 0; i < HALF; i++) {
            int low = i * runs;
            int high = (i + HALF) * runs;
            for (int r = 0; r < runs; r += 2) {
                pairs[r / 2 * HALF + i] = VectorPacking.pair(
                        (short) TWO_BYTES.get(multipliers, low + r), (short) TWO_BYTES.get(multipliers, high + r));
            }
        }
        VectorPacking.copy(pairs, w, group, at);
        VectorPacking.copy(interleaved(factors, factorsPerRow), w, group, at + w.factorsOffset());
    }

    /** Transposes {@code [rows][perRow]} to {@code [perRow][rows]}. */
    private static int[] interleaved(float[] values, int perRow) {
        int[] bits = new int[values.length];
        for (int row = 0; row < ROWS; row++) {
            for (int i = 0; i < perRow; i++) {
                bits[i * ROWS + row] = Float.floatToRawIntBits(values[row * perRow + i]);
            }
        }
        return bits;
    }
}
