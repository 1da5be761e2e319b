package kawi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kawi.files.Excerpt;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import kawi.template.ChatTemplate;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Conversations as a model's chat template writes them.
 *
 * <p>A template need not keep what it wrote: Qwen3.5's drops the thoughts of earlier turns as soon as the next question comes. So a prompt
 * is always rendered as a whole and compared with what the model has read token by token ({@link CachedSequence}); the boundaries between
 * messages, where the comparison will end next time, are where a message begins. Within one answer, between a tool's call and its result,
 * the model goes on with the very tokens that it generated: {@link #afterTools}.
 */
final class ChatFormat {

    private static final String THOUGHT_BEGIN = "<think>";
    private static final String THOUGHT_END = "</think>";

    private final Model model;
    private final ChatTemplate template;
    private final Tokenizer tokenizer;

    /** Whether the template has been seen to write tools; one look is enough. */
    private boolean hasToolPlace;

    ChatFormat(Model model) {
        this.model = model;
        this.tokenizer = model.requireTokenizer();
        this.template = model.template()
                .orElseThrow(() -> new IllegalStateException(
                        "%s has no chat template; give it a raw prompt instead".formatted(model.name())));
    }

    /** The prompt for an answer to {@code messages}. */
    PromptTokens prompt(List<Message> messages, List<Tool> tools, @Nullable Boolean thinking) {
        String rendered = render(messages, tools, thinking, true);
        if (!tools.isEmpty() && !hasToolPlace && rendered.equals(render(messages, List.of(), thinking, true))) {
            throw new IllegalStateException(
                    "the chat template of %s has no place for tools; load the model with one that has, see ModelLoader.chatTemplate"
                            .formatted(model.name()));
        }
        hasToolPlace |= !tools.isEmpty();
        int[] ids = tokenizer.encodeRendered(rendered);
        boolean system = !tools.isEmpty() || messages.getFirst().role() == Message.Role.SYSTEM;
        List<Integer> begins = new ArrayList<>();
        model.messageStart().ifPresent(start -> {
            for (int i = 1; i < ids.length; i++) {
                if (ids[i] == start) {
                    begins.add(i);
                }
            }
        });
        return new PromptTokens(
                ids,
                begins.stream()
                        .skip(Math.max(0, begins.size() - 2))
                        .mapToInt(Integer::intValue)
                        .toArray(),
                system && !begins.isEmpty() ? begins.getFirst() : 0,
                rendered.stripTrailing().endsWith(THOUGHT_BEGIN),
                closing());
    }

    /** What the next prompt will begin with, whatever the user says; empty if that cannot be told. */
    int[] beginning(List<Message> messages, List<Tool> tools, @Nullable Boolean thinking) {
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
     * @return as rendered from the beginning if the template does not simply go on
     */
    PromptTokens afterTools(
            int[] sequence,
            List<Message> messages,
            List<Message> results,
            List<Tool> tools,
            @Nullable Boolean thinking) {
        List<Message> all = new ArrayList<>(messages);
        all.addAll(results);
        String before = render(messages, tools, thinking, false);
        String after = render(all, tools, thinking, true);
        int end = -1;
        for (String token : model.endTexts()) {
            end = Math.max(end, before.lastIndexOf(token));
        }
        if (end < 0 || !after.startsWith(before)) {
            return prompt(all, tools, thinking);
        }
        int[] added = tokenizer.encodeRendered(after.substring(end));
        int[] ids = Arrays.copyOf(sequence, sequence.length + added.length);
        System.arraycopy(added, 0, ids, sequence.length, added.length);
        return new PromptTokens(ids, new int[0], 0, after.stripTrailing().endsWith(THOUGHT_BEGIN), closing());
    }

    private int @Nullable [] closing() {
        return tokenizer.id(THOUGHT_END).isPresent() ? tokenizer.encodeRendered("\n" + THOUGHT_END + "\n\n") : null;
    }

    private String render(List<Message> messages, List<Tool> tools, @Nullable Boolean thinking, boolean answer) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("messages", messages.stream().map(this::variables).toList());
        if (!tools.isEmpty()) {
            variables.put(
                    "tools",
                    tools.stream().map(tool -> shield(tool.definition())).toList());
        }
        variables.put("add_generation_prompt", answer);
        if (thinking != null) {
            variables.put("enable_thinking", thinking);
        }
        return template.render(variables);
    }

    private Map<String, Object> variables(Message message) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("role", message.role().name().toLowerCase(Locale.ROOT));
        variables.put("content", tokenizer.shield(message.text()));
        if (message.role() == Message.Role.ASSISTANT) {
            variables.put("reasoning_content", tokenizer.shield(message.thinking()));
        }
        if (!message.toolCalls().isEmpty()) {
            variables.put(
                    "tool_calls",
                    message.toolCalls().stream()
                            .map(call -> Map.of(
                                    "type",
                                    "function",
                                    "function",
                                    Map.of("name", call.name(), "arguments", shield(arguments(call)))))
                            .toList());
        }
        return variables;
    }

    private static @Nullable Object arguments(ToolCall call) {
        JsonValue arguments;
        try {
            arguments = JsonSyntax.STRICT.parse(call.arguments());
        } catch (JsonException e) {
            throw new IllegalArgumentException(
                    "the arguments of the call %s of tool %s are not JSON: %s; give an object such as {\"city\": \"Rome\"}"
                            .formatted(call.id(), call.name(), e.getMessage()),
                    e);
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
