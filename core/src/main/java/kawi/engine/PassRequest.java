package kawi.engine;

import java.util.function.BooleanSupplier;
import kawi.architecture.Batch;
import kawi.architecture.SequenceState;
import org.jspecify.annotations.Nullable;

/**
 * What a sequence asks of the {@link Scheduler}: tokens to append, logits after outputs, or both. There is one for each
 * sequence, which is used again and again, so that a token creates no garbage. Its owner sets the first group of fields
 * and then waits in {@link Scheduler#run}; the scheduler sets the others.
 */
final class PassRequest {

    private static final int[] NO_TOKENS = {};

    final SequenceState state;

    /** The tokens {@code [next, end)} of this array are still to be appended. */
    int[] tokens = NO_TOKENS;

    int next;
    int end;

    /** The embeddings of images in the place of some of the tokens, or null if there are none. */
    @Nullable PromptEmbeddings images;

    /** Whether tokens belong to a prompt, for statistics, and so that the request continues an earlier one. */
    boolean prompt;

    /** Whether the request continues the previous one of the same prompt, and keeps its position in the queue. */
    boolean continued;

    /** Whether every token is an output. The request is then complete after one pass, perhaps with tokens left. */
    boolean allOutputs;

    /** Has guesses made by the model's head, or null. */
    @Nullable Guesser guesser;

    /** How many guesses the head is to make: they follow the token, or are ignored if there are {@link #guesses}. */
    int drafts;

    /**
     * How many of the tokens are guesses, the last ones: they are appended as revocable rows, every one of them is an
     * output in addition to the token before them, and the scheduler may omit some.
     */
    int guesses;

    /** Receives the logits of {@link #outputs} outputs from {@link #firstOutput} on, or null. */
    float @Nullable [] logits;

    /** The first output, or -1 for the last one. */
    int firstOutput;

    int outputs;

    /** Whether to give up; queried on the owner's thread only. */
    BooleanSupplier stop = () -> false;

    // Set by the scheduler under its lock, except where the owner's thread reads a volatile field.

    @Nullable Thread thread;

    volatile boolean done;
    volatile boolean leading;
    volatile boolean inPass;

    /** Whether the owner wants to give up while its request is in a pass. */
    volatile boolean cancelled;

    @Nullable Throwable failure;

    /** Whether the request is for a {@linkplain #isStep step}, which takes one pass. */
    boolean single;

    long arrival;

    /** Tokens taken by the current pass. */
    int taken;

    /** The number of rows of steps of other sequences in the last pass. */
    int otherRows;

    /** The time when the request was last completed. */
    long completed;

    /** Whether the owner came back soon after its last request was completed. */
    boolean inTime = true;

    /** Whether the scheduler keeps track of the sequence: it is expected, or decodes. */
    boolean known;

    /** Whether the owner is expected to come back soon. */
    boolean expected;

    /** Whether the last request was for a single token or for logits. */
    boolean decodes;

    PassRequest(SequenceState state) {
        this.state = state;
    }

    /** Requests that tokens {@code [from, to)} be appended. */
    void append(int[] tokens, int from, int to, boolean prompt, boolean continued) {
        this.tokens = tokens;
        images = null;
        next = from;
        end = to;
        this.prompt = prompt;
        this.continued = continued;
        allOutputs = false;
        guesser = null;
        drafts = 0;
        guesses = 0;
        logits = null;
        outputs = 0;
    }

    /**
     * Requests that the token at {@code from} and then guesses be appended, and the logits after each of them.
     *
     * @param guesses the number of guesses after the token
     * @param guesser has guesses made by the model's head as well
     */
    void append(int[] tokens, int from, int guesses, Guesser guesser, float[] rows) {
        append(tokens, from, from + 1 + guesses, false, false);
        this.guesses = guesses;
        this.guesser = guesser;
        drafts = guesser.drafts();
        logits(0, 1 + guesses, rows);
    }

    /** Requests the logits of {@code count} outputs; with {@code first} -1, the last one. */
    void logits(int first, int count, float[] rows) {
        logits = rows;
        firstOutput = first;
        outputs = count;
    }

    /** Requests nothing, and releases what belongs to the caller. */
    void clear() {
        append(NO_TOKENS, 0, 0, false, false);
    }

    /** Begins a span of the pass with the rows that it has taken. */
    void addTo(Batch batch) {
        batch.span(state, allOutputs ? taken : 1 + guesses, guesses);
        if (images == null) {
            batch.ids(tokens, next, taken);
        } else {
            images.addTo(batch, tokens, next, taken);
        }
    }

    /** Tokens still to be appended. */
    int rows() {
        return end - next;
    }

    /** Whether at most one token is to be appended, apart from guesses. */
    boolean isStep() {
        return rows() - guesses <= 1;
    }

    /** The number of guesses that the pass should verify. */
    int wanted() {
        return guesses > 0 ? guesses : drafts;
    }

    /** Reduces the number of guesses that the pass should verify. */
    void limitGuesses(int most) {
        if (guesses > 0) {
            setGuesses(most);
        }
        drafts = Math.min(drafts, most);
    }

    /** Sets the number of guesses after the token. */
    void setGuesses(int count) {
        int added = count - guesses;
        guesses = count;
        end += added;
        outputs += added;
    }

    /** Whether this pass appends all that is left, so that it can compute logits. */
    boolean completes() {
        return taken == rows();
    }
}
