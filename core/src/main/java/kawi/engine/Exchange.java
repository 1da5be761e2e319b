package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import kawi.FinishReason;
import kawi.GenerationStats;
import kawi.Message;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.ToolCall;
import kawi.ToolCallException;
import kawi.ToolChoice;
import kawi.ToolResult;
import kawi.constraint.Grammar;
import kawi.constraint.ToolSignature;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.schema.AnswerType;
import kawi.schema.MismatchException;
import org.jspecify.annotations.Nullable;

/**
 * One answer in a conversation: rounds of generation with the results of tools in between.
 *
 * <p>A call that cannot be understood (malformed, no such tool, wrong arguments) goes back to the model once, as a result that says what is
 * wrong; the second time it is the caller's.
 */
final class Exchange {

    private final LoadedModel model;
    private final ChatFormat format;
    private final ConversationBuilder.Start options;
    private final Map<String, JavaTool> tools;
    private final ConversationTurn turn;
    private final CachedSequence sequence;
    private final ReplyListener listener;
    private final List<Message> messages;
    private final List<ToolResult> called = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final List<Integer> tokens = new ArrayList<>();
    private Generator generator;
    private int rounds;
    private boolean corrected;
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
        this.tools = JavaTool.byName(options.tools());
        this.turn = turn;
        this.messages = new ArrayList<>(messages);
        this.sequence = sequence;
        this.listener = listener;
        this.generator = generator(format.prompt(messages, options.tools(), turn.settings.thinking()), required());
    }

    private Generator generator(PromptTokens prompt, List<JavaTool> required) {
        Settings settings = turn.settings;
        Generator.Calls calls;
        if (!required.isEmpty()) {
            if (settings.grammar() != null) {
                throw new IllegalStateException("an answer cannot both be a call of a tool and have a form of its own");
            }
            calls = new Generator.Calls(true, grammar(required), true);
        } else {
            calls = new Generator.Calls(
                    !tools.isEmpty(), settings.grammar() != null && mayCall() ? grammar(options.tools()) : null, false);
        }
        return new Generator(
                model, mayCall() ? settings : withoutCalls(settings), prompt, true, calls, sequence, listener);
    }

    private Grammar grammar(List<JavaTool> callable) {
        List<ToolSignature> signatures = callable.stream()
                .map(tool -> new ToolSignature(tool.name(), tool.parametersSchema()))
                .toList();
        return model.grammar("calls " + signatures, () -> Grammar.toolCalls(model.callSyntax(), signatures, true));
    }

    /** Tools of which one must be called before anything else is said. */
    private List<JavaTool> required() {
        return switch (turn.toolChoice()) {
            case ToolChoice.Auto auto -> List.of();
            case ToolChoice.None none -> List.of();
            case ToolChoice.Required any -> options.tools();
            case ToolChoice.Named one -> List.of(named(one.tool()));
        };
    }

    private JavaTool named(String name) {
        JavaTool tool = tools.get(name);
        if (tool == null) {
            throw new IllegalArgumentException("the choice of tools names %s, which is not among those offered: %s"
                    .formatted(name, String.join(", ", tools.keySet())));
        }
        return tool;
    }

    private boolean mayCall() {
        return !(turn.toolChoice() instanceof ToolChoice.None) && !tools.isEmpty();
    }

    /** A model that knows of tools and must not call any cannot even begin. */
    private Settings withoutCalls(Settings settings) {
        OptionalInt opener = tools.isEmpty()
                ? OptionalInt.empty()
                : model.requireTokenizer().id(model.callSyntax().begin());
        return opener.isEmpty()
                ? settings
                : settings.with(draft ->
                        draft.processors.add((history, logits) -> logits[opener.getAsInt()] = Float.NEGATIVE_INFINITY));
    }

    /** Generates a token, or runs tools; false when the answer is complete. */
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
        stats = stats == null ? round.stats() : sum(stats, round.stats());
        List<ParsedCall> calls = calls();
        MalformedCall malformed = generator.malformed();
        boolean wanted = mayCall() && (!calls.isEmpty() || (malformed != null && !malformed.inThought()));
        if (round.finishReason() != FinishReason.END || !wanted) {
            finish(round, round.finishReason());
            return false;
        }
        if (rounds++ == options.maxToolRounds()) {
            finish(round, FinishReason.TOOL_LIMIT);
            return false;
        }
        run(round, calls, malformed);
        return reply == null;
    }

    /** Has the answer end, in the next step, where it is. */
    void cancel() {
        cancelled = true;
    }

    private boolean cancelled() {
        return cancelled || turn.settings.cancelled() || sequence.closed();
    }

    /** A model may rehearse in its thought what it then calls. */
    private List<ParsedCall> calls() {
        List<ParsedCall> calls = generator.calls();
        List<ParsedCall> afterThought =
                calls.stream().filter(call -> !call.inThought()).toList();
        return afterThought.isEmpty() ? calls : afterThought;
    }

    private void run(Reply round, List<ParsedCall> calls, @Nullable MalformedCall malformed) {
        List<ToolCall> understood = new ArrayList<>();
        List<Message> results = new ArrayList<>();
        List<Message> complaints = new ArrayList<>();
        for (ParsedCall call : calls) {
            if (cancelled()) {
                break;
            }
            JavaTool tool = tools.get(call.name());
            if (tool == null) {
                complaints.add(complaint(
                        call.rawText(),
                        "there is no tool %s; there is %s".formatted(call.name(), String.join(", ", tools.keySet()))));
                continue;
            }
            try {
                ToolResult result = run(tool, call);
                called.add(result);
                understood.add(result.call());
                results.add(toolMessage(result.text()));
            } catch (MismatchException e) {
                complaints.add(complaint(call.rawText(), e.getMessage()));
            }
        }
        if (cancelled()) {
            cancelAfterCalls(round, understood, results);
            return;
        }
        if (malformed != null) {
            complaints.add(complaint(malformed.rawText(), malformed.reason()));
        }
        Message said = new Message(Message.Role.ASSISTANT, round.text(), round.thinking(), understood);
        List<Message> before = new ArrayList<>(messages);
        before.add(said);
        List<Message> all = new ArrayList<>(results);
        all.addAll(complaints);
        PromptTokens next =
                format.afterTools(generator.allTokens(), before, all, options.tools(), turn.settings.thinking());
        if (!understood.isEmpty()) {
            messages.add(said);
            messages.addAll(results);
        }
        corrected |= !complaints.isEmpty();
        if (next.ids().length > model.contextLength()) {
            end(round, FinishReason.CONTEXT_FULL);
        } else {
            // Whoever requires a call still waits for one that can be used.
            generator = generator(next, called.isEmpty() ? required() : List.of());
        }
    }

    private void cancelAfterCalls(Reply round, List<ToolCall> understood, List<Message> results) {
        if (understood.isEmpty()) {
            finish(round, FinishReason.CANCELLED);
        } else {
            messages.add(new Message(Message.Role.ASSISTANT, round.text(), round.thinking(), understood));
            messages.addAll(results);
            end(round, FinishReason.CANCELLED);
        }
    }

    /** Nothing is announced before it is known to be usable, and what is announced has a result, if only a failure. */
    private ToolResult run(JavaTool tool, ParsedCall parsed) {
        String arguments = switch (parsed.arguments()) {
            case ParsedCall.Parameters parameters -> tool.arguments(parameters.values());
            case ParsedCall.Json json -> tool.arguments(json.object());
        };
        ToolCall call = new ToolCall("call-" + (called.size() + 1), tool.name(), arguments);
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

    /** The result that tells the model what is wrong with its call, unless it has been told before. */
    private Message complaint(String rawText, @Nullable String reason) {
        String problem = Optional.ofNullable(reason).orElse("it cannot be understood");
        if (corrected) {
            throw new ToolCallException(rawText, problem, null);
        }
        return toolMessage("Error: this call could not be understood: " + problem + ". Correct it and call again.");
    }

    /** The cost of two rounds of one answer. */
    private static GenerationStats sum(GenerationStats one, GenerationStats next) {
        return new GenerationStats(
                next.promptTokens(),
                one.prefilledTokens() + next.prefilledTokens(),
                one.reusedTokens() + next.reusedTokens(),
                one.generatedTokens() + next.generatedTokens(),
                one.thinkingTokens() + next.thinkingTokens(),
                one.prefill().plus(next.prefill()),
                one.firstToken(),
                one.decode().plus(next.decode()));
    }

    private static Message toolMessage(String text) {
        return new Message(Message.Role.TOOL, text, "", List.of());
    }

    private void finish(Reply last, FinishReason reason) {
        messages.add(new Message(Message.Role.ASSISTANT, last.text(), last.thinking(), List.of()));
        end(last, reason);
    }

    private void end(Reply last, FinishReason reason) {
        reply = new Reply(
                text.toString(),
                thinking.toString(),
                called,
                tokens,
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

    /** The answer as a value, see {@link Generator#read}. */
    <T> T read(AnswerType<T> type) {
        return generator.read(type);
    }

    /** The conversation with the answer. */
    List<Message> messages() {
        return List.copyOf(messages);
    }
}
