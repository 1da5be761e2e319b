package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The definition of gated attention. Keys and values are copied to the heap run by run, where the compiler turns plain loops into vector
 * code, and serve all query heads of a group.
 */
public final class ScalarAttentionKernel implements AttentionKernel {

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
                for (int d = 0; d < dim; d++) {
                    float q = queryGate.floats().getAtIndex(JAVA_FLOAT, at + d);
                    queryGate.floats().setAtIndex(JAVA_FLOAT, at + d, q * scale);
                }
            }
            for (int head = 0; head < shape.kvHeads(); head++) {
                long at = (long) t * keys.width() + (long) head * dim;
                normAndRotate(shape, keys.floats(), at, keyNorm, eps, rotation, t);
                kv.store(position + t, head, keys.floats(), values.floats(), at);
            }
        }
    }

    /** RMS norm of one head in place, then rotation of its first rotaryDims elements. */
    private static void normAndRotate(
            AttentionShape shape, MemorySegment x, long at, MemorySegment weight, float eps, Rotation rotation, int t) {
        int dim = shape.headDim();
        float inverse = FloatMath.inverseSqrt(ScalarRowKernel.sumOfSquares(x, at, dim) / dim + eps);
        for (int d = 0; d < dim; d++) {
            float normed = x.getAtIndex(JAVA_FLOAT, at + d) * inverse;
            x.setAtIndex(JAVA_FLOAT, at + d, normed * weight.getAtIndex(JAVA_FLOAT, d));
        }
        rotate(x, at, shape.rotaryDims() / 2, rotation, t, 0);
    }

    /** Rotates pairs {@code (j, j + half)} from {@code firstPair} on. */
    public static void rotate(MemorySegment x, long at, int half, Rotation rotation, int t, int firstPair) {
        for (int j = firstPair; j < half; j++) {
            float cos = rotation.cosines().getAtIndex(JAVA_FLOAT, rotation.row(t) + j);
            float sin = rotation.sines().getAtIndex(JAVA_FLOAT, rotation.row(t) + j);
            float a = x.getAtIndex(JAVA_FLOAT, at + j);
            float b = x.getAtIndex(JAVA_FLOAT, at + half + j);
            x.setAtIndex(JAVA_FLOAT, at + j, Math.fma(a, cos, -(b * sin)));
            x.setAtIndex(JAVA_FLOAT, at + half + j, Math.fma(b, cos, a * sin));
        }
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
        int dim = shape.headDim();
        int group = shape.group();
        float[][] score = new float[group][KvPages.POSITIONS];
        float[][] o = new float[group][dim];
        float[] run = new float[Math.max(KvPages.POSITIONS, dim)];
        long row = partialRow * AttentionKernel.rowFloats(shape);
        for (int t = fromToken; t < toToken; t++) {
            int n = KvPages.visible(page, position + t);
            long query = (long) t * queryGate.width() + shape.queryColumn(kvHead * group);
            scores(shape, queryGate.floats(), query, kv, page, kvHead, n, run, score);
            for (int head = 0; head < group; head++) {
                float max = max(score[head], n);
                partial.setAtIndex(JAVA_FLOAT, row + AttentionKernel.maxAt(shape), max);
                float mass = exponentials(score[head], n, max);
                partial.setAtIndex(JAVA_FLOAT, row + AttentionKernel.maxAt(shape) + 1, mass);
                row += AttentionKernel.rowFloats(shape);
            }
            weightedValues(score, n, kv, page, kvHead, dim, run, o);
            row -= (long) group * AttentionKernel.rowFloats(shape);
            for (int head = 0; head < group; head++) {
                MemorySegment.copy(o[head], 0, partial, JAVA_FLOAT, row * Float.BYTES, dim);
                row += AttentionKernel.rowFloats(shape);
            }
        }
    }

    private static void scores(
            AttentionShape shape,
            MemorySegment rows,
            long query,
            KvPages kv,
            int page,
            int kvHead,
            int n,
            float[] k,
            float[][] score) {
        for (float[] ofHead : score) {
            Arrays.fill(ofHead, 0, n, 0f);
        }
        for (int d = 0; d < shape.headDim(); d++) {
            kv.read(kv.page(page), kv.keyIndex(kvHead, d), k, n);
            for (int head = 0; head < score.length; head++) {
                float q = rows.getAtIndex(JAVA_FLOAT, query + shape.queryColumn(head) + d);
                multiplyAdd(q, k, n, score[head]);
            }
        }
    }

    private static void weightedValues(
            float[][] p, int n, KvPages kv, int page, int kvHead, int dim, float[] v, float[][] o) {
        for (float[] ofHead : o) {
            Arrays.fill(ofHead, 0f);
        }
        for (int j = 0; j < n; j++) {
            kv.read(kv.page(page), kv.valueIndex(kvHead, j), v, dim);
            for (int head = 0; head < p.length; head++) {
                multiplyAdd(p[head][j], v, dim, o[head]);
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
            for (int d = 0; d < dim; d++) {
                float o = state.getAtIndex(JAVA_FLOAT, to + d);
                state.setAtIndex(JAVA_FLOAT, to + d, Math.fma(partial.getAtIndex(JAVA_FLOAT, from + d), b, o * a));
            }
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
                for (int d = 0; d < dim; d++) {
                    float gate = FloatMath.sigmoid(queryGate.floats().getAtIndex(JAVA_FLOAT, gates + d));
                    float o = state.getAtIndex(JAVA_FLOAT, row + d);
                    out.floats().setAtIndex(JAVA_FLOAT, to + d, (o * inverse) * gate);
                }
                row += AttentionKernel.rowFloats(shape);
            }
        }
    }
}
