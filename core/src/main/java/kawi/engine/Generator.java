package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import kawi.AnswerException;
import kawi.ClosedException;
import kawi.ContextLengthException;
import kawi.FinishReason;
import kawi.GenerationStats;
import kawi.LogitsProcessor;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.compute.Counters;
import kawi.constraint.Constrained;
import kawi.constraint.Grammar;
import kawi.dialect.Dialect;
import kawi.reply.LoopGuard;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.reply.ReplyParser;
import kawi.reply.ReplySink;
import kawi.sampling.Sampler;
import kawi.sampling.StopStrings;
import kawi.schema.AnswerType;
import kawi.tokenizer.StreamDecoder;
import org.jspecify.annotations.Nullable;

/**
 * One round of an answer, generated token by token: from a prompt to the end of the model's output.
 *
 * <pre>
 *    logits -> sampler (processors, grammar's mask) -> token        or a token that closes the thought
 *    token  -> decoder -> reply parser -> thought                   pieces go to the listener,
 *                                      -> stop strings -> text      calls are collected
 * </pre>
 *
 * Text that may still change is held back: by the decoder, incomplete characters; by the parser, what may become
 * markup; by the stop strings, what may become one of them. The remaining text is emitted when the answer ends.
 */
final class Generator {

    private final LoadedModel model;
    private final Settings settings;
    private final PromptTokens prompt;
    private final CachedSequence sequence;
    private final ReplyListener listener;
    private final Sampler sampler;
    private final float[] logits;
    private final BitSet endTokens;
    private final int[] endTokenIds;
    private final BooleanSupplier cancelled;

    private final @Nullable StreamDecoder decoder;
    private final @Nullable ReplyParser parser;
    private final StopStrings stops;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final List<ParsedCall> calls = new ArrayList<>();
    private final List<MalformedCall> malformed = new ArrayList<>();

    /** The maximum length of prompt and answer. */
    private final int maxLength;

    private final int callToken;

    /** The constraint on the answer, or null. */
    private @Nullable Constrained constrained;

    /**
     * The constraint from {@link #callToken} on. If the answer itself is constrained, it applies only if the answer
     * begins with that token.
     */
    private @Nullable Constrained toolCallConstraint;

    /** Whether the answer is constrained to tool calls rather than to the requested form. */
    private boolean constrainedToToolCalls;

    /** Whether the answer repeats itself and must finish with as few tokens as its constraint allows. */
    private boolean mustFinish;

    private final @Nullable LogprobRecorder logprobs;

    /** The tokens of the answer whose text has not been emitted, if log-probabilities are recorded. */
    private final TextTokens textTokens = new TextTokens();

    private final Thought thought;
    private final @Nullable LoopGuard thoughtGuard;
    private final @Nullable LoopGuard answerGuard;

    private int[] tokens = new int[64];
    private int generated;
    private CachedSequence.@Nullable Reading reading;
    private final AnswerTimes times = new AnswerTimes();
    private final AnswerGuesses guesses;
    private @Nullable FinishReason finish;

    /**
     * @param chat whether the answer is that of a chat, with thoughts and tool calls; otherwise all of it is text
     * @param sequence processes the prompt and holds the answer; it is not closed
     */
    Generator(
            LoadedModel model,
            Settings settings,
            PromptTokens prompt,
            boolean chat,
            RoundTools tools,
            CachedSequence sequence,
            ReplyListener listener) {
        this.model = model;
        this.settings = settings;
        this.prompt = prompt;
        this.sequence = sequence;
        this.listener = listener;
        this.endTokens = settings.endTokens(model);
        this.endTokenIds =
                endTokens.stream().filter(id -> id < model.vocabularySize()).toArray();
        this.cancelled = settings::cancelled;
        this.maxLength = model.admission().answerLength();
        int promptLength = prompt.length();
        if (promptLength == 0) {
            throw new IllegalArgumentException("the prompt is empty; it must have at least one token");
        }
        if (promptLength > maxLength) {
            throw new ContextLengthException(promptLength, prompt.text().imageTokens(), maxLength);
        }
        int room = Math.min(settings.maxTokens(), maxLength - promptLength + 1);
        Dialect dialect = model.dialect();
        this.callToken = tools.offered().isEmpty()
                ? -1
                : dialect.calls()
                        .map(syntax ->
                                model.requireTokenizer().id(syntax.begin()).orElse(-1))
                        .orElse(-1);
        this.constrainedToToolCalls = tools.required();
        String begun = prompt.begunAnswer();
        if (constrainedToToolCalls && !begun.isEmpty()) {
            throw new IllegalStateException(
                    "an answer that must be a tool call cannot continue a text; omit the text, or do not require a call");
        }
        Grammar form = constrainedToToolCalls ? tools.grammar() : settings.grammar();
        this.constrained = form == null ? null : settings.constrained(form, model, begun, room);
        boolean callable = !constrainedToToolCalls && (constrained == null || begun.isEmpty());
        this.toolCallConstraint = !callable || tools.grammar() == null || callToken < 0
                ? null
                : new Constrained(tools.grammar(), model.tokenTrie());
        this.thought = new Thought(model, prompt, settings.thinkingBudget(), constrained, room);
        List<LogitsProcessor> processors = new ArrayList<>(settings.processors());
        if (constrained != null || toolCallConstraint != null) {
            processors.add(this::constrain);
        }
        boolean guarded = settings.loopGuard() == null ? chat && model.looping() : settings.loopGuard();
        if (chat && (guarded || settings.thinkingBudget() != null)) {
            processors.add(this::excludeThought);
        }
        sampler = new Sampler(
                settings.sampling(model, chat, thought.isOpen()),
                model.vocabularySize(),
                model.forbidden(),
                processors,
                prompt.ids());
        decoder = model.ownTokenizer().map(tokenizer -> tokenizer.decoder(true)).orElse(null);
        stops = new StopStrings(settings.stopStrings());
        parser = chat
                        && (thought.isOpen()
                                || constrained == null
                                || !tools.offered().isEmpty())
                ? new ReplyParser(dialect.markup(), thought.isOpen(), tools.offered(), new Sink())
                : null;
        if (parser != null && !prompt.begun().isEmpty()) {
            parser.resume();
        }
        thoughtGuard = guarded && parser != null ? LoopGuard.forThought() : null;
        answerGuard = guarded ? LoopGuard.forAnswer() : null;
        logits = new float[model.vocabularySize()];
        guesses = new AnswerGuesses(settings.speculation(model), model, prompt.text(), sequence.answers());
        Integer top = settings.logprobs();
        logprobs = top == null ? null : new LogprobRecorder(model, top);
    }

    /** Generates a token. Returns false when the answer is complete. */
    boolean step() {
        if (finish != null) {
            return false;
        }
        sequence.advance();
        boolean ended = true;
        try {
            boolean more = advance();
            ended = finish != null;
            return more;
        } finally {
            if (ended) {
                end();
            } else {
                sequence.rest();
            }
        }
    }

    /** Leaves the sequence; the answer is complete, or has failed. */
    private void end() {
        try {
            sequence.finish(Arrays.copyOf(tokens, generated));
        } finally {
            sequence.leave();
        }
        if (finish != null) {
            times.report(model.name(), stats(), finish);
        }
    }

    private boolean advance() {
        int token;
        try {
            if (settings.cancelled()) {
                return finish(FinishReason.CANCELLED);
            }
            if (reading == null) {
                sequence.enter(model.admission().answerLength(prompt, settings), settings);
                read();
            }
            boolean full = generated >= settings.maxTokens() || (generated > 0 && sequence.length() == maxLength);
            if (!thought.isOpen()
                    && constrained != null
                    && (constrained.mustEnd() || ((full || mustFinish) && constrained.mayEnd()))) {
                return finish(mustFinish && !constrainedToToolCalls ? FinishReason.LOOP : FinishReason.END);
            }
            if (generated >= settings.maxTokens()) {
                return finish(FinishReason.MAX_TOKENS);
            }
            token = thought.forced();
            if (generated > 0) {
                if (sequence.length() == maxLength) {
                    return finish(FinishReason.CONTEXT_FULL);
                }
                guesses.constrainedBy(thought.isOpen() ? null : constrained, thought.upcoming());
                sequence.append(
                        tokens[generated - 1],
                        cancelled,
                        token < 0 || logprobs != null ? logits : null,
                        guesses,
                        Math.min(settings.maxTokens() - generated, maxLength - sequence.length()) - 1);
            }
        } catch (CancellationException | ClosedException e) {
            return finish(FinishReason.CANCELLED);
        }
        if (logprobs != null) {
            logprobs.accept(logits);
        }
        if (token < 0) {
            Counters counters = model.counters();
            long begun = counters == null ? 0 : System.nanoTime();
            token = sampler.sample(logits);
            if (counters != null) {
                counters.sampled(begun);
            }
        }
        times.token(generated == 0);
        if (endTokens.get(token)) {
            return finish(FinishReason.END);
        }
        accept(token);
        return finish == null;
    }

    private void read() {
        prompt.dropped().report(listener);
        sequence.guessing(guesses.useHead());
        reading = sequence.read(prompt, cancelled, listener::onProgress, settings.maxTokens() == 0 ? null : logits);
        times.prefilled();
    }

    private void accept(int token) {
        sampler.accept(token);
        if (generated == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * generated);
        }
        tokens[generated++] = token;
        if (logprobs != null) {
            logprobs.record(token);
        }
        LoopGuard guard = thought.isOpenOrClosing() ? thoughtGuard : answerGuard;
        boolean looping = guard != null && guard.accept(token);
        String piece = decoder == null ? "" : decoder.feed(token);
        if (thought.isOpenOrClosing()) {
            think(token, piece, looping);
            return;
        }
        if (logprobs != null) {
            textTokens.add(logprobs.last(), piece);
        }
        if (toolCallConstraint != null && token == callToken) {
            constrained = toolCallConstraint;
            constrainedToToolCalls = true;
            toolCallConstraint = null;
        } else if (constrained != null) {
            toolCallConstraint = null;
        }
        if (constrained != null) {
            guesses.accept(constrained, token);
            constrained.accept(token);
        }
        answer(piece);
        if (parser != null && parser.isThinking()) {
            thought.reopen();
        }
        if (looping && constrained != null) {
            mustFinish = true;
        } else if (looping && finish == null) {
            finish(FinishReason.LOOP);
        }
    }

    private void think(int token, String piece, boolean looping) {
        ReplyParser reply = Objects.requireNonNull(parser);
        reply.push(piece);
        thought.accept(token, piece, reply.isThinking(), looping);
        if (looping && !thought.canBeClosed()) {
            finish(FinishReason.LOOP);
        }
    }

    /** Processes text of the answer. Text of a requested form is not parsed, since it may contain anything. */
    private void answer(String piece) {
        if (parser == null || (constrained != null && !constrainedToToolCalls && !thought.isOpen())) {
            pushText(piece);
            if (parser != null && !piece.isBlank()) {
                parser.answered();
            }
        } else {
            parser.push(piece);
        }
    }

    private void pushText(String piece) {
        emit(stops.push(piece));
        if (stops.matched().isPresent()) {
            finish = FinishReason.STOP_STRING;
        }
    }

    private void emit(String visible) {
        if (!visible.isEmpty()) {
            text.append(visible);
            if (logprobs == null) {
                listener.onText(visible);
            } else {
                listener.onText(visible, textTokens.take(visible));
            }
        }
    }

    private final class Sink implements ReplySink {
        @Override
        public void onThought(String piece) {
            thinking.append(piece);
            listener.onThinking(piece);
        }

        @Override
        public void onText(String piece) {
            if (finish != FinishReason.STOP_STRING) {
                pushText(piece);
            }
        }

        @Override
        public void onCall(ParsedCall call) {
            textTokens.dropBeforeLast();
            calls.add(call);
        }

        @Override
        public void onMalformedCall(MalformedCall call) {
            malformed.add(call);
        }
    }

    /** Applies the constraint to the logits. A thought before the answer is not constrained, but must be closed. */
    private void constrain(LogitsProcessor.Tokens history, float[] logits) {
        if (thought.isOpen()) {
            for (int i = 0; constrained != null && i < endTokenIds.length; i++) {
                logits[endTokenIds[i]] = Float.NEGATIVE_INFINITY;
            }
            return;
        }
        int room = Math.min(settings.maxTokens() - generated, maxLength - sequence.length() + 1);
        int left = mustFinish ? Math.min(room, constrainedRun().minimumTokens()) : room;
        Constrained calls = toolCallConstraint;
        float call = calls == null || calls.minimumTokens() > left ? Float.NEGATIVE_INFINITY : logits[callToken];
        if (constrained != null) {
            constrained.mask(logits, left, endTokenIds);
        }
        if (calls != null) {
            logits[callToken] = call;
        }
    }

    private void excludeThought(LogitsProcessor.Tokens history, float[] logits) {
        if (parser != null && parser.mayThink()) {
            thought.excludeIfSpent(logits);
        }
    }

    private Constrained constrainedRun() {
        return Objects.requireNonNull(constrained);
    }

    /** Ends the answer at the current token, unless it is complete. */
    void cancel() {
        if (finish == null) {
            finish(FinishReason.CANCELLED);
            end();
        }
    }

    /** Ends the answer and emits the text held back. */
    private boolean finish(FinishReason reason) {
        finish = reason;
        if (decoder != null) {
            String rest = decoder.finish();
            textTokens.complete(rest);
            answer(rest);
        }
        if (parser != null) {
            parser.finish();
        }
        emit(stops.flush());
        return false;
    }

    /** The prompt and the answer, to be continued. */
    PromptTokens prompted() {
        TokenText all = prompt.text().plus(Arrays.copyOf(tokens, generated), new int[0], List.of());
        return PromptTokens.of(all, prompt.images());
    }

    /** The tool calls that count, in order. */
    List<ParsedCall> calls() {
        return calls;
    }

    /** The malformed calls that would count, in order. */
    List<MalformedCall> malformed() {
        return malformed;
    }

    /** The number of tokens that the thoughts have taken from their budget. */
    int thoughtTokens() {
        return thought.taken();
    }

    /**
     * The answer as a value.
     *
     * @throws AnswerException if the answer ended before it had the requested form
     */
    <T> T read(AnswerType<T> type) {
        if (thought.isOpen()
                || constrainedToToolCalls
                || !constrainedRun().mayEnd()
                || finish == FinishReason.STOP_STRING) {
            throw new AnswerException(
                    "the answer ended (%s) before it had the requested form"
                            .formatted(String.valueOf(finish).toLowerCase(Locale.ROOT)),
                    text.toString(),
                    null);
        }
        return type.read(prompt.begunAnswer() + text);
    }

    /** The reply; the answer must be complete. */
    Reply reply() {
        FinishReason reason = finish;
        if (reason == null) {
            throw new IllegalStateException("the answer is not complete");
        }
        return new Reply(
                text.toString(),
                thinking.toString(),
                List.of(),
                List.of(),
                Arrays.stream(tokens, 0, generated).boxed().toList(),
                logprobs == null ? List.of() : logprobs.all(),
                reason,
                stats(),
                sampler.seed());
    }

    private GenerationStats stats() {
        return times.stats(prompt, reading, generated, thought.tokens(), guesses);
    }
}
