package kawi.kernels.vector;

import static kawi.kernels.vector.VectorWidth.BYTES;
import static kawi.kernels.vector.VectorWidth.FLOATS;
import static kawi.kernels.vector.VectorWidth.HALF;
import static kawi.kernels.vector.VectorWidth.ROWS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import kawi.kernels.Activations;
import kawi.kernels.FreeList;

/**
 * The working memory of one product. It is borrowed for a call and returned afterwards, because products must not
 * produce garbage.
 *
 * <p>It is on the heap, and the int8 activations are copied to it, because the compiler does not always hoist the
 * checks of an off-heap access out of a loop, and the inner loop of a product consists of loads and arithmetic only.
 */
final class VectorScratch {

    /** Tokens multiplied together: the maximum for which all sums fit into registers. */
    static final int TILE = 4;

    /** Columns that are processed by one step of a product before the next step. */
    static final int CHUNK = 512;

    private static final FreeList<VectorScratch> FREE = new FreeList<>(VectorScratch::new);

    private final int[] dots = new int[CHUNK / Activations.SUM_RUN * TILE * 2 * HALF];
    private final float[] sums = new float[TILE * ROWS];
    private int[] activations = {};
    private float[] activationScales = {};
    private int[] activationSums = {};
    private float[] activationMinimums = {};
    private float[] scales = {};
    private float[] minimums = {};

    private VectorScratch() {}

    /** Scratch space for a matrix and {@code tokens} tokens at a time. */
    static VectorScratch borrow(VectorMatrix w, int tokens) {
        VectorScratch borrowed = FREE.take();
        borrowed.makeRoom(w.columns(), w.runs(), tokens);
        return borrowed;
    }

    private void makeRoom(int columns, int runs, int tokens) {
        if (scales.length < runs * ROWS) {
            scales = new float[runs * ROWS];
            minimums = new float[runs * ROWS];
        }
        if (activations.length < tokens * columns) {
            activations = new int[tokens * columns];
        }
        if (activationScales.length < tokens * runs) {
            activationScales = new float[tokens * runs];
            activationSums = new int[tokens * runs];
            activationMinimums = new float[tokens * runs];
        }
    }

    void giveBack() {
        FREE.give(this);
    }

    /** Copies the int8 form of tokens {@code [from, to)}, with a scale and sums per run of {@code w}. */
    void copy(VectorMatrix w, Activations x, int from, int to) {
        int tokens = to - from;
        int columns = w.columns();
        int runs = w.runs();
        for (int t = 0; t < tokens; t++) {
            for (int block = 0; block < w.columns() / Activations.BLOCK; block++) {
                copyPairs(x.int8(), x.blockAt(from + t, block), t * columns + block * Activations.BLOCK);
            }
            for (int r = 0; r < runs; r++) {
                activationScales[t * runs + r] = x.scale(from + t, r * w.run() / Activations.BLOCK);
                activationSums[t * runs + r] = x.sum(from + t, w.run(), r);
                activationMinimums[t * runs + r] = x.scaledSum(from + t, w.run(), r);
            }
        }
    }

    /** Every quant twice, as two int16: one 32-bit broadcast fills 16-bit lanes. */
    private void copyPairs(MemorySegment int8, long block, int to) {
        for (int i = 0; i < Activations.BLOCK; i++) {
            int quant = int8.get(ValueLayout.JAVA_BYTE, block + i);
            activations[to + i] = (quant & 0xffff) | (quant << 16);
        }
    }

    /** The int8 activations as pairs, {@code [tokens][columns]}. */
    int[] activations() {
        return activations;
    }

    /** Their scales, {@code [tokens][runs]}. */
    float[] activationScales() {
        return activationScales;
    }

    /** Their sums, {@code [tokens][runs]}. */
    int[] activationSums() {
        return activationSums;
    }

    /** Their sums times their scales, the factors of the minimums, {@code [tokens][runs]}. */
    float[] activationMinimums() {
        return activationMinimums;
    }

    /** Integer dot products of a chunk, per run and token, in a form that is private to the kernel. */
    int[] dots() {
        return dots;
    }

    /** The outputs of a tile, {@code [tokens][rows]}. */
    float[] sums() {
        return sums;
    }

    /** The scales of a group, {@code [runs][rows]}. */
    float[] scales() {
        return scales;
    }

    /** The minimums of a group, {@code [runs][rows]}. */
    float[] minimums() {
        return minimums;
    }

    void clearSums() {
        Arrays.fill(sums, 0);
    }

    /**
     * Writes the outputs of token {@code slot} of the tile to {@code y}, from row {@code row} on, for the rows that
     * exist.
     */
    void store(int slot, Activations y, int token, int row) {
        int from = slot * ROWS;
        long to = ((long) token * y.width() + row) * Float.BYTES;
        if (row + ROWS <= y.width()) {
            FloatVector.fromArray(FLOATS, sums, from).intoMemorySegment(y.floats(), to, ByteOrder.nativeOrder());
            FloatVector.fromArray(FLOATS, sums, from + HALF)
                    .intoMemorySegment(y.floats(), to + BYTES, ByteOrder.nativeOrder());
        } else {
            MemorySegment.copy(sums, from, y.floats(), ValueLayout.JAVA_FLOAT, to, y.width() - row);
        }
    }
}
