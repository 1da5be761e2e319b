package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import kawi.ContextPolicy;
import kawi.FinishReason;
import kawi.GenerationStats;
import kawi.ImageStats;
import kawi.Message;
import kawi.Part;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.TokenLogprob;
import kawi.ToolCall;
import kawi.ToolCallException;
import kawi.ToolResult;
import kawi.constraint.Constrained;
import kawi.constraint.Grammar;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.schema.AnswerType;
import kawi.schema.MismatchException;
import org.jspecify.annotations.Nullable;

/**
 * One answer in a conversation: rounds of generation with the results of tools in between.
 *
 * <p>A call that cannot be understood (malformed, no such tool, wrong arguments) is reported to the model once, as a
 * result that describes the error. The second such call is reported to the caller.
 */
final class Exchange {

    private final LoadedModel model;
    private final ChatFormat format;
    private final ConversationBuilder.Start options;
    private final ToolOffer offer;
    private final ConversationTurn turn;
    private final CachedSequence sequence;
    private final ReplyListener listener;
    private final List<Message> messages;
    private final List<ToolResult> called = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final List<Integer> tokens = new ArrayList<>();
    private final List<TokenLogprob> logprobs = new ArrayList<>();

    /** The number of calls in the conversation before this answer. */
    private final int calledBefore;

    private Generator generator;
    private int rounds;
    private int thoughtTokens;
    private boolean corrected;

    /** The error of the last call that could not be understood, or null. */
    private @Nullable ToolCallException invalidCall;

    private volatile boolean cancelled;
    private @Nullable GenerationStats stats;
    private @Nullable Reply reply;

    /** @param messages the conversation up to the message to be answered */
    Exchange(
            LoadedModel model,
            ChatFormat format,
            ConversationBuilder.Start options,
            ConversationTurn turn,
            List<Message> messages,
            CachedSequence sequence,
            ReplyListener listener) {
        this.model = model;
        this.format = format;
        this.options = options;
        this.offer = new ToolOffer(model, options.tools(), new ToolUse(turn.toolChoice(), true));
        this.turn = turn;
        this.sequence = sequence;
        this.listener = listener;
        Settings settings = turn.settings;
        FittingMessages fitting = fitting(messages, settings);
        this.messages = new ArrayList<>(fitting.messages());
        this.calledBefore = ToolOffer.lastNumber(fitting.messages());
        this.generator = generator(settings, fitting.prompt(), offer.firstRound(settings));
    }

    private FittingMessages fitting(List<Message> messages, Settings settings) {
        return FittingMessages.of(
                messages, some -> format.prompt(some, options.tools(), turn.settings), settings, limit());
    }

    /** The maximum length of a prompt and its answer, in tokens. */
    private int limit() {
        return model.admission().answerLength();
    }

    private Generator generator(Settings settings, PromptTokens prompt, RoundTools calls) {
        return new Generator(model, offer.restrict(settings), prompt, true, calls, sequence, listener);
    }

    /** Generates a token or runs tools. Returns false when the answer is complete. */
    boolean step() {
        if (reply != null) {
            return false;
        }
        if (cancelled) {
            generator.cancel();
        }
        if (generator.step()) {
            return true;
        }
        Reply round = generator.reply();
        text.append(round.text());
        thinking.append(round.thinking());
        tokens.addAll(round.tokens());
        thoughtTokens += generator.thoughtTokens();
        stats = stats == null ? round.stats() : sum(stats, round.stats());
        logprobs.addAll(round.logprobs());
        if (round.finishReason() != FinishReason.END || !offer.hasCalled(generator)) {
            finish(round, round.finishReason());
            return false;
        }
        if (rounds++ == options.maxToolRounds()) {
            finish(round, FinishReason.TOOL_LIMIT);
            return false;
        }
        run(round, generator.calls(), generator.malformed());
        return reply == null;
    }

    /** Ends the answer in the next step. */
    void cancel() {
        cancelled = true;
    }

    private boolean cancelled() {
        return cancelled || turn.settings.cancelled() || sequence.closed();
    }

    private void run(Reply round, List<ParsedCall> calls, List<MalformedCall> malformed) {
        List<ToolCall> understood = new ArrayList<>();
        List<Message> results = new ArrayList<>();
        List<Message> errors = new ArrayList<>();
        for (ParsedCall call : calls) {
            if (cancelled()) {
                break;
            }
            JavaTool tool = offer.find(call.name());
            if (tool == null) {
                errors.add(error(nextId(errors), call.rawText(), offer.unknown(call.name())));
                continue;
            }
            try {
                ToolResult result = run(tool, call);
                called.add(result);
                understood.add(result.call());
                results.add(Message.tool(result));
            } catch (MismatchException e) {
                errors.add(error(nextId(errors), call.rawText(), e.getMessage()));
            }
        }
        if (cancelled()) {
            cancelAfterCalls(round, understood, results);
            return;
        }
        for (MalformedCall call : malformed) {
            errors.add(error(nextId(errors), call.rawText(), call.reason()));
        }
        Message assistantMessage = new Message(Message.Role.ASSISTANT, round.text(), round.thinking(), understood);
        List<Message> before = new ArrayList<>(messages);
        before.add(assistantMessage);
        List<Message> all = new ArrayList<>(results);
        all.addAll(errors);
        PromptTokens next = format.afterTools(generator.prompted(), before, all, options.tools(), turn.settings);
        if (!understood.isEmpty()) {
            messages.add(assistantMessage);
            messages.addAll(results);
        }
        corrected |= !errors.isEmpty();
        Settings left = turn.settings.with(draft -> {
            draft.maxTokens -= tokens.size();
            draft.thinkingBudget =
                    draft.thinkingBudget == null ? null : Math.max(0, draft.thinkingBudget - thoughtTokens);
            draft.continued = true;
        });
        // A required call is still required until one has been run.
        RoundTools nextCalls = called.isEmpty() ? offer.firstRound(left) : offer.laterRound(left);
        boolean hasRoom = hasRoom(left, nextCalls);
        if (hasRoom && next.length() > limit() && left.contextPolicy() == ContextPolicy.DROP_OLDEST) {
            before.addAll(all);
            next = shortened(next, before, left);
        }
        if (next.length() > limit()) {
            stop(round, understood, FinishReason.CONTEXT_FULL);
        } else if (hasRoom) {
            generator = generator(left, next, nextCalls);
        } else if (nextCalls.required() && invalidCall != null) {
            throw invalidCall;
        } else {
            stop(round, understood, FinishReason.MAX_TOKENS);
        }
    }

    /**
     * Drops the oldest turns of the conversation if the rest fits into the context.
     *
     * @param rendered the messages with the results of this round, those that describe errors included
     */
    private PromptTokens shortened(PromptTokens next, List<Message> rendered, Settings left) {
        FittingMessages fitting = fitting(rendered, left);
        PromptTokens prompt = fitting.prompt();
        if (prompt.length() > limit()) {
            return next;
        }
        int from = fitting.head();
        messages.subList(from, from + prompt.dropped().messages()).clear();
        return prompt;
    }

    /** Ends the answer after a round with calls. If no call was understood, the round becomes the last message. */
    private void stop(Reply round, List<ToolCall> understood, FinishReason reason) {
        if (understood.isEmpty()) {
            finish(round, reason);
        } else {
            end(round, reason);
        }
    }

    private String nextId(List<Message> errors) {
        return ToolOffer.callId(calledBefore + called.size() + errors.size() + 1);
    }

    /** Whether enough tokens are left for another round, given its constraint, if any. */
    private boolean hasRoom(Settings left, RoundTools calls) {
        Grammar form = calls.required() ? calls.grammar() : left.grammar();
        int least = form == null ? 1 : new Constrained(form, model.tokenTrie()).minimumTokens();
        return left.maxTokens() >= least;
    }

    private void cancelAfterCalls(Reply round, List<ToolCall> understood, List<Message> results) {
        if (!understood.isEmpty()) {
            messages.add(new Message(Message.Role.ASSISTANT, round.text(), round.thinking(), understood));
            messages.addAll(results);
        }
        stop(round, understood, FinishReason.CANCELLED);
    }

    /**
     * Runs a call. The listener is notified only of valid calls, and of a result, possibly a failure, for each of them.
     */
    private ToolResult run(JavaTool tool, ParsedCall parsed) {
        ToolCall call = ToolOffer.toToolCall(tool, parsed, calledBefore + called.size() + 1);
        JavaTool.Prepared prepared = tool.prepare(call);
        listener.onToolCall(call);
        ToolResult result;
        try {
            result = cancelled()
                    ? JavaTool.failed(call, new CancellationException("cancelled before the tool ran"))
                    : prepared.run();
        } catch (Error e) {
            listener.onToolResult(JavaTool.failed(call, e));
            throw e;
        }
        listener.onToolResult(result);
        return result;
    }

    /**
     * Returns the result that describes the error of a call to the model, or throws if one has been returned before.
     *
     * @param id an id that no call has, for chat templates that require one
     */
    private Message error(String id, String rawText, @Nullable String reason) {
        String problem = Optional.ofNullable(reason).orElse("it cannot be understood");
        invalidCall = new ToolCallException(rawText, problem, null);
        if (corrected) {
            throw invalidCall;
        }
        return new Message(
                Message.Role.TOOL,
                List.of(Part.text(
                        "Error: this call could not be understood: " + problem + ". Correct it and call again.")),
                "",
                List.of(),
                id,
                null);
    }

    /** The combined statistics of two rounds of one answer. */
    private static GenerationStats sum(GenerationStats one, GenerationStats next) {
        return new GenerationStats(
                next.promptTokens(),
                one.droppedMessages() + next.droppedMessages(),
                one.droppedTokens() + next.droppedTokens(),
                one.prefilledTokens() + next.prefilledTokens(),
                one.reusedTokens() + next.reusedTokens(),
                one.generatedTokens() + next.generatedTokens(),
                one.thinkingTokens() + next.thinkingTokens(),
                one.guessedTokens() + next.guessedTokens(),
                one.acceptedTokens() + next.acceptedTokens(),
                one.steps() + next.steps(),
                one.prefill().plus(next.prefill()),
                one.firstToken(),
                one.decode().plus(next.decode()),
                sum(one.images(), next.images()));
    }

    private static ImageStats sum(ImageStats one, ImageStats next) {
        return new ImageStats(
                next.uses(),
                one.encoded() + next.encoded(),
                one.cached() + next.cached(),
                one.encode().plus(next.encode()));
    }

    private void finish(Reply last, FinishReason reason) {
        messages.add(last.message());
        end(last, reason);
    }

    private void end(Reply last, FinishReason reason) {
        reply = new Reply(
                text.toString(),
                thinking.toString(),
                List.of(),
                called,
                tokens,
                logprobs,
                reason,
                Objects.requireNonNull(stats),
                last.seed());
    }

    /** The answer; it must be complete. */
    Reply reply() {
        if (reply == null) {
            throw new IllegalStateException("the answer is not complete");
        }
        return reply;
    }

    /** Converts the answer to a value, see {@link Generator#read}. */
    <T> T read(AnswerType<T> type) {
        return generator.read(type);
    }

    /** The messages of the conversation, including the answer. */
    List<Message> messages() {
        return List.copyOf(messages);
    }
}
