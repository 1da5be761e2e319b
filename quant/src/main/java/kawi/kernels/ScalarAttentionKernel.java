package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The definition of attention. Keys and values are copied to the heap run by run, where the compiler turns plain loops
 * into vector code, and serve all query heads of a group.
 */
public final class ScalarAttentionKernel implements AttentionKernel {

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
                for (int d = 0; d < dim; d++) {
                    queries.setAtIndex(JAVA_FLOAT, at + d, queries.getAtIndex(JAVA_FLOAT, at + d) * scale);
                }
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

    /** RMS norm of one head in place, then rotation of its first rotaryDims elements. */
    private static void normAndRotate(AttentionCall call, MemorySegment x, long at, MemorySegment weight, int row) {
        AttentionShape shape = call.shape();
        int dim = shape.keyDim();
        if (shape.normalized()) {
            float inverse = FloatMath.inverseSqrt(ScalarRowKernel.sumOfSquares(x, at, dim) / dim + call.eps());
            for (int d = 0; d < dim; d++) {
                float normed = x.getAtIndex(JAVA_FLOAT, at + d) * inverse;
                x.setAtIndex(JAVA_FLOAT, at + d, normed * weight.getAtIndex(JAVA_FLOAT, d));
            }
        }
        rotate(x, at, shape.rotaryDims() / 2, call.rotation(), row, 0);
    }

    /** Rotates pairs {@code (j, j + half)} from {@code firstPair} on. */
    public static void rotate(MemorySegment x, long at, int half, Rotation rotation, int row, int firstPair) {
        for (int j = firstPair; j < half; j++) {
            float cos = rotation.cosines().getAtIndex(JAVA_FLOAT, rotation.row(row) + j);
            float sin = rotation.sines().getAtIndex(JAVA_FLOAT, rotation.row(row) + j);
            float a = x.getAtIndex(JAVA_FLOAT, at + j);
            float b = x.getAtIndex(JAVA_FLOAT, at + half + j);
            x.setAtIndex(JAVA_FLOAT, at + j, Math.fma(a, cos, -(b * sin)));
            x.setAtIndex(JAVA_FLOAT, at + half + j, Math.fma(b, cos, a * sin));
        }
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
        int dim = shape.valueDim();
        int group = shape.group();
        int rowFloats = AttentionKernel.rowFloats(shape);
        int maxAt = AttentionKernel.maxAt(shape);
        float[][] score = new float[group][KvPages.POSITIONS];
        float[][] o = new float[group][dim];
        float[] run = new float[Math.max(KvPages.POSITIONS, dim)];
        for (int r = fromRow; r < toRow; r++) {
            int n = call.visible(page, r);
            scores(call, kvHead, r, page, n, run, score);
            long row = (partialRow + (long) (r - fromRow) * group) * rowFloats;
            for (int head = 0; head < group; head++) {
                float max = max(score[head], n);
                partial.setAtIndex(JAVA_FLOAT, row + (long) head * rowFloats + maxAt, max);
                float mass = exponentials(score[head], n, max);
                partial.setAtIndex(JAVA_FLOAT, row + (long) head * rowFloats + maxAt + 1, mass);
            }
            for (float[] ofHead : score) {
                call.kv().scaleByValues(page, kvHead, ofHead, n);
            }
            weightedValues(score, n, call.kv(), page, kvHead, run, o);
            for (int head = 0; head < group; head++) {
                long to = (row + (long) head * rowFloats) * Float.BYTES;
                MemorySegment.copy(o[head], 0, partial, JAVA_FLOAT, to, dim);
            }
        }
    }

    private static void scores(AttentionCall call, int kvHead, int row, int page, int n, float[] k, float[][] score) {
        AttentionShape shape = call.shape();
        Activations queries = call.queries();
        long query = (long) (call.firstRow() + row) * queries.width() + shape.queryColumn(kvHead * shape.group());
        boolean quantized = call.kv().layout().keys().quantized();
        for (float[] ofHead : score) {
            Arrays.fill(ofHead, 0, n, 0f);
        }
        for (int d = 0; d < shape.keyDim(); d++) {
            call.kv().readKeys(page, kvHead, d, k, n);
            for (int head = 0; head < score.length; head++) {
                long at = query + shape.queryColumn(head);
                float q = quantized
                        ? queries.floats().get(JAVA_BYTE, at * Float.BYTES + d)
                        : queries.floats().getAtIndex(JAVA_FLOAT, at + d);
                multiplyAdd(q, k, n, score[head]);
            }
        }
        if (quantized) {
            int scaleAt = KvQuantization.queryScaleAt(shape.keyDim());
            for (int head = 0; head < score.length; head++) {
                long at = (query + shape.queryColumn(head)) * Float.BYTES + scaleAt;
                float scale = queries.floats().get(JAVA_FLOAT, at);
                for (int j = 0; j < n; j++) {
                    score[head][j] *= scale;
                }
                call.kv().scaleByKeys(page, kvHead, score[head], n);
            }
        }
    }

    private static void weightedValues(float[][] p, int n, KvPages kv, int page, int kvHead, float[] v, float[][] o) {
        for (float[] ofHead : o) {
            Arrays.fill(ofHead, 0f);
        }
        for (int j = 0; j < n; j++) {
            kv.readValue(page, kvHead, j, v);
            for (int head = 0; head < p.length; head++) {
                multiplyAdd(p[head][j], v, o[head].length, o[head]);
            }
        }
    }

    private static void multiplyAdd(float factor, float[] x, int n, float[] sum) {
        for (int i = 0; i < n; i++) {
            sum[i] = Math.fma(factor, x[i], sum[i]);
        }
    }

    private static float max(float[] score, int n) {
        float max = score[0];
        for (int j = 1; j < n; j++) {
            max = Math.max(max, score[j]);
        }
        return max;
    }

    /** Replaces scores by {@code exp(score - max)} and returns their sum in the contract's order. */
    private static float exponentials(float[] score, int n, float max) {
        float[] partial = new float[16];
        for (int j = 0; j < n; j++) {
            score[j] = FloatMath.exp(score[j] - max);
            partial[j & 15] += score[j];
        }
        return ScalarRowKernel.tree(partial);
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
            for (int d = 0; d < dim; d++) {
                float o = state.getAtIndex(JAVA_FLOAT, to + d);
                state.setAtIndex(JAVA_FLOAT, to + d, Math.fma(partial.getAtIndex(JAVA_FLOAT, from + d), b, o * a));
            }
        }
    }

    @Override
    public void finish(AttentionCall call, int kvHead, int fromRow, int toRow, MemorySegment state, long stateRow) {
        AttentionShape shape = call.shape();
        int dim = shape.valueDim();
        int group = shape.group();
        MemorySegment queries = call.queries().floats();
        MemorySegment out = call.out().floats();
        long row = stateRow * AttentionKernel.rowFloats(shape);
        for (int r = fromRow; r < toRow; r++) {
            int t = call.firstRow() + r;
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                if (call.kv().layout().values().quantized()) {
                    KvQuantization.rotateBack(state, row, dim);
                }
                float inverse = 1f / state.getAtIndex(JAVA_FLOAT, row + AttentionKernel.maxAt(shape) + 1);
                long gates = (long) t * call.queries().width() + shape.queryColumn(head) + shape.keyDim();
                long to = (long) t * call.out().width() + (long) head * dim;
                for (int d = 0; d < dim; d++) {
                    float o = state.getAtIndex(JAVA_FLOAT, row + d) * inverse;
                    out.setAtIndex(
                            JAVA_FLOAT,
                            to + d,
                            shape.gated() ? o * FloatMath.sigmoid(queries.getAtIndex(JAVA_FLOAT, gates + d)) : o);
                }
                row += AttentionKernel.rowFloats(shape);
            }
        }
    }
}
