package kawi.quality;

import java.util.Arrays;
import kawi.Divergence;
import kawi.Perplexity;
import kawi.kernels.WorkerPool;
import kawi.sampling.Exponential;

/**
 * Compares rows of logits with the recorded ones of a {@link BaseFile}. For each row, with the log-probabilities
 * {@code p} of the base, {@code q = logits - ln(sum of e^logits)} and the token t that follows,
 *
 * <pre>
 *    KLD      = sum over i with p[i] &gt; -16 of e^p[i] (p[i] - q[i])
 *    same top = argmax p == argmax q, the lowest index of equal ones
 *    change   = e^q[t] - e^p[t]
 * </pre>
 *
 * Rows are divided among threads; the results of rows are added in order.
 */
public final class DivergenceSum {

    private static final int BLOCK = 1024;

    /** Log-probabilities that are not greater do not count. */
    private static final float FLOOR = -BaseFile.RANGE;

    /** The largest log-probability, which is 0, may be rounded. */
    private static final float ROUNDING = 0.01f;

    private final int vocabulary;
    private final WorkerPool pool;
    private final RowScores scores;
    private final BaseReader base;
    private final LikelihoodSum model = new LikelihoodSum();
    private final LikelihoodSum recorded = new LikelihoodSum();
    private double products;
    private long same;
    private float[] divergences = new float[1024];
    private float[] changes = new float[1024];
    private int rows;
    private short[] codes = {};
    private Row[] results = {};

    public DivergenceSum(int vocabulary, WorkerPool pool, BaseReader base) {
        this.vocabulary = vocabulary;
        this.pool = pool;
        this.scores = new RowScores(pool, vocabulary);
        this.base = base;
    }

    /** The result of a row, and the memory that it takes to compute it. */
    private static final class Row {
        private final float[] logarithms = new float[BLOCK];
        private final double[] probabilities = new double[BLOCK];
        private double divergence;
        private boolean sameTop;
        private double recorded;

        /**
         * Compares logits {@code [first, first + vocabulary)}, the logarithm of whose exponentials' sum is
         * {@code logSum}, with a row of the base at index {@code at} of {@code codes}.
         */
        void compare(float[] logits, int first, int vocabulary, double logSum, short[] codes, int at, int token) {
            float scale = BaseFile.scale(codes, at);
            float minimum = BaseFile.minimum(codes, at);
            int firstCode = at + BaseFile.ROW_HEADER;
            double sum = 0;
            for (int block = 0; block < vocabulary; block += BLOCK) {
                int n = Math.min(BLOCK, vocabulary - block);
                for (int i = 0; i < n; i++) {
                    logarithms[i] = scale * (codes[firstCode + block + i] & 0xffff) + minimum;
                }
                Exponential.softmaxWeights(logarithms, 0, n, 0, 1, probabilities);
                for (int i = 0; i < n; i++) {
                    probabilities[i] *= logarithms[i] - (logits[first + block + i] - logSum);
                }
                for (int i = 0; i < n; i++) {
                    if (logarithms[i] > FLOOR) {
                        sum += probabilities[i];
                    }
                }
            }
            divergence = sum;
            sameTop = top(codes, firstCode, vocabulary) == top(logits, first, vocabulary);
            recorded = -(scale * (codes[firstCode + token] & 0xffff) + minimum);
        }

        private static int top(float[] logits, int first, int count) {
            float max = Float.NEGATIVE_INFINITY;
            for (int i = first; i < first + count; i++) {
                max = Math.max(max, logits[i]);
            }
            int top = 0;
            while (logits[first + top] != max) {
                top++;
            }
            return top;
        }

        private static int top(short[] codes, int first, int count) {
            int max = 0;
            for (int i = first; i < first + count; i++) {
                max = Math.max(max, codes[i] & 0xffff);
            }
            int top = 0;
            while ((codes[first + top] & 0xffff) != max) {
                top++;
            }
            return top;
        }
    }

    /**
     * Adds rows of logits, which are compared with the next rows of the base.
     *
     * @param logits [count, vocabulary]
     * @param tokens has the token that follows row i at {@code from + i}
     */
    public void add(float[] logits, int count, int[] tokens, int from) {
        int width = BaseFile.rowShorts(vocabulary);
        reserve(count, width);
        base.read(codes, count);
        for (int row = 0; row < count; row++) {
            check(row * width, rows + row);
        }
        double[] logSums = scores.logSums(logits, count);
        pool.run(
                count,
                row -> results[row].compare(
                        logits, row * vocabulary, vocabulary, logSums[row], codes, row * width, tokens[from + row]));
        for (int row = 0; row < count; row++) {
            add(results[row], logSums[row] - logits[row * vocabulary + tokens[from + row]]);
        }
    }

    private void reserve(int count, int width) {
        if (results.length < count) {
            codes = new short[count * width];
            results = new Row[count];
            Arrays.setAll(results, row -> new Row());
        }
        if (divergences.length < rows + count) {
            divergences = Arrays.copyOf(divergences, 2 * (rows + count));
            changes = Arrays.copyOf(changes, 2 * (rows + count));
        }
    }

    /** Checks that the codes of a row stand for logarithms of probabilities. */
    private void check(int at, long row) {
        float scale = BaseFile.scale(codes, at);
        float minimum = BaseFile.minimum(codes, at);
        boolean valid = scale >= 0 && Float.isFinite(minimum) && 0xffff * scale + minimum <= ROUNDING;
        if (!valid) {
            throw base.damaged(row, scale, minimum);
        }
    }

    private void add(Row row, double likelihood) {
        model.add(likelihood);
        recorded.add(row.recorded);
        products += likelihood * row.recorded;
        same += row.sameTop ? 1 : 0;
        divergences[rows] = (float) row.divergence;
        changes[rows] = (float) (Math.exp(-likelihood) - Math.exp(-row.recorded));
        rows++;
    }

    /** The perplexity of the model so far. */
    public Perplexity perplexity(int contextLength, int chunks, long bytes) {
        return model.perplexity(contextLength, chunks, bytes);
    }

    /** The result. */
    public Divergence divergence(int contextLength, int chunks, long bytes) {
        return new DivergenceStatistics(
                model.perplexity(contextLength, chunks, bytes),
                recorded.perplexity(contextLength, chunks, bytes),
                products,
                same,
                Arrays.copyOf(divergences, rows),
                Arrays.copyOf(changes, rows));
    }
}
