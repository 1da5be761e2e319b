package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import kawi.ClosedException;
import kawi.Progress;
import kawi.Speculation;
import kawi.TokenLogprob;
import kawi.architecture.SequenceState;
import kawi.flight.Flight;
import kawi.flight.PrefillEvent;
import org.jspecify.annotations.Nullable;

/**
 * A sequence that processes only the new tokens of a prompt. It continues from its current state if the prompt begins
 * with its own tokens, otherwise from the longest cached snapshot that is a prefix of the prompt, and it caches
 * snapshots at the boundaries of the prompt. The logits are bit-identical in all cases.
 *
 * <p>While a long prompt is processed, there is also a snapshot of what has been processed, which is replaced every
 * {@value #CHECKPOINT} tokens and removed at the end. If processing is cancelled, it remains, so that the next prompt
 * with the same beginning continues there.
 */
final class CachedSequence implements AutoCloseable {

    private final LoadedModel model;
    private volatile @Nullable TokenSequence sequence;
    private volatile boolean closed;
    private final Admission.Place place = new Admission.Place();
    private final SnapshotStore shared;
    private final @Nullable SnapshotStore own;
    private final VerifiedGuesses verified;

    /** Receives the result of the last pass with guesses, unless it is null. */
    private @Nullable Guesser guesser;

    private int[] tokens = new int[64];

    /** The images of the prompt in {@link #tokens}. */
    private List<ImageSpan> images = List.of();

    /** The number of tokens of the next prompt that {@link #score} has processed. */
    private int scored;

    /** The part of a prompt that was processed last before {@link #read} was cancelled, if its state was cached. */
    private @Nullable TokenText checkpoint;

    /** What the images of the next prompt have taken so far. */
    private PromptEmbeddings.Encoding encoding = PromptEmbeddings.Encoding.NONE;

    /** The distance of the states of a long prompt that are kept until it has been processed, in tokens. */
    static final int CHECKPOINT = 2048;

    /** The number of answers that are remembered, and the maximum number of tokens of one that is. */
    static final int MAX_ANSWERS = 4;

    static final int MAX_ANSWER = 1 << 14;

    private volatile List<int[]> answers = List.of();

    /** @param own the store for states between the messages of a conversation, or null if there is none */
    CachedSequence(LoadedModel model, @Nullable SnapshotStore own) {
        this.model = model;
        this.shared = model.snapshots();
        this.own = own;
        this.verified = new VerifiedGuesses(model.vocabularySize());
    }

    /**
     * Takes the place of an answer in progress, unless it is taken, see {@link Admission#enter}. {@link #leave} gives
     * it back.
     *
     * @param length the maximum length of the prompt and the answer, in tokens
     */
    void enter(int length, Settings settings) {
        Admission admission = model.admission();
        admission.enter(place, admission.keyValueBytes(length), settings, () -> closed || settings.cancelled());
    }

    /** Takes the place if there is one now; returns false otherwise. */
    boolean tryEnter(int length) {
        return model.admission().tryEnter(place, model.admission().keyValueBytes(length));
    }

    /** Notes that the current thread advances the answer. */
    void advance() {
        model.admission().advance(place);
    }

    /** Notes that the answer is not advanced for now. */
    void rest() {
        model.admission().rest(place);
    }

    /** Gives the place back, if it is taken: the answer is complete, or has failed. */
    void leave() {
        TokenSequence open = sequence;
        if (open != null) {
            open.rest();
        }
        model.admission().leave(place);
    }

    /**
     * How many tokens of a prompt were processed.
     *
     * @param reused the number of leading tokens that were not processed again
     * @param read the number of tokens processed
     * @param encoding what its images took
     */
    record Reading(int reused, int read, PromptEmbeddings.Encoding encoding) {}

    /**
     * Makes this sequence consist of the tokens of {@code prompt}.
     *
     * @param progress is notified of the number of tokens processed and to be processed
     * @param row receives the logits after the prompt, or null
     * @throws java.util.concurrent.CancellationException if {@code cancelled} returns true
     */
    Reading read(PromptTokens prompt, BooleanSupplier cancelled, Progress progress, float @Nullable [] row) {
        PrefillEvent event = Flight.prefill();
        int[] ids = prompt.ids();
        int reused = reuse(prompt.text());
        setText(prompt.text());
        int at = reused;
        int total = ids.length - reused;
        RemainingTime remaining = new RemainingTime(reused, ids.length, System.nanoTime());
        try (@Nullable PromptEmbeddings embeddings = PromptEmbeddings.of(prompt, progress)) {
            for (int boundary : stops(prompt)) {
                while (at < boundary) {
                    int from = at - reused;
                    int end = Math.min(boundary, nextCheckpoint(at, ids.length));
                    sequence()
                            .append(
                                    ids,
                                    at,
                                    end,
                                    embeddings,
                                    true,
                                    cancelled,
                                    total < MIN_REPORTED_TOKENS
                                            ? CachedSequence::ignore
                                            : read -> progress.update(new Progress.Step(
                                                    Progress.Stage.PREFILL,
                                                    "prompt",
                                                    from + read,
                                                    total,
                                                    remaining.at(reused + from + read, System.nanoTime()))),
                                    end == ids.length ? row : null);
                    at = end;
                    if (at < boundary) {
                        checkpoint(prompt.text().prefix(at));
                    } else {
                        keep(prompt, at);
                    }
                }
            }
            note(embeddings);
        }
        dropCheckpoint(prompt.text());
        if (event != null) {
            event.commit(model.name(), total, reused, false);
        }
        Reading reading = new Reading(reused - scored, total + scored, encoding);
        scored = 0;
        encoding = PromptEmbeddings.Encoding.NONE;
        return reading;
    }

    /** The end of the next part of a prompt after which there is a checkpoint; there is none near the end. */
    private static int nextCheckpoint(int at, int length) {
        int next = at - at % CHECKPOINT + CHECKPOINT;
        return next > length - CHECKPOINT / 2 ? length : next;
    }

    /** Caches the state after a part of a prompt in place of that after a smaller part. */
    private void checkpoint(TokenText text) {
        store().keep(text, text.length(), sequence());
        dropCheckpoint(text);
        checkpoint = text;
    }

    /** Removes the last checkpoint if it is one of this text; otherwise its text may yet be completed. */
    private void dropCheckpoint(TokenText text) {
        TokenText last = checkpoint;
        if (last != null && last.length() < text.length() && text.startsWith(last)) {
            store().drop(last);
            checkpoint = null;
        }
    }

    private SnapshotStore store() {
        return own == null ? shared : own;
    }

    private void note(@Nullable PromptEmbeddings embeddings) {
        if (embeddings != null) {
            encoding = encoding.plus(embeddings.encoding());
        }
    }

    /**
     * Processes the prompt that {@link #read} completes, except for its last token.
     *
     * @param top see {@link LogprobRecorder}
     * @return the log-probabilities of the tokens of the prompt from the second on
     */
    List<TokenLogprob> score(PromptTokens prompt, int top, BooleanSupplier cancelled) {
        PrefillEvent event = Flight.prefill();
        int[] ids = prompt.ids();
        PromptTokens all = prompt.prefix(Math.max(0, ids.length - 1));
        LogprobRecorder recorder = new LogprobRecorder(model, top);
        settle();
        sequence().restore(null);
        setText(all.text());
        try (@Nullable PromptEmbeddings embeddings = PromptEmbeddings.of(all, CachedSequence::ignore)) {
            sequence().append(all.ids(), embeddings, cancelled, (position, logits) -> {
                recorder.accept(logits);
                recorder.record(ids[position + 1]);
            });
            note(embeddings);
        }
        scored = all.length();
        if (Arrays.binarySearch(prompt.boundaries(), scored) >= 0) {
            keep(prompt, scored);
        }
        if (event != null) {
            event.commit(model.name(), scored, 0, false);
        }
        return recorder.all();
    }

    /** Makes this sequence consist of {@code beginning} and caches the state, unless it is cached already. */
    void readAhead(PromptTokens beginning, BooleanSupplier cancelled) {
        TokenText text = beginning.text();
        if (own == null || own.contains(text)) {
            return;
        }
        PrefillEvent event = Flight.prefill();
        int reused = reuse(text);
        setText(text);
        try (@Nullable PromptEmbeddings embeddings = PromptEmbeddings.of(beginning, CachedSequence::ignore)) {
            sequence()
                    .append(
                            text.ids(),
                            reused,
                            text.length(),
                            embeddings,
                            true,
                            cancelled,
                            CachedSequence::ignore,
                            null);
        }
        if (event != null) {
            event.commit(model.name(), text.length() - reused, reused, true);
        }
        own.keep(text, text.length(), sequence());
    }

    /** Progress is not reported for prompts with fewer tokens. */
    private static final int MIN_REPORTED_TOKENS = 512;

    private static void ignore(int read) {}

    private static void ignore(Progress.Step step) {}

    /**
     * Restores the sequence to a prefix of the prompt that leaves at least one token to process, and returns its
     * length.
     */
    private int reuse(TokenText text) {
        TokenSequence sequence = sequence();
        settle();
        int length = sequence.length();
        if (!sequence.broken() && length > 0 && length < text.length() && text.startsWith(tokens, length, images)) {
            return length;
        }
        int found = own == null ? 0 : own.restore(text, sequence);
        // After a close, nothing is restored: the states of the conversation may have been freed already.
        if (found == 0 && own != shared && !closed()) {
            found = shared.restore(text, sequence);
        }
        if (found == 0 && (length > 0 || sequence.broken())) {
            sequence.restore(null);
        }
        model.caches().trim();
        return found;
    }

    /** Becomes the sequence with a state that was saved, which is cached as well. */
    void resume(TokenText text, SequenceState state) {
        try {
            sequence().restore(state);
            setText(text);
        } catch (RuntimeException | Error e) {
            state.close();
            throw e;
        }
        store().add(text, state);
    }

    /** The positions at which processing stops to cache a state, and the end of the prompt. */
    private static int[] stops(PromptTokens prompt) {
        int[] boundaries = prompt.boundaries();
        int[] stops = Arrays.copyOf(boundaries, boundaries.length + 2);
        stops[boundaries.length] = prompt.shared();
        stops[boundaries.length + 1] = prompt.length();
        Arrays.sort(stops);
        return stops;
    }

    private void keep(PromptTokens prompt, int at) {
        if (at == prompt.length()) {
            return;
        }
        if (at == prompt.shared() && shared.stats().budget() > 0) {
            shared.keep(prompt.text(), at, sequence());
        } else if (own != null) {
            own.keep(prompt.text(), at, sequence());
        }
    }

    private void setText(TokenText text) {
        int[] ids = text.ids();
        images = text.images();
        if (tokens.length < ids.length) {
            tokens = new int[Math.max(ids.length, 2 * tokens.length)];
        }
        System.arraycopy(ids, 0, tokens, 0, ids.length);
    }

    /**
     * Appends a generated token, in a pass unless it is one of the guesses of the last pass.
     *
     * @param row receives the logits after it, or null
     * @param guesser guesses what follows if there is a pass
     * @param most the maximum number of guesses
     */
    void append(int token, BooleanSupplier cancelled, float @Nullable [] row, Guesser guesser, int most) {
        TokenSequence sequence = sequence();
        if (closed()) {
            throw new ClosedException("an answer was cancelled because its sequence or its model is closed", null);
        }
        if (verified.accept(token)) {
            if (row != null) {
                verified.copyLogits(row);
            }
            return;
        }
        settle();
        int length = sequence.length();
        if (length + 1 + Speculation.MAX_GUESSES > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(2 * length, length + 1 + Speculation.MAX_GUESSES));
        }
        tokens[length] = token;
        int guesses = guesser.guess(tokens, length + 1, most, sequence.otherRows());
        int room = Math.max(guesses, guesser.drafts());
        if (room == 0) {
            sequence.append(tokens, length, length + 1, null, false, cancelled, CachedSequence::ignore, row);
        } else {
            int appended = sequence.append(tokens, length, guesses, guesser, cancelled, verified.room(room));
            verified.begin(tokens, length + 1, appended);
            if (row != null) {
                verified.copyLogits(row);
            }
        }
        this.guesser = guesser;
    }

    /** Sets whether the model's head may be asked for guesses; it then processes the prompt as well. */
    void guessing(boolean on) {
        sequence().guessing(on);
    }

    /** Remembers the last of some answers, which later ones may repeat, instead of those of this sequence. */
    void remember(List<int[]> all) {
        answers = List.copyOf(all.subList(Math.max(0, all.size() - MAX_ANSWERS), all.size()));
    }

    /** The last answers that were generated with this sequence, or that it remembers. */
    List<int[]> answers() {
        return answers;
    }

    /** Takes back the guesses of the last pass that have not been accepted, if there are any. */
    private void settle() {
        settle(true);
    }

    /** @param complete see {@link Guesser#verified} */
    private void settle(boolean complete) {
        Guesser told = guesser;
        int guessed = verified.count();
        int accepted = verified.accepted();
        guesser = null;
        verified.clear();
        if (told != null) {
            told.verified(guessed, accepted, complete);
        }
        if (guessed > 0) {
            model.scheduler().accepted(guessed, accepted);
        }
        TokenSequence open = sequence;
        if (guessed > accepted && open != null && !open.broken()) {
            open.takeBack(guessed - accepted);
        }
    }

    /**
     * Ends an answer: the guesses that have not been accepted are taken back, so that the sequence consists of the
     * accepted tokens.
     *
     * @param answer the tokens of the answer
     */
    void finish(int[] answer) {
        if (answer.length > 0 && answer.length <= MAX_ANSWER) {
            List<int[]> last = new ArrayList<>(answers);
            last.add(answer);
            remember(last);
        }
        try {
            settle(false);
        } catch (ClosedException closed) {
            // there is nothing left to take back from
        } finally {
            verified.release();
        }
    }

    /** The number of tokens of this sequence, even if it can no longer be used. */
    int length() {
        TokenSequence open = sequence;
        return open == null ? 0 : open.length() - verified.pending();
    }

    /** Whether this sequence or the model has been closed. */
    boolean closed() {
        return closed || model.lifetime().closing();
    }

    /** Returns the sequence, which allocates memory when it is first used. */
    private TokenSequence sequence() {
        TokenSequence open = sequence;
        return open == null ? open() : open;
    }

    private synchronized TokenSequence open() {
        if (closed) {
            throw new ClosedException("this sequence is closed", null);
        }
        TokenSequence open = sequence;
        if (open == null) {
            open = model.openSequence(false);
            sequence = open;
        }
        return open;
    }

    /** Cancels the current step, waits for it, and frees the memory. May be called from any thread. */
    @Override
    public void close() {
        TokenSequence open;
        synchronized (this) {
            closed = true;
            open = sequence;
        }
        if (open != null) {
            open.close();
            model.caches().trim();
        }
        leave();
    }
}
