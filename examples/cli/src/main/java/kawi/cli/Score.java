package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import kawi.safetensors.SafetensorsWriter;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what {@code score} reports, row of logits by row: {@code nats = sum over t of log(sum over i of
 * exp(logits_t[i])) - logits_t[id_(t+1)]}, in double and in order, so that the same logits always give the same digits.
 */
final class Score implements AutoCloseable {

    private final int[] greedy;
    private final @Nullable SafetensorsWriter file;
    private int positions;
    private int predicted;
    private double nats;

    /**
     * @param tokens rows that will be added
     * @param logits a file to write the rows to, or null
     */
    Score(int tokens, int vocabulary, @Nullable Path logits) throws IOException {
        greedy = new int[tokens];
        if (logits == null) {
            file = null;
        } else {
            var shapes = new LinkedHashMap<String, long[]>();
            shapes.put("logits", new long[] {tokens, vocabulary});
            file = SafetensorsWriter.create(logits, shapes);
        }
    }

    /** Adds the logits after a token that {@code next} follows. */
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

    /** Adds the logits after a token that nothing follows. */
    void add(float[] logits) {
        greedy[positions++] = mostProbable(logits);
        if (file != null) {
            try {
                file.write(logits, 0, logits.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The id of the greatest logit, of equal ones the first. */
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

    /** Puts the file of logits in its place. */
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
