package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kawi.Message;
import kawi.ToolCall;
import kawi.dialect.Dialect;
import kawi.files.Excerpt;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Conversations as a model's chat template writes them.
 *
 * <p>A template need not keep what it wrote: Qwen3.5's drops the thoughts of earlier turns as soon as the next question
 * comes. So a prompt is always rendered as a whole and compared with what the model has read token by token
 * ({@link CachedSequence}); the boundaries between messages, where the comparison will end next time, are where a
 * message begins. Within one answer, between a tool's call and its result, the model goes on with the very tokens that
 * it generated: {@link #afterTools}.
 *
 * <p>Strings that come from outside are shielded wherever a template may put them: texts, thoughts, the names, keys and
 * values of calls, and the definitions of tools. None of them can become a control token.
 */
final class ChatFormat {

    private final LoadedModel model;
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final Dialect dialect;

    /** Whether the template has been seen to write tools; one look is enough. */
    private volatile boolean hasToolPlace;

    /** What has been asked of {@code thinking} and was given by the template. */
    private final Set<Boolean> thinkingSeen = ConcurrentHashMap.newKeySet();

    ChatFormat(LoadedModel model) {
        this.model = model;
        this.tokenizer = model.requireTokenizer();
        this.dialect = model.dialect();
        this.template = model.template()
                .orElseThrow(() -> new IllegalStateException(
                        "%s has no chat template; give it a raw prompt instead".formatted(model.name())));
    }

    /** The prompt for an answer to {@code messages}. */
    PromptTokens prompt(List<Message> messages, List<JavaTool> tools, @Nullable Boolean thinking) {
        String rendered = render(messages, tools, thinking, true);
        if (!tools.isEmpty() && !hasToolPlace && rendered.equals(render(messages, List.of(), thinking, true))) {
            throw new IllegalStateException(
                    "the chat template of %s does not support tools; load the model with one that does, see ModelLoader.chatTemplate"
                            .formatted(model.name()));
        }
        hasToolPlace = hasToolPlace || !tools.isEmpty();
        int[] ids = tokenizer.encodeRendered(rendered);
        if (thinking != null && !thinkingSeen.contains(thinking)) {
            checkThinking(thinking, opensThought(rendered, ids), rendered, render(messages, tools, !thinking, true));
        }
        boolean system = !tools.isEmpty() || messages.getFirst().role() == Message.Role.SYSTEM;
        List<Integer> begins = new ArrayList<>();
        for (int i = 1; i < ids.length; i++) {
            if (model.messageStarts().get(ids[i])) {
                begins.add(i);
            }
        }
        return new PromptTokens(
                ids,
                begins.stream()
                        .skip(Math.max(0, begins.size() - 2))
                        .mapToInt(Integer::intValue)
                        .toArray(),
                system && !begins.isEmpty() ? begins.getFirst() : 0,
                opensThought(rendered, ids),
                closing());
    }

    /**
     * Refuses an option that the template has no use for. A template that writes no thought either way does not think.
     */
    private void checkThinking(boolean thinking, boolean opens, String rendered, String other) {
        if (rendered.equals(other) && opens != thinking) {
            throw new IllegalStateException(
                    "the chat template of %s %s; omit thinking(%s), or load the model with another template, see ModelLoader.chatTemplate"
                            .formatted(
                                    model.name(),
                                    thinking ? "does not support thoughts" : "always begins a thought",
                                    thinking));
        }
        thinkingSeen.add(thinking);
    }

    /** What the next prompt will begin with, whatever the user says; empty if that cannot be told. */
    int[] beginning(List<Message> messages, List<JavaTool> tools, @Nullable Boolean thinking) {
        List<Message> next = new ArrayList<>(messages);
        next.add(Message.user("?"));
        PromptTokens prompt = prompt(next, tools, thinking);
        int[] boundaries = prompt.boundaries();
        return boundaries.length < 2 ? new int[0] : Arrays.copyOf(prompt.ids(), boundaries[0]);
    }

    /**
     * The prompt that goes on after tools have run.
     *
     * @param sequence what the model has read and generated so far, without an end token
     * @param messages the conversation, ending with the assistant's message that has the calls
     * @param results what the tools gave
     * @return as rendered from the beginning if the template does not end the assistant's message with an end token and
     *     then go on
     */
    PromptTokens afterTools(
            int[] sequence,
            List<Message> messages,
            List<Message> results,
            List<JavaTool> tools,
            @Nullable Boolean thinking) {
        List<Message> all = new ArrayList<>(messages);
        all.addAll(results);
        int[] before = tokenizer.encodeRendered(render(messages, tools, thinking, false));
        String rendered = render(all, tools, thinking, true);
        int[] after = tokenizer.encodeRendered(rendered);
        int end = lastVisible(before);
        int differs = Arrays.mismatch(before, after);
        if (end < 0 || !model.endTokens().contains(before[end]) || (differs >= 0 && differs <= end)) {
            return prompt(all, tools, thinking);
        }
        int added = after.length - end;
        int[] ids = Arrays.copyOf(sequence, sequence.length + added);
        System.arraycopy(after, end, ids, sequence.length, added);
        return new PromptTokens(ids, new int[0], 0, opensThought(rendered, ids), closing());
    }

    /**
     * Whether a prompt ends with the tag that begins a thought, and white space. Where the tag is a token, the same
     * text in a message is not taken for it.
     */
    private boolean opensThought(String rendered, int[] ids) {
        return dialect.thoughts()
                .filter(tags -> opensThought(tags.begin(), rendered, ids))
                .isPresent();
    }

    private boolean opensThought(String tag, String rendered, int[] ids) {
        OptionalInt token = tokenizer.id(tag);
        if (token.isEmpty()) {
            return rendered.stripTrailing().endsWith(tag);
        }
        int last = lastVisible(ids);
        return last >= 0 && ids[last] == token.getAsInt();
    }

    /** Where the last token is that is more than white space, or -1. */
    private int lastVisible(int[] ids) {
        int last = ids.length - 1;
        while (last >= 0 && tokenizer.text(ids[last]).isBlank()) {
            last--;
        }
        return last;
    }

    private int @Nullable [] closing() {
        return dialect.thoughts()
                .map(tags -> tokenizer.encodeRendered(tags.closing()))
                .orElse(null);
    }

    private String render(List<Message> messages, List<JavaTool> tools, @Nullable Boolean thinking, boolean answer) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("messages", messages.stream().map(this::variables).toList());
        if (!tools.isEmpty()) {
            variables.put(
                    "tools",
                    tools.stream().map(tool -> shield(tool.definition())).toList());
        }
        variables.put("add_generation_prompt", answer);
        if (thinking != null) {
            variables.putAll(dialect.thinking(thinking));
        }
        try {
            return template.render(variables);
        } catch (TemplateException e) {
            throw new IllegalArgumentException(
                    e.raised()
                            ? "the chat template of %s refuses these messages: %s".formatted(model.name(), e.problem())
                            : "the messages cannot be written: " + e.getMessage(),
                    e);
        }
    }

    private Map<String, Object> variables(Message message) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put(
                "role",
                message.role() == Message.Role.TOOL
                        ? dialect.toolRole()
                        : message.role().name().toLowerCase(Locale.ROOT));
        variables.put("content", tokenizer.shield(message.text()));
        if (message.role() == Message.Role.ASSISTANT) {
            variables.put("reasoning_content", tokenizer.shield(message.thinking()));
        }
        if (!message.toolCalls().isEmpty()) {
            variables.put(
                    "tool_calls",
                    message.toolCalls().stream().map(this::variables).toList());
        }
        if (message.toolCallId() != null) {
            variables.put("tool_call_id", tokenizer.shield(message.toolCallId()));
        }
        if (message.name() != null) {
            variables.put("name", tokenizer.shield(message.name()));
        }
        return variables;
    }

    private Map<String, Object> variables(ToolCall call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", tokenizer.shield(call.name()));
        function.put("arguments", shield(arguments(call)));
        return Map.of("id", tokenizer.shield(call.id()), "type", "function", "function", function);
    }

    private static @Nullable Object arguments(ToolCall call) {
        JsonValue arguments;
        try {
            arguments = JsonSyntax.STRICT.parse(call.arguments());
        } catch (JsonException e) {
            throw new IllegalArgumentException(
                    "the arguments of the call %s of tool %s are not JSON: %s; give an object such as {\"city\": \"Rome\"}"
                            .formatted(call.id(), call.name(), e.getMessage()));
        }
        if (!arguments.isObject()) {
            throw new IllegalArgumentException(
                    "the arguments of the call %s of tool %s are no JSON object, but %s; give one such as {\"city\": \"Rome\"}"
                            .formatted(call.id(), call.name(), Excerpt.of(arguments.toString())));
        }
        return arguments.toJava();
    }

    /** The same with every string in it shielded. */
    private @Nullable Object shield(@Nullable Object value) {
        return switch (value) {
            case String text -> tokenizer.shield(text);
            case Map<?, ?> map -> {
                Map<String, Object> shielded = new LinkedHashMap<>();
                map.forEach((key, item) -> shielded.put(tokenizer.shield(String.valueOf(key)), shield(item)));
                yield shielded;
            }
            case List<?> list -> list.stream().map(this::shield).toList();
            case null, default -> value;
        };
    }
}
