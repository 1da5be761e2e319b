package kawi.engine;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import kawi.Speculation;
import kawi.architecture.Decoder;
import kawi.architecture.DraftHead;
import kawi.architecture.Guesses;
import kawi.speculation.DraftStatistics;
import org.jspecify.annotations.Nullable;

/** The guesses that a pass verifies: which of them there is room for, and those that the model's head makes. */
final class PassDrafts {

    private final @Nullable DraftHead head;
    private final LongSupplier clock;
    private final DraftStatistics statistics = new DraftStatistics();
    private final Guesses guesses = new Guesses();
    private long nanos;

    PassDrafts(Decoder decoder, LongSupplier clock) {
        this.head = decoder.draftHead();
        this.clock = clock;
    }

    /** Adds ids that the head may guess, besides those that are frequent in any text and those of the text. */
    void expect(int[] ids) {
        if (head != null) {
            head.include(ids);
        }
    }

    /** What passes and guesses cost, and how many are right. */
    DraftStatistics statistics() {
        return statistics;
    }

    /**
     * Adds guesses of the requests in a pass, the first ones of all requests before the second ones, and omits those
     * for which there is no room. Returns the number of guesses, including those that are still to be made.
     */
    static int share(List<PassRequest> pass, int room) {
        int added = 0;
        for (int guess = 1; guess <= Speculation.MAX_GUESSES; guess++) {
            for (int i = 0; i < pass.size(); i++) {
                PassRequest r = pass.get(i);
                if (r.wanted() >= guess && added < room) {
                    r.taken += r.guesses > 0 ? 1 : 0;
                    added++;
                } else if (r.wanted() >= guess) {
                    r.limitGuesses(guess - 1);
                }
            }
        }
        return added;
    }

    /** Has the head guess what follows the tokens of all requests of a pass that want it. */
    void make(List<PassRequest> pass, BooleanSupplier cancelled) {
        nanos = 0;
        int most = 0;
        for (int i = 0; i < pass.size(); i++) {
            PassRequest r = pass.get(i);
            if (r.drafts > 0 && r.guesser != null) {
                guesses.add(r.state, r.tokens[r.next], r.drafts, r.guesser.draftIds(), r.guesser.draftConfidence());
                most = Math.max(most, r.drafts);
            }
        }
        if (most == 0 || head == null) {
            return;
        }
        try {
            long start = clock.getAsLong();
            head.guess(guesses, cancelled);
            nanos = clock.getAsLong() - start;
            statistics.guesses(most, nanos);
            keep(pass);
        } finally {
            guesses.clear();
        }
    }

    private void keep(List<PassRequest> pass) {
        int made = 0;
        for (int i = 0; i < pass.size(); i++) {
            PassRequest r = pass.get(i);
            if (r.drafts > 0 && r.guesser != null) {
                int kept = r.guesser.drafted(guesses.made(made++));
                if (r.guesses == 0) {
                    System.arraycopy(r.guesser.draftIds(), 0, r.tokens, r.end, kept);
                    r.setGuesses(kept);
                    r.taken += kept;
                }
            }
        }
    }

    /** Records the duration of a pass over steps only, of which {@code rows} rows were computed. */
    void record(int rows, long nanos) {
        statistics.pass(rows, nanos - this.nanos);
    }
}
