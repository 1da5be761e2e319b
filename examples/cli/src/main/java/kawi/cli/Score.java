package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Computes what {@code score} reports, one row of logits after the other: {@code nats = sum over t of log(sum over i of
 * exp(logits_t[i])) - logits_t[id_(t+1)]}, in double and in order, so that the same logits always produce the same
 * digits.
 */
final class Score implements AutoCloseable {

    private final int[] greedy;
    private final @Nullable LogitsFile file;
    private int positions;
    private int predicted;
    private double nats;

    /**
     * @param tokens the number of rows that will be added
     * @param logits a file to write the rows to, or null
     */
    Score(int tokens, int vocabulary, @Nullable Path logits) throws IOException {
        greedy = new int[tokens];
        file = logits == null ? null : new LogitsFile(logits, tokens, vocabulary);
    }

    /** Adds the logits of a token that is followed by {@code next}. */
    void add(float[] logits, int next) {
        float greatest = logits[mostProbable(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += StrictMath.exp((double) logit - greatest);
        }
        nats += StrictMath.log(sum) + greatest - logits[next];
        predicted++;
        add(logits);
    }

    /** Adds the logits of the last token. */
    void add(float[] logits) {
        greedy[positions++] = mostProbable(logits);
        if (file != null) {
            try {
                file.write(logits);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Returns the id with the greatest logit; of equal logits, the lowest id. */
    static int mostProbable(float[] logits) {
        float greatest = Float.NEGATIVE_INFINITY;
        float least = Float.POSITIVE_INFINITY;
        // Two loops without a branch, which the compiler turns into vector instructions.
        for (float logit : logits) {
            greatest = Math.max(greatest, logit);
        }
        for (float logit : logits) {
            least = Math.min(least, logit);
        }
        boolean finite = greatest < Float.POSITIVE_INFINITY && least > Float.NEGATIVE_INFINITY;
        for (int id = 0; ; id++) {
            if (!finite && !Float.isFinite(logits[id])) {
                throw new IllegalStateException(
                        "the logit of token %d is %s; the model's weights are damaged".formatted(id, logits[id]));
            }
            if (finite && logits[id] == greatest) {
                return id;
            }
        }
    }

    /** Completes the file of logits. */
    void finish() throws IOException {
        if (file != null) {
            file.finish();
        }
    }

    int positions() {
        return positions;
    }

    int predicted() {
        return predicted;
    }

    double nats() {
        return nats;
    }

    double meanNats() {
        return nats / predicted;
    }

    int[] greedy() {
        return greedy;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
