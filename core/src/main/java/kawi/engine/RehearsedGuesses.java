package kawi.engine;

import java.util.SplittableRandom;
import kawi.Speculation;

/** Guesses from an answer that is known in advance, of which a given share is right. */
final class RehearsedGuesses {

    private static final long SEED = 1;

    private final Speculation.Rehearsal rehearsal;
    private final int promptLength;
    private final int vocabulary;
    private final SplittableRandom random = new SplittableRandom(SEED);

    RehearsedGuesses(Speculation.Rehearsal rehearsal, int promptLength, int vocabulary) {
        this.rehearsal = rehearsal;
        this.promptLength = promptLength;
        this.vocabulary = vocabulary;
    }

    /** Guesses what follows {@code tokens[0, at)}, see {@link Guesser#guess}. */
    int guess(int[] tokens, int at, int most) {
        int next = at - promptLength;
        int count = Math.clamp(rehearsal.answer().size() - (long) next, 0, most);
        for (int i = 0; i < count; i++) {
            int right = rehearsal.answer().get(next + i);
            tokens[at + i] = random.nextDouble() < rehearsal.acceptance() ? right : (right + 1) % vocabulary;
        }
        return count;
    }
}
