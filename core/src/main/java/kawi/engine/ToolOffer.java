package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
import kawi.reply.OfferedTools;
import kawi.reply.ParsedCall;
import kawi.schema.MismatchException;
import org.jspecify.annotations.Nullable;

/** The tools that an answer may call, and the constraints that follow from the tool choice. */
final class ToolOffer {

    private static final Pattern CALL_ID = Pattern.compile("call([0-9]{5,9})");

    private final LoadedModel model;
    private final List<JavaTool> tools;
    private final Map<String, JavaTool> byName;
    private final ToolChoice choice;
    private final boolean parallel;

    /**
     * @throws IllegalStateException if a tool must be called and there is none
     * @throws IllegalArgumentException if the tool that must be called does not exist
     */
    ToolOffer(LoadedModel model, List<JavaTool> tools, ToolUse use) {
        this.model = model;
        this.tools = tools;
        this.byName = JavaTool.byName(tools);
        this.choice = use.choice();
        this.parallel = use.parallel();
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

    /** The names of all tools, for messages. */
    String names() {
        return String.join(", ", byName.keySet());
    }

    boolean mayCall() {
        return !(choice instanceof ToolChoice.None) && !tools.isEmpty();
    }

    /** The tools of which one must be called first, empty if no call is required. */
    private List<JavaTool> required() {
        return switch (choice) {
            case ToolChoice.Auto auto -> List.of();
            case ToolChoice.None none -> List.of();
            case ToolChoice.Required any -> tools;
            case ToolChoice.Named one -> List.of(byName.get(one.tool()));
        };
    }

    /** How tools may be used in the first round of an answer, which must make a required call. */
    RoundTools firstRound(Settings settings) {
        List<JavaTool> required = required();
        return required.isEmpty() ? laterRound(settings) : required(settings, required);
    }

    private RoundTools required(Settings settings, List<JavaTool> required) {
        if (settings.grammar() != null) {
            throw new IllegalStateException("an answer cannot both be a call of a tool and have a form of its own");
        }
        return new RoundTools(offered(), grammar(required), true);
    }

    /** How tools may be used in a round after results. */
    RoundTools laterRound(Settings settings) {
        boolean formed = settings.grammar() != null && mayCall();
        return new RoundTools(offered(), formed ? grammar(tools) : null, false);
    }

    /**
     * How tools may be used in an answer whose calls are returned. Such calls are not corrected in another round, so
     * they are constrained to the schema where it can be enforced.
     */
    RoundTools onlyRound(Settings settings) {
        List<JavaTool> required = required();
        if (!required.isEmpty()) {
            return required(settings, required);
        }
        if (!mayCall()) {
            return new RoundTools(offered(), null, false);
        }
        return new RoundTools(offered(), settings.grammar() == null ? grammarIfPossible() : grammar(tools), false);
    }

    private @Nullable Grammar grammarIfPossible() {
        try {
            return grammar(tools);
        } catch (IllegalArgumentException e) { // a schema that cannot be enforced is still validated
            return null;
        }
    }

    private Grammar grammar(List<JavaTool> callable) {
        List<ToolSignature> signatures = callable.stream()
                .map(tool -> new ToolSignature(tool.name(), tool.parametersSchema()))
                .toList();
        return model.grammar(new GrammarForm.ToolCalls(model.callSyntax(), signatures, parallel));
    }

    /** Returns the settings of an answer. If tools must not be called, the token that begins a call is excluded. */
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

    private OfferedTools offered() {
        return new OfferedTools(tools.stream().collect(Collectors.toMap(JavaTool::name, JavaTool::parameterNames)));
    }

    /** Whether a round has calls, including malformed ones. */
    boolean hasCalled(Generator round) {
        return mayCall() && !(round.calls().isEmpty() && round.malformed().isEmpty());
    }

    /**
     * The number of the last call in messages, after which the next one is numbered. It is more than the count of the
     * calls if earlier messages are missing.
     */
    static int lastNumber(List<Message> messages) {
        int last = 0;
        for (Message message : messages) {
            for (ToolCall call : message.toolCalls()) {
                last = Math.max(last + 1, number(call.id()));
            }
            String answered = message.toolCallId();
            last = answered == null ? last : Math.max(last, number(answered));
        }
        return last;
    }

    private static int number(String id) {
        Matcher known = CALL_ID.matcher(id);
        return known.matches() ? Integer.parseInt(known.group(1)) : 0;
    }

    /**
     * Converts a parsed call.
     *
     * @param number identifies the call within the conversation
     * @throws MismatchException if its arguments do not conform to the schema
     */
    static ToolCall toToolCall(JavaTool tool, ParsedCall parsed, int number) {
        String arguments = switch (parsed.arguments()) {
            case ParsedCall.Parameters parameters -> tool.arguments(parameters.values());
            case ParsedCall.Json json -> tool.arguments(json.object());
        };
        return new ToolCall(callId(number), tool.name(), arguments);
    }

    /**
     * The id of a call: nine letters and digits, because some chat templates require that.
     *
     * @param number identifies the call within the conversation
     */
    static String callId(int number) {
        return String.format(Locale.ROOT, "call%05d", number);
    }

    /** The error message for a call of an unknown tool. */
    String unknown(String name) {
        return "there is no tool %s; there is %s".formatted(name, names());
    }

    /**
     * Returns the answer of a round, including its calls.
     *
     * @param before the number of calls in the conversation before it
     * @throws ToolCallException if one cannot be understood
     */
    Reply returned(Generator round, int before, ReplyListener listener) {
        Reply reply = round.reply();
        if (reply.finishReason() != FinishReason.END || !hasCalled(round)) {
            return reply;
        }
        List<ToolCall> calls = new ArrayList<>();
        // Without a grammar the model may have made more than one call.
        List<ParsedCall> counted = parallel
                ? round.calls()
                : round.calls().subList(0, Math.min(1, round.calls().size()));
        for (ParsedCall parsed : counted) {
            JavaTool tool = find(parsed.name());
            if (tool == null) {
                throw new ToolCallException(parsed.rawText(), unknown(parsed.name()), null);
            }
            try {
                calls.add(toToolCall(tool, parsed, before + calls.size() + 1));
            } catch (MismatchException e) {
                throw new ToolCallException(parsed.rawText(), String.valueOf(e.getMessage()), e);
            }
        }
        for (MalformedCall malformed : parallel || calls.isEmpty() ? round.malformed() : List.<MalformedCall>of()) {
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
