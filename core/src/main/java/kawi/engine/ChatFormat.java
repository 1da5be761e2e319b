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
import kawi.tokenizer.OriginText;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Conversations as a model's chat template writes them.
 *
 * <p>A template may render earlier messages differently later: Qwen3.5's drops the thoughts of earlier turns once the
 * next question is added. A prompt is therefore always rendered as a whole and compared token by token with what the
 * model has processed ({@link CachedSequence}). Boundaries, at which the next comparison is expected to end, are at the
 * beginnings of messages. Within one answer, between a tool call and its result, the model continues from the tokens
 * that it generated: {@link #afterTools}.
 *
 * <p>The template sees the texts as they are, and the prompt knows the origin of each of its characters
 * ({@link OriginText}). Texts, thoughts, the names, keys and values of calls, and the definitions of tools are from
 * outside: none of them can become a control token, wherever a template inserts them. Roles are the template's own.
 */
final class ChatFormat {

    private final LoadedModel model;
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final Dialect dialect;

    /** Whether the template is known to render tools. */
    private volatile boolean hasToolPlace;

    /** The values of {@code thinking} that the template is known to support. */
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
        OriginText rendered = render(messages, tools, thinking, true);
        if (!tools.isEmpty() && !hasToolPlace && same(rendered, render(messages, List.of(), thinking, true))) {
            throw new IllegalStateException(
                    "the chat template of %s does not support tools; load the model with one that does, see ModelLoader.chatTemplate"
                            .formatted(model.name()));
        }
        hasToolPlace = hasToolPlace || !tools.isEmpty();
        int[] ids = tokenizer.encode(rendered);
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
     * Rejects the option if the template does not support it. A template that renders no thought with either value does
     * not support thinking.
     */
    private void checkThinking(boolean thinking, boolean opens, OriginText rendered, OriginText other) {
        if (same(rendered, other) && opens != thinking) {
            throw new IllegalStateException(
                    "the chat template of %s %s; omit thinking(%s), or load the model with another template, see ModelLoader.chatTemplate"
                            .formatted(
                                    model.name(),
                                    thinking ? "does not support thoughts" : "always begins a thought",
                                    thinking));
        }
        thinkingSeen.add(thinking);
    }

    private static boolean same(OriginText one, OriginText other) {
        return one.toString().equals(other.toString());
    }

    /** The tokens with which the next prompt begins whatever its message is; empty if they cannot be determined. */
    int[] beginning(List<Message> messages, List<JavaTool> tools, @Nullable Boolean thinking) {
        List<Message> next = new ArrayList<>(messages);
        next.add(Message.user("?"));
        PromptTokens prompt = prompt(next, tools, thinking);
        int[] boundaries = prompt.boundaries();
        return boundaries.length < 2 ? new int[0] : Arrays.copyOf(prompt.ids(), boundaries[0]);
    }

    /**
     * The prompt that continues an answer after tools have run.
     *
     * @param sequence the tokens processed and generated so far, without an end token
     * @param messages the conversation, ending with the assistant's message that has the calls
     * @param results the results of the tools
     * @return the prompt rendered from the beginning, if the template does not continue after an end token of the
     *     assistant's message
     */
    PromptTokens afterTools(
            int[] sequence,
            List<Message> messages,
            List<Message> results,
            List<JavaTool> tools,
            @Nullable Boolean thinking) {
        List<Message> all = new ArrayList<>(messages);
        all.addAll(results);
        int[] before = tokenizer.encode(render(messages, tools, thinking, false));
        OriginText rendered = render(all, tools, thinking, true);
        int[] after = tokenizer.encode(rendered);
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
     * Whether a prompt ends with the tag that begins a thought, and white space. If the tag is a token, the same text
     * in a message is not recognized as the tag.
     */
    private boolean opensThought(OriginText rendered, int[] ids) {
        return dialect.thoughts()
                .filter(tags -> opensThought(tags.begin(), rendered, ids))
                .isPresent();
    }

    private boolean opensThought(String tag, OriginText rendered, int[] ids) {
        OptionalInt token = tokenizer.id(tag);
        if (token.isEmpty()) {
            String visible = rendered.toString().stripTrailing();
            return visible.endsWith(tag)
                    && rendered.substring(visible.length() - tag.length(), visible.length())
                            .isOfTemplate();
        }
        int last = lastVisible(ids);
        return last >= 0 && ids[last] == token.getAsInt();
    }

    /** The index of the last token that is not white space, or -1. */
    private int lastVisible(int[] ids) {
        int last = ids.length - 1;
        while (last >= 0 && tokenizer.text(ids[last]).isBlank()) {
            last--;
        }
        return last;
    }

    private int @Nullable [] closing() {
        return dialect.thoughts()
                .map(tags -> tokenizer.encodeWithSpecials(tags.closing()))
                .orElse(null);
    }

    private OriginText render(List<Message> messages, List<JavaTool> tools, @Nullable Boolean thinking, boolean answer) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("messages", messages.stream().map(this::variables).toList());
        if (!tools.isEmpty()) {
            variables.put(
                    "tools",
                    tools.stream().map(JavaTool::definition).toList());
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
                OriginText.ofTemplate(
                        message.role() == Message.Role.TOOL
                                ? dialect.toolRole()
                                : message.role().name().toLowerCase(Locale.ROOT)));
        variables.put("content", message.text());
        if (message.role() == Message.Role.ASSISTANT) {
            variables.put("reasoning_content", message.thinking());
        }
        if (!message.toolCalls().isEmpty()) {
            variables.put(
                    "tool_calls",
                    message.toolCalls().stream().map(ChatFormat::variables).toList());
        }
        if (message.toolCallId() != null) {
            variables.put("tool_call_id", message.toolCallId());
        }
        if (message.name() != null) {
            variables.put("name", message.name());
        }
        return variables;
    }

    private static Map<String, Object> variables(ToolCall call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", arguments(call));
        return Map.of("id", call.id(), "type", "function", "function", function);
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
}
