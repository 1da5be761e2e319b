package kawi.quality;

import kawi.kernels.WorkerPool;
import kawi.sampling.LogSumExp;

/**
 * The logarithms of the sums of exponentials of rows of logits, computed by the threads of a model, each row by one
 * thread, so that no sum depends on their number.
 */
final class RowScores {

    private final WorkerPool pool;
    private final int vocabulary;
    private LogSumExp[] sums = {};
    private double[] results = {};

    RowScores(WorkerPool pool, int vocabulary) {
        this.pool = pool;
        this.vocabulary = vocabulary;
    }

    /** Returns one number for each of the first {@code count} rows; valid until the next call. */
    double[] logSums(float[] logits, int count) {
        if (sums.length < count) {
            sums = new LogSumExp[count];
            for (int row = 0; row < count; row++) {
                sums[row] = new LogSumExp();
            }
            results = new double[count];
        }
        pool.run(count, row -> results[row] = sums[row].of(logits, row * vocabulary, vocabulary));
        for (int row = 0; row < count; row++) {
            if (!Double.isFinite(results[row])) {
                throw new IllegalStateException(
                        "a row of logits contains numbers that are not finite; the model's weights are damaged");
            }
        }
        return results;
    }
}
