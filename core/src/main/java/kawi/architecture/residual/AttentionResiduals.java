package kawi.architecture.residual;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.architecture.ResidualStream;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import org.jspecify.annotations.Nullable;

/**
 * Attention residuals (Kimi Team, "Attention Residuals", arXiv 2603.15031, equations 2 to 6; Kimi K3 report, section
 * 2.2): a sub-layer reads a mixture of the earlier outputs for the same row, weighted by softmax scores against a
 * learned query.
 *
 * <p>Sub-layers are grouped into blocks, whose outputs add up. Sources of sub-layer j, in this order: the embedding,
 * the sums of the blocks before its own, and the sum so far of its own block unless it is the first there. With one
 * sub-layer per block that is full attention over all earlier outputs. The final norm reads the mixture of all sources.
 *
 * <pre>
 *    s[k] = (v[k] . w) * (1 / sqrt(sum v[k]^2 / n + eps))       w = query * norm weight, made once
 *    a[k] = exp(s[k] - max s) / sum of exp(s - max s)           k increasing
 *    h    = sum of a[k] v[k]                                    k increasing, one fma each; the sources as they are
 * </pre>
 *
 * All in f32, sums over a row in eight partial sums; {@code exp} in double. The same code serves every tier; rows are
 * divided among threads.
 *
 * @param blockSize sub-layers per block; the last block may have fewer
 * @param weights w of each sub-layer, and of the final norm at the end, [2L + 1][hidden]
 * @param eps of the norm inside the scores
 */
public record AttentionResiduals(int blockSize, float[][] weights, float eps) implements ResidualStream.Scheme {

    @Override
    public ResidualStream allocate(Compute compute, int capacity, int hidden, Arena arena) {
        int sources = 1 + Math.ceilDiv(subLayers(), blockSize);
        Activations[] bank = new Activations[sources];
        for (int k = 0; k < sources; k++) {
            bank[k] = Activations.outputs(arena, capacity, hidden);
        }
        return new Stream(compute, bank, Activations.outputs(arena, capacity, hidden));
    }

    int subLayers() {
        return weights.length - 1;
    }

    /** The sources of one pass. */
    private final class Stream implements ResidualStream {

        private final Compute compute;

        /** The embedding, and the sums of the blocks, of which the last that is in use may still grow. */
        private final Activations[] bank;

        private final Activations mixture;

        /** 1 / rms of each source and row, [sources][capacity]; only that of the last source changes. */
        private final float[] inverses;

        /** Scores, then weights, of each row, [capacity][sources]. */
        private final float[] scores;

        // The operands of the current mixture are fields, and the task is one object, so that a step creates no
        // garbage.
        private final Compute.RowRange mixing = this::mix;
        private int sources;
        private float[] w = {};

        Stream(Compute compute, Activations[] bank, Activations mixture) {
            this.compute = compute;
            this.bank = bank;
            this.mixture = mixture;
            this.inverses = new float[bank.length * mixture.capacity()];
            this.scores = new float[bank.length * mixture.capacity()];
        }

        @Override
        public Activations embedding() {
            return bank[0];
        }

        @Override
        public Activations input(int subLayer, int rows) {
            int finished = subLayer / blockSize + 1;
            return mix(subLayer % blockSize == 0 ? finished : finished + 1, weights[subLayer], rows);
        }

        @Override
        public void add(int subLayer, Activations y, int rows) {
            Activations sum = bank[subLayer / blockSize + 1];
            if (subLayer % blockSize == 0) {
                MemorySegment.copy(y.floats(), 0, sum.floats(), 0, (long) rows * y.width() * Float.BYTES);
            } else {
                compute.add(sum, y, rows);
            }
        }

        @Override
        public Activations output(int rows) {
            return mix(bank.length, weights[subLayers()], rows);
        }

        private Activations mix(int sources, float[] w, int rows) {
            this.sources = sources;
            this.w = w;
            compute.overRows(rows, sources * w.length, mixing);
            return mixture;
        }

        private void mix(int from, int to) {
            for (int row = from; row < to; row++) {
                weigh(row);
                sum(row);
            }
        }

        /** Stores the weights of the sources of a row in {@link #scores}. */
        private void weigh(int row) {
            int at = row * bank.length;
            float max = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < sources; k++) {
                int inverse = k * mixture.capacity() + row;
                if (k + 1 == sources) {
                    inverses[inverse] = inverseRms(bank[k].floats(), (long) row * w.length, w.length);
                }
                scores[at + k] = dot(bank[k].floats(), (long) row * w.length, w, w.length) * inverses[inverse];
                max = Math.max(max, scores[at + k]);
            }
            float sum = 0;
            for (int k = 0; k < sources; k++) {
                scores[at + k] = (float) StrictMath.exp(scores[at + k] - max);
                sum += scores[at + k];
            }
            for (int k = 0; k < sources; k++) {
                scores[at + k] /= sum;
            }
        }

        private void sum(int row) {
            int width = mixture.width();
            long at = (long) row * width;
            MemorySegment h = mixture.floats();
            for (int k = 0; k < sources; k++) {
                float a = scores[row * bank.length + k];
                MemorySegment v = bank[k].floats();
                for (int i = 0; i < width; i++) {
                    float before = k == 0 ? 0f : h.getAtIndex(JAVA_FLOAT, at + i);
                    h.setAtIndex(JAVA_FLOAT, at + i, Math.fma(a, v.getAtIndex(JAVA_FLOAT, at + i), before));
                }
            }
        }
    }

    private float inverseRms(MemorySegment x, long at, int n) {
        return 1f / (float) Math.sqrt(dot(x, at, null, n) / n + eps);
    }

    /** The product of a row with {@code w}, or with itself if there is none. */
    private static float dot(MemorySegment x, long at, float @Nullable [] w, int n) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (; i + 8 <= n; i += 8) {
            s0 = step(x, at, w, i, s0);
            s1 = step(x, at, w, i + 1, s1);
            s2 = step(x, at, w, i + 2, s2);
            s3 = step(x, at, w, i + 3, s3);
            s4 = step(x, at, w, i + 4, s4);
            s5 = step(x, at, w, i + 5, s5);
            s6 = step(x, at, w, i + 6, s6);
            s7 = step(x, at, w, i + 7, s7);
        }
        for (; i < n; i++) {
            s0 = step(x, at, w, i, s0);
        }
        return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
    }

    private static float step(MemorySegment x, long at, float @Nullable [] w, int i, float sum) {
        float v = x.getAtIndex(JAVA_FLOAT, at + i);
        return Math.fma(v, w == null ? v : w[i], sum);
    }
}
