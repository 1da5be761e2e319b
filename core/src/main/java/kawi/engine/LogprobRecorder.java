package kawi.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import kawi.TokenLogprob;
import kawi.sampling.LogSumExp;
import kawi.tokenizer.Tokenizer;

/** Records the log-probabilities of the tokens of an answer. */
final class LogprobRecorder {

    private final int top;
    private final BitSet forbidden;
    private final Optional<Tokenizer> tokenizer;
    private final List<TokenLogprob> recorded = new ArrayList<>();
    private final int[] best;
    private final float[] logits;
    private final LogSumExp logSumExp = new LogSumExp();

    /** @param top the number of most probable tokens to record in addition to the chosen one */
    LogprobRecorder(LoadedModel model, int top) {
        this.top = top;
        this.forbidden = model.forbidden();
        this.tokenizer = model.ownTokenizer();
        this.best = new int[top];
        this.logits = new float[model.vocabularySize()];
    }

    /** Accepts the unmodified logits of the next token. */
    void accept(float[] fromModel) {
        System.arraycopy(fromModel, 0, logits, 0, logits.length);
        for (int id = forbidden.nextSetBit(0); id >= 0 && id < logits.length; id = forbidden.nextSetBit(id + 1)) {
            logits[id] = Float.NEGATIVE_INFINITY;
        }
    }

    /** Records the chosen token. */
    void record(int token) {
        double normalizer = logSumExp.of(logits);
        List<TokenLogprob> others = new ArrayList<>(top);
        int found = selectBest();
        for (int i = 0; i < found; i++) {
            others.add(new TokenLogprob(best[i], text(best[i]), logits[best[i]] - normalizer, List.of()));
        }
        recorded.add(new TokenLogprob(token, text(token), logits[token] - normalizer, others));
    }

    /** Stores the ids of the most probable tokens in {@link #best} and returns their number. */
    private int selectBest() {
        int found = 0;
        float smallest = top == 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
            if (!(logits[id] > smallest)) {
                continue;
            }
            int at = found < top ? found++ : top - 1;
            while (at > 0 && logits[id] > logits[best[at - 1]]) {
                best[at] = best[at - 1];
                at--;
            }
            best[at] = id;
            smallest = found == top ? logits[best[top - 1]] : smallest;
        }
        return found;
    }

    private String text(int token) {
        return tokenizer
                .filter(known -> token < known.vocabularySize())
                .map(known -> known.text(token))
                .orElse("");
    }

    /** The log-probability of the token recorded last. */
    TokenLogprob last() {
        return recorded.getLast();
    }

    /** The log-probabilities of all tokens so far, in order. */
    List<TokenLogprob> all() {
        return List.copyOf(recorded);
    }
}
