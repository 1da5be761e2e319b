package kawi.quality;

import kawi.Perplexity;
import kawi.kernels.WorkerPool;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the negative log-likelihoods of tokens, {@code ln(sum over i of e^logits[i]) - logits[token]}, in double and
 * in order.
 */
public final class PerplexitySum {

    private final int vocabulary;
    private final WorkerPool pool;
    private final RowScores scores;
    private final @Nullable BaseWriter writer;
    private final LikelihoodSum sum = new LikelihoodSum();

    /** @param writer records the log-probabilities, or null */
    public PerplexitySum(int vocabulary, WorkerPool pool, @Nullable BaseWriter writer) {
        this.vocabulary = vocabulary;
        this.pool = pool;
        this.scores = new RowScores(pool, vocabulary);
        this.writer = writer;
    }

    /**
     * Adds rows of logits.
     *
     * @param logits [count, vocabulary]
     * @param tokens has the token that follows row i at {@code from + i}
     */
    public void add(float[] logits, int count, int[] tokens, int from) {
        double[] logSums = scores.logSums(logits, count);
        for (int row = 0; row < count; row++) {
            sum.add(logSums[row] - logits[row * vocabulary + tokens[from + row]]);
        }
        if (writer != null) {
            writer.write(logits, count, logSums, pool);
        }
    }

    /** The result so far. */
    public Perplexity perplexity(int contextLength, int chunks, long bytes) {
        return sum.perplexity(contextLength, chunks, bytes);
    }
}
