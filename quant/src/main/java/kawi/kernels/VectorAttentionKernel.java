package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Gated attention with the Vector API: lanes run over positions for the scores, over dimensions for the values. Scores are computed for whole vectors of
 * positions; those past the last position are ignored.
 *
 * <p>Scratch: the scores of a block [POSITIONS], then the block's weighted values [headDim].
 */
final class VectorAttentionKernel implements AttentionKernel {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final int TILE = 4 * LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private final ScalarAttentionKernel scalar = new ScalarAttentionKernel();

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
        scalar.prepare(
                shape, queryGate, keys, values, queryNorm, keyNorm, eps, rotation, kv, position, fromToken, toToken);
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
        long keys = kv.keyIndex(kvHead, 0);
        long values = kv.valueIndex(kvHead, 0);
        MemorySegment rows = queryGate.floats();
        for (int t = fromToken; t < toToken; t++) {
            long query = (long) t * queryGate.width() + (long) head * 2 * dim;
            long to = (long) t * out.width() + (long) head * dim;
            int positions = position + t + 1;
            float max = 0;
            float mass = 0;
            for (int start = 0; start < positions; start += KvPages.POSITIONS) {
                MemorySegment page = kv.page(start / KvPages.POSITIONS);
                int n = Math.min(KvPages.POSITIONS, positions - start);
                scores(rows, query, page, keys, dim, n, scratch);
                float blockMax = max(scratch, n);
                VectorFunctions.exp(scratch, 0, n, blockMax);
                float blockMass = VectorSums.of(scratch, 0, n);
                if (start == 0) {
                    weightedValues(scratch, n, page, values, dim, out.floats(), to);
                    mass = blockMass;
                    max = blockMax;
                } else {
                    weightedValues(scratch, n, page, values, dim, scratch, KvPages.POSITIONS);
                    float newMax = Math.max(max, blockMax);
                    float a = FloatMath.exp(max - newMax);
                    float b = FloatMath.exp(blockMax - newMax);
                    mass = Math.fma(blockMass, b, mass * a);
                    combine(out.floats(), to, a, scratch, KvPages.POSITIONS, b, dim);
                    max = newMax;
                }
            }
            VectorFunctions.scale(out.floats(), to, 1f / mass, 1f, dim);
            VectorFunctions.timesSigmoid(out.floats(), to, rows, query + dim, dim);
        }
    }

    private static void scores(
            MemorySegment rows, long query, MemorySegment page, long keys, int dim, int n, MemorySegment score) {
        for (int j = 0; j < n; j += TILE) {
            FloatVector s0 = FloatVector.zero(FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            long at = (keys + j) * Float.BYTES;
            for (int d = 0; d < dim; d++) {
                FloatVector q = FloatVector.broadcast(FLOATS, rows.getAtIndex(JAVA_FLOAT, query + d));
                long k = at + (long) d * KvPages.POSITIONS * Float.BYTES;
                s0 = q.fma(FloatVector.fromMemorySegment(FLOATS, page, k, ORDER), s0);
                s1 = q.fma(FloatVector.fromMemorySegment(FLOATS, page, k + VECTOR_BYTES, ORDER), s1);
                s2 = q.fma(FloatVector.fromMemorySegment(FLOATS, page, k + 2 * VECTOR_BYTES, ORDER), s2);
                s3 = q.fma(FloatVector.fromMemorySegment(FLOATS, page, k + 3 * VECTOR_BYTES, ORDER), s3);
            }
            long to = (long) j * Float.BYTES;
            s0.intoMemorySegment(score, to, ORDER);
            s1.intoMemorySegment(score, to + VECTOR_BYTES, ORDER);
            s2.intoMemorySegment(score, to + 2 * VECTOR_BYTES, ORDER);
            s3.intoMemorySegment(score, to + 3 * VECTOR_BYTES, ORDER);
        }
    }

    private static float max(MemorySegment score, int n) {
        float max = score.getAtIndex(JAVA_FLOAT, 0);
        for (int j = 1; j < n; j++) {
            max = Math.max(max, score.getAtIndex(JAVA_FLOAT, j));
        }
        return max;
    }

    private static void weightedValues(
            MemorySegment p, int n, MemorySegment page, long values, int dim, MemorySegment out, long outAt) {
        int d = 0;
        for (; d <= dim - TILE; d += TILE) {
            FloatVector o0 = FloatVector.zero(FLOATS);
            FloatVector o1 = o0;
            FloatVector o2 = o0;
            FloatVector o3 = o0;
            for (int j = 0; j < n; j++) {
                FloatVector weight = FloatVector.broadcast(FLOATS, p.getAtIndex(JAVA_FLOAT, j));
                long v = (values + (long) j * dim + d) * Float.BYTES;
                o0 = weight.fma(FloatVector.fromMemorySegment(FLOATS, page, v, ORDER), o0);
                o1 = weight.fma(FloatVector.fromMemorySegment(FLOATS, page, v + VECTOR_BYTES, ORDER), o1);
                o2 = weight.fma(FloatVector.fromMemorySegment(FLOATS, page, v + 2 * VECTOR_BYTES, ORDER), o2);
                o3 = weight.fma(FloatVector.fromMemorySegment(FLOATS, page, v + 3 * VECTOR_BYTES, ORDER), o3);
            }
            long to = (outAt + d) * Float.BYTES;
            o0.intoMemorySegment(out, to, ORDER);
            o1.intoMemorySegment(out, to + VECTOR_BYTES, ORDER);
            o2.intoMemorySegment(out, to + 2 * VECTOR_BYTES, ORDER);
            o3.intoMemorySegment(out, to + 3 * VECTOR_BYTES, ORDER);
        }
        for (; d < dim; d++) {
            float o = 0;
            for (int j = 0; j < n; j++) {
                o = Math.fma(p.getAtIndex(JAVA_FLOAT, j), page.getAtIndex(JAVA_FLOAT, values + (long) j * dim + d), o);
            }
            out.setAtIndex(JAVA_FLOAT, outAt + d, o);
        }
    }

    /** {@code sum = fma(block, b, sum * a)}. */
    private static void combine(
            MemorySegment sum, long sumAt, float a, MemorySegment block, long blockAt, float b, int n) {
        FloatVector factor = FloatVector.broadcast(FLOATS, b);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (sumAt + i) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, block, (blockAt + i) * Float.BYTES, ORDER)
                    .fma(
                            factor,
                            FloatVector.fromMemorySegment(FLOATS, sum, bytes, ORDER)
                                    .mul(a))
                    .intoMemorySegment(sum, bytes, ORDER);
        }
        for (; i < n; i++) {
            float scaled = sum.getAtIndex(JAVA_FLOAT, sumAt + i) * a;
            sum.setAtIndex(JAVA_FLOAT, sumAt + i, Math.fma(block.getAtIndex(JAVA_FLOAT, blockAt + i), b, scaled));
        }
    }
}
