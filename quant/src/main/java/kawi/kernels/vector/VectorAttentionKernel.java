package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.Activations;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.FloatMath;
import kawi.kernels.KvPages;
import kawi.kernels.Rotation;
import kawi.kernels.ScalarAttentionKernel;

/**
 * Gated attention with the Vector API: lanes run over positions for the scores, over dimensions for the values. Scores are computed for
 * whole vectors of positions; those past the last position are ignored.
 *
 * <p>A page is taken by {@link AttentionKernel#SCORE_ROWS} rows (tokens and heads) at a time. F32 keys and values are read where they are; half
 * precision is widened first, once for all of these rows: the keys of a page into tiles, the values tile by tile.
 */
public final class VectorAttentionKernel implements AttentionKernel {

    private static final VectorSpecies<Float> FLOATS = VectorWidth.FLOATS;
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Partial sums of a softmax; they fit where its maximum and mass stand. */
    private static final int PARTIAL_SUMS = 16;

    private static final int TILE = VectorAttentionProducts.TILE;

    /** Float of the scratch where tiles begin. */
    private static final int TILE_AT = SCORE_ROWS * KvPages.POSITIONS;

    @Override
    public void prepare(
            AttentionShape shape,
            Activations queryGate,
            Activations keys,
            Activations values,
            MemorySegment queryNorm,
            MemorySegment keyNorm,
            float eps,
            Rotation rotation,
            KvPages kv,
            int position,
            int fromToken,
            int toToken) {
        int dim = shape.headDim();
        float scale = 1f / (float) Math.sqrt(dim);
        for (int t = fromToken; t < toToken; t++) {
            for (int head = 0; head < shape.heads(); head++) {
                long at = (long) t * queryGate.width() + shape.queryColumn(head);
                normAndRotate(shape, queryGate.floats(), at, queryNorm, eps, rotation, t);
                VectorFunctions.scale(queryGate.floats(), at, scale, 1f, dim);
            }
            for (int head = 0; head < shape.kvHeads(); head++) {
                long at = (long) t * keys.width() + (long) head * dim;
                normAndRotate(shape, keys.floats(), at, keyNorm, eps, rotation, t);
                kv.store(position + t, head, keys.floats(), values.floats(), at);
            }
        }
    }

    private static void normAndRotate(
            AttentionShape shape, MemorySegment x, long at, MemorySegment weight, float eps, Rotation rotation, int t) {
        int dim = shape.headDim();
        float inverse = FloatMath.inverseSqrt(VectorSums.ofSquares(x, at, dim) / dim + eps);
        VectorFunctions.scale(x, at, inverse, weight, x, at, dim);
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
            AttentionShape shape,
            Activations queryGate,
            KvPages kv,
            int position,
            int kvHead,
            int fromToken,
            int toToken,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch) {
        int group = shape.group();
        int rowFloats = AttentionKernel.rowFloats(shape);
        int total = (toToken - fromToken) * group;
        for (int from = 0; from < total; from += SCORE_ROWS) {
            int rows = Math.min(SCORE_ROWS, total - from);
            int seen = KvPages.visible(page, position + fromToken + (from + rows - 1) / group);
            long row = (partialRow + from) * rowFloats;
            scores(shape, queryGate, kv, kvHead, fromToken, from, rows, page, seen, scratch);
            for (int r = 0; r < rows; r++) {
                int n = KvPages.visible(page, position + fromToken + (from + r) / group);
                long at = row + (long) r * rowFloats;
                softmax(scratch, (long) r * KvPages.POSITIONS, n, partial, at + AttentionKernel.maxAt(shape));
                clear(partial, at, AttentionKernel.maxAt(shape));
            }
            weightedValues(shape, kv, kvHead, position + fromToken, from, rows, page, seen, scratch, partial, row);
        }
    }

    /** Scores of rows {@code [from, from + rows)}, counted from {@code fromToken} on, with positions below {@code seen}. */
    private static void scores(
            AttentionShape shape,
            Activations queryGate,
            KvPages kv,
            int kvHead,
            int fromToken,
            int from,
            int rows,
            int page,
            int seen,
            MemorySegment scratch) {
        int dim = shape.headDim();
        MemorySegment memory = kv.page(page);
        long keys = kv.keyIndex(kvHead, 0);
        switch (kv.format()) {
            case F32 -> {
                int stride = KvPages.POSITIONS;
                scoreTile(shape, queryGate, kvHead, fromToken, from, rows, memory, keys, stride, scratch, 0, seen);
            }
            case F16 -> {
                VectorAttentionProducts.widenKeys(memory, keys, dim, seen, scratch, TILE_AT);
                for (int j = 0; j < seen; j += TILE) {
                    long tile = TILE_AT + (long) j * dim;
                    int n = Math.min(TILE, seen - j);
                    scoreTile(shape, queryGate, kvHead, fromToken, from, rows, scratch, tile, TILE, scratch, j, n);
                }
            }
        }
    }

    /** Scores with {@code n} positions, whose keys are {@code stride} floats apart from dimension to dimension. */
    private static void scoreTile(
            AttentionShape shape,
            Activations queryGate,
            int kvHead,
            int fromToken,
            int from,
            int rows,
            MemorySegment keys,
            long keysAt,
            int stride,
            MemorySegment score,
            int firstPosition,
            int n) {
        int dim = shape.headDim();
        MemorySegment q = queryGate.floats();
        int r = 0;
        for (; r <= rows - 4; r += 4) {
            VectorAttentionProducts.scores(
                    q,
                    query(shape, queryGate, kvHead, fromToken, from + r),
                    query(shape, queryGate, kvHead, fromToken, from + r + 1),
                    query(shape, queryGate, kvHead, fromToken, from + r + 2),
                    query(shape, queryGate, kvHead, fromToken, from + r + 3),
                    dim,
                    keys,
                    keysAt,
                    stride,
                    score,
                    (long) r * KvPages.POSITIONS + firstPosition,
                    n);
        }
        for (; r < rows; r++) {
            long query = query(shape, queryGate, kvHead, fromToken, from + r);
            long to = (long) r * KvPages.POSITIONS + firstPosition;
            VectorAttentionProducts.scores(q, query, dim, keys, keysAt, stride, score, to, n);
        }
    }

    /** Element index of the query of row {@code row}, counted from {@code fromToken} on. */
    private static long query(AttentionShape shape, Activations queryGate, int kvHead, int fromToken, int row) {
        int group = shape.group();
        return (fromToken + row / group) * (long) queryGate.width() + shape.queryColumn(kvHead * group + row % group);
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
     * The sum of {@code n} floats, a multiple of 16, in the contract's order. The 16 partial sums are added up in memory, at {@code to}: an
     * array would be garbage for every row of every page.
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
            AttentionShape shape,
            KvPages kv,
            int kvHead,
            int position,
            int from,
            int rows,
            int page,
            int seen,
            MemorySegment scratch,
            MemorySegment partial,
            long row) {
        MemorySegment memory = kv.page(page);
        switch (kv.format()) {
            case F32 -> {
                long values = kv.valueIndex(kvHead, 0);
                valueTile(shape, position, from, rows, page, memory, values, scratch, 0, seen, partial, row);
            }
            case F16 -> {
                for (int j = 0; j < seen; j += TILE) {
                    int floats = TILE * shape.headDim();
                    VectorAttentionProducts.widen(memory, kv.valueIndex(kvHead, j), floats, scratch, TILE_AT);
                    int end = Math.min(j + TILE, seen);
                    valueTile(shape, position, from, rows, page, scratch, TILE_AT, scratch, j, end, partial, row);
                }
            }
        }
    }

    /** Adds the values of in-page positions {@code [start, end)}, which begin at {@code valuesAt}, as far as each row sees them. */
    private static void valueTile(
            AttentionShape shape,
            int position,
            int from,
            int rows,
            int page,
            MemorySegment values,
            long valuesAt,
            MemorySegment p,
            int start,
            int end,
            MemorySegment partial,
            long row) {
        int dim = shape.headDim();
        int group = shape.group();
        int rowFloats = AttentionKernel.rowFloats(shape);
        int r = 0;
        for (; r <= rows - 4; r += 4) {
            // The first of four rows sees the least.
            int common = Math.min(end, KvPages.visible(page, position + (from + r) / group)) - start;
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
                int n = Math.min(end, KvPages.visible(page, position + (from + i) / group)) - start;
                long pAt = (long) i * KvPages.POSITIONS + start;
                long to = row + (long) i * rowFloats;
                VectorAttentionProducts.values(p, pAt, 0, common, values, valuesAt, dim, done, partial, to);
                VectorAttentionProducts.values(p, pAt, Math.max(0, common), n, values, valuesAt, dim, 0, partial, to);
            }
        }
        for (; r < rows; r++) {
            int n = Math.min(end, KvPages.visible(page, position + (from + r) / group)) - start;
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
        int dim = shape.headDim();
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
    public void finish(
            AttentionShape shape,
            Activations queryGate,
            int kvHead,
            int fromToken,
            int toToken,
            MemorySegment state,
            long stateRow,
            Activations out) {
        int dim = shape.headDim();
        int group = shape.group();
        long row = stateRow * AttentionKernel.rowFloats(shape);
        for (int t = fromToken; t < toToken; t++) {
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                float inverse = 1f / state.getAtIndex(JAVA_FLOAT, row + AttentionKernel.maxAt(shape) + 1);
                long gates = (long) t * queryGate.width() + shape.queryColumn(head) + dim;
                long to = (long) t * out.width() + (long) head * dim;
                VectorFunctions.scale(state, row, inverse, 1f, dim);
                MemorySegment.copy(state, row * Float.BYTES, out.floats(), to * Float.BYTES, (long) dim * Float.BYTES);
                VectorFunctions.timesSigmoid(out.floats(), to, queryGate.floats(), gates, dim);
                row += AttentionKernel.rowFloats(shape);
            }
        }
    }
}
