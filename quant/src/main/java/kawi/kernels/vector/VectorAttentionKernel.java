package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.AttentionCall;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.FloatMath;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.KvQuantization;
import kawi.kernels.Rotation;
import kawi.kernels.ScalarAttentionKernel;

/**
 * Gated attention with the Vector API: lanes run over positions for the scores, over dimensions for the values. Scores
 * are computed for whole vectors of positions; those past the last position are ignored.
 *
 * <p>A page is taken by {@link AttentionKernel#SCORE_ROWS} rows (tokens and heads) at a time. F32 keys and values are
 * read where they are; other formats are widened first, once for all of these rows: the keys of a page into tiles, the
 * values tile by tile.
 */
public final class VectorAttentionKernel implements AttentionKernel {

    private static final VectorSpecies<Float> FLOATS = VectorWidth.FLOATS;
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Partial sums of a softmax, stored where its maximum and mass are later. */
    private static final int PARTIAL_SUMS = 16;

    private static final int TILE = VectorAttentionProducts.TILE;

    /** Float of the scratch where tiles begin. */
    private static final int TILE_AT = SCORE_ROWS * KvPages.POSITIONS;

    @Override
    public void prepare(AttentionCall call, int fromRow, int toRow) {
        AttentionShape shape = call.shape();
        MemorySegment queries = call.queries().floats();
        MemorySegment keys = call.keys().floats();
        int dim = shape.keyDim();
        float scale = 1f / (float) Math.sqrt(dim);
        for (int r = fromRow; r < toRow; r++) {
            int row = call.firstRow() + r;
            for (int head = 0; head < shape.heads(); head++) {
                long at = (long) row * call.queries().width() + shape.queryColumn(head);
                normAndRotate(call, queries, at, call.queryNorm(), row);
                VectorFunctions.scale(queries, at, scale, 1f, dim);
                if (call.kv().layout().keys().quantized()) {
                    KvQuantization.prepareQuery(queries, at, dim);
                }
            }
            for (int head = 0; head < shape.kvHeads(); head++) {
                long key = (long) row * call.keys().width() + (long) head * dim;
                long value = (long) row * call.values().width() + (long) head * shape.valueDim();
                normAndRotate(call, keys, key, call.keyNorm(), row);
                call.kv().store(call.slot() + r, head, keys, key, call.values().floats(), value);
            }
        }
    }

    private static void normAndRotate(AttentionCall call, MemorySegment x, long at, MemorySegment weight, int t) {
        AttentionShape shape = call.shape();
        Rotation rotation = call.rotation();
        int dim = shape.keyDim();
        if (shape.normalized()) {
            float inverse = FloatMath.inverseSqrt(VectorSums.ofSquares(x, at, dim) / dim + call.eps());
            VectorFunctions.scale(x, at, inverse, weight, x, at, dim);
        }
        int half = shape.rotaryDims() / 2;
        long row = rotation.row(t);
        int j = 0;
        for (; j <= half - LANES; j += LANES) {
            FloatVector cos = FloatVector.fromMemorySegment(FLOATS, rotation.cosines(), (row + j) * Float.BYTES, ORDER);
            FloatVector sin = FloatVector.fromMemorySegment(FLOATS, rotation.sines(), (row + j) * Float.BYTES, ORDER);
            long first = (at + j) * Float.BYTES;
            long second = (at + half + j) * Float.BYTES;
            FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, first, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(FLOATS, x, second, ORDER);
            a.fma(cos, b.mul(sin).neg()).intoMemorySegment(x, first, ORDER);
            b.fma(cos, a.mul(sin)).intoMemorySegment(x, second, ORDER);
        }
        ScalarAttentionKernel.rotate(x, at, half, rotation, t, j);
    }

    @Override
    public void page(
            AttentionCall call,
            int kvHead,
            int fromRow,
            int toRow,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch) {
        AttentionShape shape = call.shape();
        int group = shape.group();
        int rowFloats = AttentionKernel.rowFloats(shape);
        int total = (toRow - fromRow) * group;
        for (int from = 0; from < total; from += SCORE_ROWS) {
            int first = fromRow * group + from;
            int rows = Math.min(SCORE_ROWS, total - from);
            int seen = call.visible(page, (first + rows - 1) / group);
            long row = (partialRow + from) * rowFloats;
            scores(call, kvHead, first, rows, page, seen, scratch);
            for (int r = 0; r < rows; r++) {
                int n = call.visible(page, (first + r) / group);
                long at = row + (long) r * rowFloats;
                softmax(scratch, (long) r * KvPages.POSITIONS, n, partial, at + AttentionKernel.maxAt(shape));
                if (call.kv().layout().values().quantized()) {
                    long scales = call.kv().layout().valueScalesAt(kvHead);
                    VectorKvIntegers.scale(
                            scratch, (long) r * KvPages.POSITIONS, 1f, call.kv().page(page), scales, n);
                }
                clear(partial, at, AttentionKernel.maxAt(shape));
            }
            weightedValues(call, kvHead, first, rows, page, scratch, partial, row);
        }
    }

    // Heads of the group are rows as well: row r of these methods is head r mod group of row r / group of the span.

    /** Scores of rows {@code [first, first + rows)} with positions below {@code seen}. */
    private static void scores(
            AttentionCall call, int kvHead, int first, int rows, int page, int seen, MemorySegment scratch) {
        int dim = call.shape().keyDim();
        KvLayout layout = call.kv().layout();
        MemorySegment memory = call.kv().page(page);
        switch (layout.keys()) {
            case F32 -> {
                long keys = layout.keysAt(kvHead) / Float.BYTES;
                scoreTile(call, kvHead, first, rows, memory, keys, KvPages.POSITIONS, scratch, 0, seen);
            }
            case F16 -> {
                long keys = layout.keysAt(kvHead) / Short.BYTES;
                VectorAttentionProducts.widenKeys(memory, keys, dim, seen, scratch, TILE_AT);
                for (int j = 0; j < seen; j += TILE) {
                    long tile = TILE_AT + (long) j * dim;
                    int n = Math.min(TILE, seen - j);
                    scoreTile(call, kvHead, first, rows, scratch, tile, TILE, scratch, j, n);
                }
            }
            case Q8, Q4 -> integerScores(call, kvHead, first, rows, memory, seen, scratch);
        }
    }

    /** The same for quantized keys, with the integers of the queries in the scratch memory. */
    private static void integerScores(
            AttentionCall call, int kvHead, int first, int rows, MemorySegment page, int seen, MemorySegment scratch) {
        int dim = call.shape().keyDim();
        KvLayout layout = call.kv().layout();
        MemorySegment queries = call.queries().floats();
        for (int r = 0; r < rows; r++) {
            long query = query(call, kvHead, first + r);
            VectorKvIntegers.widenQuery(queries, query, dim, scratch, widenedQuery(call.shape(), r));
        }
        VectorKvIntegers.widenKeys(page, layout, kvHead, seen, scratch, TILE_AT);
        for (int j = 0; j < seen; j += TILE) {
            long tile = TILE_AT + (long) j * dim;
            scoreTile(call, kvHead, first, rows, scratch, tile, TILE, scratch, j, Math.min(TILE, seen - j));
        }
        for (int r = 0; r < rows; r++) {
            long query = query(call, kvHead, first + r) * Float.BYTES;
            float scale = queries.get(JAVA_FLOAT, query + KvQuantization.queryScaleAt(dim));
            long scales = layout.keyScalesAt(kvHead);
            VectorKvIntegers.scale(scratch, (long) r * KvPages.POSITIONS, scale, page, scales, seen);
        }
    }

    /** Float of the scratch where the integers of a row's query begin. */
    private static long widenedQuery(AttentionShape shape, int row) {
        return AttentionKernel.scratchFloats(shape) - (long) (SCORE_ROWS - row) * shape.keyDim();
    }

    /** Scores with {@code n} positions, whose keys are {@code stride} floats apart from dimension to dimension. */
    private static void scoreTile(
            AttentionCall call,
            int kvHead,
            int first,
            int rows,
            MemorySegment keys,
            long keysAt,
            int stride,
            MemorySegment score,
            int firstPosition,
            int n) {
        int dim = call.shape().keyDim();
        MemorySegment q =
                call.kv().layout().keys().quantized() ? score : call.queries().floats();
        int r = 0;
        for (; r <= rows - 4; r += 4) {
            VectorAttentionProducts.scores(
                    q,
                    factors(call, kvHead, first, r),
                    factors(call, kvHead, first, r + 1),
                    factors(call, kvHead, first, r + 2),
                    factors(call, kvHead, first, r + 3),
                    dim,
                    keys,
                    keysAt,
                    stride,
                    score,
                    (long) r * KvPages.POSITIONS + firstPosition,
                    n);
        }
        for (; r < rows; r++) {
            long to = (long) r * KvPages.POSITIONS + firstPosition;
            long query = factors(call, kvHead, first, r);
            VectorAttentionProducts.scores(q, query, dim, keys, keysAt, stride, score, to, n);
        }
    }

    /** The index of the factors of row {@code first + r}: its query, or the integers of its query. */
    private static long factors(AttentionCall call, int kvHead, int first, int r) {
        return call.kv().layout().keys().quantized() ? widenedQuery(call.shape(), r) : query(call, kvHead, first + r);
    }

    /** The index of the query of a row. */
    private static long query(AttentionCall call, int kvHead, int row) {
        int group = call.shape().group();
        return (call.firstRow() + row / group) * (long) call.queries().width()
                + call.shape().queryColumn(kvHead * group + row % group);
    }

    /** Replaces {@code n} scores by {@code exp(score - max)} and leaves their maximum and their sum at {@code to}. */
    private static void softmax(MemorySegment score, long at, int n, MemorySegment partial, long to) {
        float max = Float.NEGATIVE_INFINITY;
        int j = 0;
        if (n >= LANES) {
            FloatVector most = FloatVector.fromMemorySegment(FLOATS, score, at * Float.BYTES, ORDER);
            for (j = LANES; j <= n - LANES; j += LANES) {
                most = most.max(FloatVector.fromMemorySegment(FLOATS, score, (at + j) * Float.BYTES, ORDER));
            }
            max = most.reduceLanes(VectorOperators.MAX);
        }
        for (; j < n; j++) {
            max = Math.max(max, score.getAtIndex(JAVA_FLOAT, at + j));
        }
        VectorFunctions.exp(score, at, n, max);
        int padded = (n + PARTIAL_SUMS - 1) & -PARTIAL_SUMS;
        for (int i = n; i < padded; i++) {
            score.setAtIndex(JAVA_FLOAT, at + i, 0f);
        }
        float mass = sum(score, at, padded, partial, to);
        partial.setAtIndex(JAVA_FLOAT, to, max);
        partial.setAtIndex(JAVA_FLOAT, to + 1, mass);
    }

    /**
     * The sum of {@code n} floats, a multiple of 16, in the order of the numerics contract. The 16 partial sums are
     * added in memory, at {@code to}: an array would be garbage for every row of every page.
     */
    private static float sum(MemorySegment x, long at, int n, MemorySegment memory, long to) {
        for (int part = 0; part < PARTIAL_SUMS; part += LANES) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = part; i < n; i += PARTIAL_SUMS) {
                sum = sum.add(FloatVector.fromMemorySegment(FLOATS, x, (at + i) * Float.BYTES, ORDER));
            }
            sum.intoMemorySegment(memory, (to + part) * Float.BYTES, ORDER);
        }
        for (int half = PARTIAL_SUMS / 2; half > 0; half >>= 1) {
            for (long i = to; i < to + half; i++) {
                float pair = memory.getAtIndex(JAVA_FLOAT, i) + memory.getAtIndex(JAVA_FLOAT, i + half);
                memory.setAtIndex(JAVA_FLOAT, i, pair);
            }
        }
        return memory.getAtIndex(JAVA_FLOAT, to);
    }

    /** Zeroes {@code n} floats, a multiple of 16. */
    private static void clear(MemorySegment x, long at, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.zero(FLOATS).intoMemorySegment(x, (at + i) * Float.BYTES, ORDER);
        }
    }

    private static void weightedValues(
            AttentionCall call,
            int kvHead,
            int first,
            int rows,
            int page,
            MemorySegment scratch,
            MemorySegment partial,
            long row) {
        int seen = call.visible(page, (first + rows - 1) / call.shape().group());
        KvLayout layout = call.kv().layout();
        MemorySegment memory = call.kv().page(page);
        switch (layout.values()) {
            case F32 -> {
                long values = layout.valuesAt(kvHead) / Float.BYTES;
                valueTile(call, first, rows, page, memory, values, scratch, 0, seen, partial, row);
            }
            case F16 -> {
                int dim = layout.valueDim();
                long values = layout.valuesAt(kvHead) / Short.BYTES;
                for (int j = 0; j < seen; j += TILE) {
                    VectorAttentionProducts.widen(memory, values + (long) j * dim, TILE * dim, scratch, TILE_AT);
                    int end = Math.min(j + TILE, seen);
                    valueTile(call, first, rows, page, scratch, TILE_AT, scratch, j, end, partial, row);
                }
            }
            case Q8, Q4 -> {
                for (int j = 0; j < seen; j += TILE) {
                    int end = Math.min(j + TILE, seen);
                    VectorKvIntegers.widenValues(memory, layout, kvHead, j, end - j, scratch, TILE_AT);
                    valueTile(call, first, rows, page, scratch, TILE_AT, scratch, j, end, partial, row);
                }
            }
        }
    }

    /**
     * Adds the values of the in-page positions {@code [start, end)}, which begin at {@code valuesAt}, for each row up
     * to the positions that it attends to.
     */
    private static void valueTile(
            AttentionCall call,
            int first,
            int rows,
            int page,
            MemorySegment values,
            long valuesAt,
            MemorySegment p,
            int start,
            int end,
            MemorySegment partial,
            long row) {
        int dim = call.shape().valueDim();
        int group = call.shape().group();
        int rowFloats = AttentionKernel.rowFloats(call.shape());
        int r = 0;
        for (; r <= rows - 4; r += 4) {
            // The first of four rows attends to the fewest positions.
            int common = Math.min(end, call.visible(page, (first + r) / group)) - start;
            int done = VectorAttentionProducts.values(
                    p,
                    (long) r * KvPages.POSITIONS + start,
                    common,
                    values,
                    valuesAt,
                    dim,
                    partial,
                    row + (long) r * rowFloats,
                    rowFloats);
            for (int i = r; i < r + 4; i++) {
                int n = Math.min(end, call.visible(page, (first + i) / group)) - start;
                long pAt = (long) i * KvPages.POSITIONS + start;
                long to = row + (long) i * rowFloats;
                VectorAttentionProducts.values(p, pAt, 0, common, values, valuesAt, dim, done, partial, to);
                VectorAttentionProducts.values(p, pAt, Math.max(0, common), n, values, valuesAt, dim, 0, partial, to);
            }
        }
        for (; r < rows; r++) {
            int n = Math.min(end, call.visible(page, (first + r) / group)) - start;
            long pAt = (long) r * KvPages.POSITIONS + start;
            VectorAttentionProducts.values(p, pAt, 0, n, values, valuesAt, dim, 0, partial, row + (long) r * rowFloats);
        }
    }

    @Override
    public void fold(
            AttentionShape shape,
            MemorySegment partial,
            long partialRow,
            MemorySegment state,
            long stateRow,
            int rows) {
        int dim = shape.valueDim();
        int maxAt = AttentionKernel.maxAt(shape);
        for (int r = 0; r < rows; r++) {
            long from = (partialRow + r) * AttentionKernel.rowFloats(shape);
            long to = (stateRow + r) * AttentionKernel.rowFloats(shape);
            float max = state.getAtIndex(JAVA_FLOAT, to + maxAt);
            float mass = state.getAtIndex(JAVA_FLOAT, to + maxAt + 1);
            float pageMax = partial.getAtIndex(JAVA_FLOAT, from + maxAt);
            float pageMass = partial.getAtIndex(JAVA_FLOAT, from + maxAt + 1);
            float newMax = Math.max(max, pageMax);
            float a = FloatMath.exp(max - newMax);
            float b = FloatMath.exp(pageMax - newMax);
            state.setAtIndex(JAVA_FLOAT, to + maxAt, newMax);
            state.setAtIndex(JAVA_FLOAT, to + maxAt + 1, Math.fma(pageMass, b, mass * a));
            combine(state, to, a, partial, from, b, dim);
        }
    }

    /** {@code sum = fma(page, b, sum * a)}. */
    private static void combine(
            MemorySegment sum, long sumAt, float a, MemorySegment page, long pageAt, float b, int n) {
        FloatVector factor = FloatVector.broadcast(FLOATS, b);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (sumAt + i) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, page, (pageAt + i) * Float.BYTES, ORDER)
                    .fma(
                            factor,
                            FloatVector.fromMemorySegment(FLOATS, sum, bytes, ORDER)
                                    .mul(a))
                    .intoMemorySegment(sum, bytes, ORDER);
        }
        for (; i < n; i++) {
            float scaled = sum.getAtIndex(JAVA_FLOAT, sumAt + i) * a;
            sum.setAtIndex(JAVA_FLOAT, sumAt + i, Math.fma(page.getAtIndex(JAVA_FLOAT, pageAt + i), b, scaled));
        }
    }

    @Override
    public void finish(AttentionCall call, int kvHead, int fromRow, int toRow, MemorySegment state, long stateRow) {
        AttentionShape shape = call.shape();
        MemorySegment out = call.out().floats();
        int dim = shape.valueDim();
        int group = shape.group();
        long row = stateRow * AttentionKernel.rowFloats(shape);
        for (int r = fromRow; r < toRow; r++) {
            int t = call.firstRow() + r;
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                float inverse = 1f / state.getAtIndex(JAVA_FLOAT, row + AttentionKernel.maxAt(shape) + 1);
                long to = (long) t * call.out().width() + (long) head * dim;
                if (call.kv().layout().values().quantized()) {
                    KvQuantization.rotateBack(state, row, dim);
                }
                VectorFunctions.scale(state, row, inverse, 1f, dim);
                MemorySegment.copy(state, row * Float.BYTES, out, to * Float.BYTES, (long) dim * Float.BYTES);
                if (shape.gated()) {
                    long gates = (long) t * call.queries().width() + shape.queryColumn(head) + shape.keyDim();
                    VectorFunctions.timesSigmoid(out, to, call.queries().floats(), gates, dim);
                }
                row += AttentionKernel.rowFloats(shape);
            }
        }
    }
}
