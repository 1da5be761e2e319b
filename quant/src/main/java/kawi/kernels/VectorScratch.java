package kawi.kernels;

import static kawi.kernels.VectorWidth.BYTES;
import static kawi.kernels.VectorWidth.FLOATS;
import static kawi.kernels.VectorWidth.HALF;
import static kawi.kernels.VectorWidth.ROWS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * What one product needs beside its operands, small enough to stay in the first-level cache. It is borrowed for a call and
 * given back, because products must not make garbage.
 */
final class VectorScratch {

    /** Tokens multiplied together: as many as leave their sums in registers. */
    static final int TILE = 4;

    /** Columns that go through one step of a product before the next step. */
    static final int CHUNK = 512;

    /** Products that may run at the same time without making garbage. */
    private static final int KEPT = 64;

    private static final AtomicReferenceArray<@Nullable VectorScratch> FREE = new AtomicReferenceArray<>(KEPT);

    private final int[] dots = new int[CHUNK / Activations.SUM_RUN * TILE * 2 * HALF];
    private final float[] sums = new float[TILE * ROWS];
    private float[] scales = {};
    private float[] minimums = {};

    private VectorScratch() {}

    /** Scratch space for a matrix with {@code runs} scales per row. */
    static VectorScratch borrow(int runs) {
        VectorScratch borrowed = null;
        for (int i = 0; i < KEPT && borrowed == null; i++) {
            if (FREE.getPlain(i) != null) {
                borrowed = FREE.getAndSet(i, null);
            }
        }
        if (borrowed == null) {
            borrowed = new VectorScratch();
        }
        if (borrowed.scales.length < runs * ROWS) {
            borrowed.scales = new float[runs * ROWS];
            borrowed.minimums = new float[runs * ROWS];
        }
        return borrowed;
    }

    void giveBack() {
        for (int i = 0; i < KEPT; i++) {
            if (FREE.getPlain(i) == null && FREE.compareAndSet(i, null, this)) {
                return;
            }
        }
    }

    /** Integer dot products of a chunk, per run and token, in a form that the kernel which makes them knows. */
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

    /** Writes the outputs of token {@code slot} of the tile to {@code y}, from row {@code row} on, as far as there are rows. */
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
