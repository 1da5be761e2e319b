package kawi.engine;

import java.util.Arrays;
import kawi.Speculation;
import org.jspecify.annotations.Nullable;

/** The guesses of an answer: where they come from, how many there are, and what has become of them. */
final class AnswerGuesses implements Guesser {

    /** The number of tokens that must recur for what followed them to be a guess. */
    private static final int RECURRING = 2;

    private final Speculation speculation;
    private final int limit;
    private final @Nullable RehearsedGuesses rehearsed;
    private int steps;
    private int guessed;
    private int accepted;

    /**
     * @param promptLength the number of tokens of the prompt
     * @param vocabulary the number of token ids
     */
    AnswerGuesses(Speculation speculation, int promptLength, int vocabulary) {
        this.speculation = speculation;
        this.limit = switch (speculation) {
            case Speculation.Off() -> 0;
            case Speculation.Auto() -> Speculation.MAX_GUESSES;
            case Speculation.UpTo(int guesses) -> guesses;
            case Speculation.Rehearsal rehearsal -> rehearsal.guesses();
        };
        this.rehearsed = speculation instanceof Speculation.Rehearsal rehearsal
                ? new RehearsedGuesses(rehearsal, promptLength, vocabulary)
                : null;
    }

    @Override
    public int guess(int[] tokens, int at, int most) {
        int room = Math.min(limit, most);
        if (room <= 0) {
            return 0;
        }
        return rehearsed != null ? rehearsed.guess(tokens, at, room) : lookup(tokens, at, room);
    }

    /** Guesses what followed the last tokens when they occurred before. */
    private static int lookup(int[] tokens, int at, int most) {
        for (int end = at - 1; end >= RECURRING; end--) {
            if (Arrays.equals(tokens, end - RECURRING, end, tokens, at - RECURRING, at)) {
                int count = Math.min(most, at - end);
                System.arraycopy(tokens, end, tokens, at, count);
                return count;
            }
        }
        return 0;
    }

    @Override
    public void verified(int guessed, int accepted, long nanos) {
        steps++;
        this.guessed += guessed;
        this.accepted += accepted;
    }

    /** The number of passes. */
    int steps() {
        return steps;
    }

    /** The number of guesses that were verified. */
    int guessed() {
        return guessed;
    }

    /** The number of guesses that were accepted. */
    int accepted() {
        return accepted;
    }

    @Override
    public String toString() {
        return "%s: %d of %d guesses accepted in %d passes".formatted(speculation, accepted, guessed, steps);
    }
}
