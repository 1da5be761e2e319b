package kawi.kernels.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import kawi.kernels.PackingBuffer;
import kawi.kernels.vector.VectorMatrix.Weights;
import kawi.quant.Tensor;

/** Packs groups of a float tensor; reports through {@code fits} whether all of its f16 are finite. */
final class VectorFloatPacking implements IntConsumer {

    /** Columns transposed at a time, such that their words fit the first-level cache. */
    private static final int COLUMN_BLOCK = 64;

    private static final int ROWS = VectorWidth.ROWS;
    private static final int HALF = VectorWidth.HALF;

    private static final int F16_EXPONENT = 0x7c00;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Tensor tensor;
    private final PackingBuffer copies = new PackingBuffer();
    private final VectorMatrix w;
    private final AtomicBoolean fits;
    private final float[] floats;
    private final short[] halves;
    private final int[] words;

    VectorFloatPacking(Tensor tensor, VectorMatrix w, AtomicBoolean fits) {
        int weights = ROWS * w.columns();
        boolean wide = w.weights() == Weights.F32;
        this.tensor = tensor;
        this.w = w;
        this.fits = fits;
        this.floats = new float[wide ? weights : 0];
        this.halves = new short[wide ? 0 : weights];
        this.words = new int[wide ? weights : weights / 2];
    }

    @Override
    public void accept(int group) {
        int from = group * ROWS;
        int rows = Math.min(ROWS, w.rows() - from);
        if (w.weights() == Weights.F32) {
            packFloats(from, rows);
        } else {
            packHalves(from, rows);
        }
        VectorPacking.copy(words, w, group, 0);
    }

    private void packFloats(int from, int rows) {
        int columns = w.columns();
        for (int r = 0; r < rows; r++) {
            tensor.decodeRow(from + r, floats, r * columns);
        }
        Arrays.fill(floats, rows * columns, floats.length, 0);
        for (int block = 0; block < columns; block += COLUMN_BLOCK) {
            int end = Math.min(block + COLUMN_BLOCK, columns);
            for (int r = 0; r < ROWS; r++) {
                for (int k = block; k < end; k++) {
                    words[k * ROWS + r] = Float.floatToRawIntBits(floats[r * columns + k]);
                }
            }
        }
    }

    /** Copies bf16 and f16 without conversion. */
    private void packHalves(int from, int rows) {
        int columns = w.columns();
        MemorySegment.copy(tensor.rows(from, rows, copies), SHORT, 0, halves, 0, rows * columns);
        Arrays.fill(halves, rows * columns, halves.length, (short) 0);
        boolean finite = true;
        for (int block = 0; block < columns; block += COLUMN_BLOCK) {
            int end = Math.min(block + COLUMN_BLOCK, columns);
            for (int i = 0; i < HALF; i++) {
                for (int k = block; k < end; k++) {
                    short low = halves[i * columns + k];
                    short high = halves[(i + HALF) * columns + k];
                    finite &= (low & F16_EXPONENT) != F16_EXPONENT && (high & F16_EXPONENT) != F16_EXPONENT;
                    words[k * HALF + i] = VectorPacking.pair(low, high);
                }
            }
        }
        if (!finite && w.weights() == Weights.F16) {
            fits.set(false);
        }
    }
}
