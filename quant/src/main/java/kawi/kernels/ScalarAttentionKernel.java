package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The definition of gated attention. */
final class ScalarAttentionKernel implements AttentionKernel {

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
                long at = (long) t * queryGate.width() + (long) head * 2 * dim;
                normAndRotate(shape, queryGate.floats(), at, queryNorm, eps, rotation, t);
                for (int d = 0; d < dim; d++) {
                    float q = queryGate.floats().getAtIndex(JAVA_FLOAT, at + d);
                    queryGate.floats().setAtIndex(JAVA_FLOAT, at + d, q * scale);
                }
            }
            MemorySegment page = kv.page((position + t) / KvPages.POSITIONS);
            int slot = (position + t) % KvPages.POSITIONS;
            for (int head = 0; head < shape.kvHeads(); head++) {
                long at = (long) t * keys.width() + (long) head * dim;
                normAndRotate(shape, keys.floats(), at, keyNorm, eps, rotation, t);
                for (int d = 0; d < dim; d++) {
                    float k = keys.floats().getAtIndex(JAVA_FLOAT, at + d);
                    page.setAtIndex(JAVA_FLOAT, kv.keyIndex(head, d) + slot, k);
                }
                MemorySegment.copy(
                        values.floats(), JAVA_FLOAT, at * 4, page, JAVA_FLOAT, kv.valueIndex(head, slot) * 4, dim);
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
        int half = shape.rotaryDims() / 2;
        for (int j = 0; j < half; j++) {
            float cos = rotation.cosine(t, j);
            float sin = rotation.sine(t, j);
            float a = x.getAtIndex(JAVA_FLOAT, at + j);
            float b = x.getAtIndex(JAVA_FLOAT, at + half + j);
            x.setAtIndex(JAVA_FLOAT, at + j, Math.fma(a, cos, -(b * sin)));
            x.setAtIndex(JAVA_FLOAT, at + half + j, Math.fma(b, cos, a * sin));
        }
    }

    @Override
    public void attend(
            AttentionShape shape,
            Activations queryGate,
            KvPages kv,
            int position,
            int head,
            int fromToken,
            int toToken,
            MemorySegment scratch,
            Activations out) {
        int dim = shape.headDim();
        int kvHead = shape.kvHead(head);
        float[] score = new float[KvPages.POSITIONS];
        float[] blockSum = new float[dim];
        float[] sum = new float[dim];
        for (int t = fromToken; t < toToken; t++) {
            long query = (long) t * queryGate.width() + (long) head * 2 * dim;
            int positions = position + t + 1;
            float max = 0;
            float mass = 0;
            for (int start = 0; start < positions; start += KvPages.POSITIONS) {
                MemorySegment page = kv.page(start / KvPages.POSITIONS);
                int n = Math.min(KvPages.POSITIONS, positions - start);
                scores(queryGate.floats(), query, page, kv.keyIndex(kvHead, 0), dim, n, score);
                float blockMax = max(score, n);
                float blockMass = exponentials(score, n, blockMax);
                weightedValues(score, n, page, kv.valueIndex(kvHead, 0), dim, blockSum);
                if (start == 0) {
                    max = blockMax;
                    mass = blockMass;
                    System.arraycopy(blockSum, 0, sum, 0, dim);
                } else {
                    float newMax = Math.max(max, blockMax);
                    float a = FloatMath.exp(max - newMax);
                    float b = FloatMath.exp(blockMax - newMax);
                    mass = Math.fma(blockMass, b, mass * a);
                    for (int d = 0; d < dim; d++) {
                        sum[d] = Math.fma(blockSum[d], b, sum[d] * a);
                    }
                    max = newMax;
                }
            }
            float inverse = 1f / mass;
            long to = (long) t * out.width() + (long) head * dim;
            for (int d = 0; d < dim; d++) {
                float gate = FloatMath.sigmoid(queryGate.floats().getAtIndex(JAVA_FLOAT, query + dim + d));
                out.floats().setAtIndex(JAVA_FLOAT, to + d, (sum[d] * inverse) * gate);
            }
        }
    }

    private static void scores(
            MemorySegment q, long query, MemorySegment page, long keys, int dim, int n, float[] score) {
        Arrays.fill(score, 0, n, 0f);
        for (int d = 0; d < dim; d++) {
            float qd = q.getAtIndex(JAVA_FLOAT, query + d);
            long row = keys + (long) d * KvPages.POSITIONS;
            for (int j = 0; j < n; j++) {
                score[j] = Math.fma(qd, page.getAtIndex(JAVA_FLOAT, row + j), score[j]);
            }
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

    private static void weightedValues(float[] p, int n, MemorySegment page, long values, int dim, float[] out) {
        Arrays.fill(out, 0f);
        for (int j = 0; j < n; j++) {
            long row = values + (long) j * dim;
            for (int d = 0; d < dim; d++) {
                out[d] = Math.fma(p[j], page.getAtIndex(JAVA_FLOAT, row + d), out[d]);
            }
        }
    }
}
