package kawi.engine;

import java.time.Duration;
import kawi.FinishReason;
import kawi.GenerationStats;
import kawi.flight.DecodeEvent;
import kawi.flight.Flight;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The times of a round of an answer, and its report to the flight recorder and the log. */
final class AnswerTimes {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerTimes.class);

    private final long started = System.nanoTime();
    private long prefilled = started;
    private long firstToken = started;
    private long lastToken = started;
    private @Nullable DecodeEvent decoding;

    /** The prompt has been processed. */
    void prefilled() {
        prefilled = System.nanoTime();
        decoding = Flight.decode();
    }

    /** A token has been chosen. */
    void token(boolean first) {
        lastToken = System.nanoTime();
        if (first) {
            firstToken = lastToken;
        }
    }

    /**
     * The statistics of the round.
     *
     * @param reading the processing of the prompt, if it is complete
     * @param generated the number of tokens, those of thoughts included
     */
    GenerationStats stats(
            PromptTokens prompt,
            CachedSequence.@Nullable Reading reading,
            int generated,
            int thinking,
            AnswerGuesses guesses) {
        return new GenerationStats(
                prompt.length(),
                prompt.dropped().messages(),
                prompt.dropped().tokens(),
                reading == null ? 0 : reading.read(),
                reading == null ? 0 : reading.reused(),
                generated,
                thinking,
                guesses.guessed(),
                guesses.accepted(),
                guesses.steps(),
                Duration.ofNanos(prefilled - started),
                Duration.ofNanos(firstToken - started),
                Duration.ofNanos(lastToken - firstToken),
                prompt.images().stats(reading == null ? PromptEmbeddings.Encoding.NONE : reading.encoding()));
    }

    void report(String model, GenerationStats stats, FinishReason reason) {
        if (decoding != null) {
            decoding.commit(model, stats, reason.name());
        }
        LOG.debug("{}: {}, {}", model, reason, stats);
    }
}
