package kawi;

import java.util.List;

/**
 * Whether a model guesses several tokens ahead and verifies them in one pass. Decoding reads all weights for each pass,
 * so a pass that confirms several tokens saves time. A guess is only used if it is the token that the model chooses
 * itself at that position: an answer has the same tokens, text and log-probabilities for the same seed with any
 * setting.
 *
 * <p>Guesses are what the form of the answer dictates, what followed the same tokens earlier in the prompt, the answer
 * or the conversation, and, if the model has one, the predictions of its head for multi-token prediction.
 */
public sealed interface Speculation {

    /** The maximum number of guesses per pass. */
    int MAX_GUESSES = 8;

    /** No guesses. */
    record Off() implements Speculation {}

    /** Guesses where they save time, as many as pay off according to the measured times and to how many are right. */
    record Auto() implements Speculation {}

    /**
     * As many guesses as there are, up to a limit, whether or not they save time.
     *
     * @param guesses the maximum per pass, between 1 and {@value #MAX_GUESSES}
     */
    record UpTo(int guesses) implements Speculation {
        public UpTo {
            checkGuesses(guesses);
        }
    }

    /**
     * Guesses from a given answer, for measurements: in every pass {@code guesses} of them, of which each is right with
     * a given probability. The head for multi-token prediction, if the model has one, runs as usual, and what it
     * predicts is ignored.
     *
     * @param answer the tokens that the model generates, known from an answer without speculation
     * @param guesses the number per pass, between 1 and {@value #MAX_GUESSES}
     * @param acceptance the probability that a guess is right if those before it are
     */
    record Rehearsal(List<Integer> answer, int guesses, double acceptance) implements Speculation {
        public Rehearsal {
            checkGuesses(guesses);
            answer = List.copyOf(answer);
            if (!(acceptance >= 0 && acceptance <= 1)) {
                throw new IllegalArgumentException(
                        "acceptance is %s; it must be between 0 and 1".formatted(acceptance));
            }
        }
    }

    /** No guesses. */
    static Speculation off() {
        return new Off();
    }

    /** Guesses where they save time; the default. */
    static Speculation auto() {
        return new Auto();
    }

    /**
     * As many guesses as there are, up to {@code guesses} per pass.
     *
     * @throws IllegalArgumentException if it is not between 1 and {@value #MAX_GUESSES}
     */
    static Speculation upTo(int guesses) {
        return new UpTo(guesses);
    }

    private static void checkGuesses(int guesses) {
        if (guesses < 1 || guesses > MAX_GUESSES) {
            throw new IllegalArgumentException(
                    "%d guesses per pass; there can be 1 to %d".formatted(guesses, MAX_GUESSES));
        }
    }
}
