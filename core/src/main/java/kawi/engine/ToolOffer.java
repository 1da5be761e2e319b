package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import kawi.FinishReason;
import kawi.Message;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.ToolCall;
import kawi.ToolCallException;
import kawi.ToolChoice;
import kawi.constraint.Grammar;
import kawi.constraint.GrammarForm;
import kawi.constraint.ToolSignature;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.schema.MismatchException;
import org.jspecify.annotations.Nullable;

/** The tools that an answer may call, and what follows from the choice among them. */
final class ToolOffer {

    private final LoadedModel model;
    private final List<JavaTool> tools;
    private final Map<String, JavaTool> byName;
    private final ToolChoice choice;

    /**
     * @throws IllegalStateException if one must be called and there is none
     * @throws IllegalArgumentException if the one that must be called is not there
     */
    ToolOffer(LoadedModel model, List<JavaTool> tools, ToolChoice choice) {
        this.model = model;
        this.tools = tools;
        this.byName = JavaTool.byName(tools);
        this.choice = choice;
        if (tools.isEmpty() && (choice instanceof ToolChoice.Required || choice instanceof ToolChoice.Named)) {
            throw new IllegalStateException(
                    "the choice of tools is %s, but there are no tools; add some, or omit the choice"
                            .formatted(
                                    choice instanceof ToolChoice.Named named
                                            ? "named(" + named.tool() + ")"
                                            : "required()"));
        }
        if (choice instanceof ToolChoice.Named named && !byName.containsKey(named.tool())) {
            throw new IllegalArgumentException("the choice of tools names %s, which is not among those offered: %s"
                    .formatted(named.tool(), names()));
        }
    }

    @Nullable JavaTool find(String name) {
        return byName.get(name);
    }

    /** The names of all, for messages. */
    String names() {
        return String.join(", ", byName.keySet());
    }

    boolean mayCall() {
        return !(choice instanceof ToolChoice.None) && !tools.isEmpty();
    }

    /** Tools of which one must be called before anything else is said. */
    private List<JavaTool> required() {
        return switch (choice) {
            case ToolChoice.Auto auto -> List.of();
            case ToolChoice.None none -> List.of();
            case ToolChoice.Required any -> tools;
            case ToolChoice.Named one -> List.of(byName.get(one.tool()));
        };
    }

    /** The part of tools in the first round of an answer, which must call what is required. */
    Generator.Calls firstRound(Settings settings) {
        List<JavaTool> required = required();
        return required.isEmpty() ? laterRound(settings) : required(settings, required);
    }

    private Generator.Calls required(Settings settings, List<JavaTool> required) {
        if (settings.grammar() != null) {
            throw new IllegalStateException("an answer cannot both be a call of a tool and have a form of its own");
        }
        return new Generator.Calls(true, grammar(required), true);
    }

    /** The part of tools in a round after results. */
    Generator.Calls laterRound(Settings settings) {
        boolean formed = settings.grammar() != null && mayCall();
        return new Generator.Calls(!tools.isEmpty(), formed ? grammar(tools) : null, false);
    }

    /**
     * The part of tools in an answer whose calls are returned: nobody corrects them, so they are built to fit where the
     * schema allows.
     */
    Generator.Calls onlyRound(Settings settings) {
        List<JavaTool> required = required();
        if (!required.isEmpty()) {
            return required(settings, required);
        }
        if (!mayCall()) {
            return new Generator.Calls(!tools.isEmpty(), null, false);
        }
        return new Generator.Calls(true, settings.grammar() == null ? grammarIfPossible() : grammar(tools), false);
    }

    private @Nullable Grammar grammarIfPossible() {
        try {
            return grammar(tools);
        } catch (IllegalArgumentException e) { // a schema that cannot be enforced can still be checked
            return null;
        }
    }

    private Grammar grammar(List<JavaTool> callable) {
        List<ToolSignature> signatures = callable.stream()
                .map(tool -> new ToolSignature(tool.name(), tool.parametersSchema()))
                .toList();
        return model.grammar(new GrammarForm.ToolCalls(model.callSyntax(), signatures, true));
    }

    /** The settings of an answer: a model that knows of tools and must not call any cannot even begin. */
    Settings restrict(Settings settings) {
        if (tools.isEmpty()) {
            return settings;
        }
        if (settings.ignoreEnd()) {
            throw new IllegalStateException("a call of a tool has an end; ignoreEnd() cannot be combined with tools");
        }
        OptionalInt opener = model.requireTokenizer().id(model.callSyntax().begin());
        return mayCall() || opener.isEmpty()
                ? settings
                : settings.with(draft ->
                        draft.processors.add((history, logits) -> logits[opener.getAsInt()] = Float.NEGATIVE_INFINITY));
    }

    /** The calls of a round that count: a model may rehearse in its thought what it then calls. */
    static List<ParsedCall> calls(Generator round) {
        List<ParsedCall> calls = round.calls();
        List<ParsedCall> afterThought =
                calls.stream().filter(call -> !call.inThought()).toList();
        return afterThought.isEmpty() ? calls : afterThought;
    }

    /** Whether the model has called something, or tried to. */
    boolean hasCalled(Generator round) {
        MalformedCall malformed = round.malformed();
        return mayCall() && (!round.calls().isEmpty() || (malformed != null && !malformed.inThought()));
    }

    /** How many calls there are in messages, which numbers the next. */
    static int count(List<Message> messages) {
        return messages.stream().mapToInt(message -> message.toolCalls().size()).sum();
    }

    /**
     * A call, understood.
     *
     * @param number tells it from others of the conversation
     * @throws MismatchException if its arguments do not fit
     */
    static ToolCall understood(JavaTool tool, ParsedCall parsed, int number) {
        String arguments = switch (parsed.arguments()) {
            case ParsedCall.Parameters parameters -> tool.arguments(parameters.values());
            case ParsedCall.Json json -> tool.arguments(json.object());
        };
        return new ToolCall("call-" + number, tool.name(), arguments);
    }

    /** What is wrong with a call of a tool that there is not. */
    String unknown(String name) {
        return "there is no tool %s; there is %s".formatted(name, names());
    }

    /**
     * The answer of a round, with its calls.
     *
     * @param before calls in the conversation before it
     * @throws ToolCallException if one cannot be understood
     */
    Reply returned(Generator round, int before, ReplyListener listener) {
        Reply reply = round.reply();
        if (reply.finishReason() != FinishReason.END || !hasCalled(round)) {
            return reply;
        }
        List<ToolCall> calls = new ArrayList<>();
        for (ParsedCall parsed : calls(round)) {
            JavaTool tool = find(parsed.name());
            if (tool == null) {
                throw new ToolCallException(parsed.rawText(), unknown(parsed.name()), null);
            }
            try {
                calls.add(understood(tool, parsed, before + calls.size() + 1));
            } catch (MismatchException e) {
                throw new ToolCallException(parsed.rawText(), String.valueOf(e.getMessage()), e);
            }
        }
        MalformedCall malformed = round.malformed();
        if (malformed != null) {
            throw new ToolCallException(malformed.rawText(), malformed.reason(), null);
        }
        calls.forEach(listener::onToolCall);
        return new Reply(
                reply.text(),
                reply.thinking(),
                calls,
                List.of(),
                reply.tokens(),
                reply.logprobs(),
                FinishReason.TOOL_CALLS,
                reply.stats(),
                reply.seed());
    }
}
