package kawi.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.Part;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * The forms in which a chat template expects what a conversation can give in several forms. Most templates expect the
 * content of messages as text, also the empty text next to a call, and the arguments of calls as an object. Others omit
 * the content or the call, or fail, so the forms are determined by rendering short conversations, each when a
 * conversation first needs it.
 */
final class TemplateForms {

    private static final String MARK = "Kawi";

    private static final OriginText TEXT = OriginText.ofTemplate("text");
    private static final OriginText IMAGE = OriginText.ofTemplate("image");
    private static final OriginText VIDEO = OriginText.ofTemplate("video");

    private static final Map<String, Object> TOOL = Map.of(
            "type",
            "function",
            "function",
            Map.of("name", "tool", "description", "", "parameters", Map.of("type", "object", "properties", Map.of())));

    private static final Calls USUAL = new Calls(false, false);

    private final @Nullable ChatTemplate template;
    private final Map<String, ? extends @Nullable Object> variables;
    private @Nullable Boolean contentInParts;
    private @Nullable Calls calls;

    /**
     * The forms of messages with calls.
     *
     * @param argumentsAsText whether arguments are given as JSON text
     * @param noneForEmptyContent whether the content of a message with calls and without text is none
     */
    private record Calls(boolean argumentsAsText, boolean noneForEmptyContent) {}

    /**
     * @param template expects the forms; null for the usual ones
     * @param variables the variables other than those of the conversation
     */
    TemplateForms(@Nullable ChatTemplate template, Map<String, ? extends @Nullable Object> variables) {
        this.template = template;
        this.variables = variables;
    }

    /** Whether content is given as {@code [{"type": "text", "text": …}]}. */
    private synchronized boolean contentInParts() {
        Boolean known = contentInParts;
        if (known == null) {
            known = template != null && !showsContent(template, false) && showsContent(template, true);
            contentInParts = known;
        }
        return known;
    }

    private synchronized Calls calls() {
        Calls known = calls;
        if (known == null) {
            known = template == null ? USUAL : calls(template);
            calls = known;
        }
        return known;
    }

    private Calls calls(ChatTemplate template) {
        for (boolean none : new boolean[] {false, true}) {
            for (boolean text : new boolean[] {false, true}) {
                var calls = new Calls(text, none);
                if (showsCall(template, calls)) {
                    return calls;
                }
            }
        }
        return USUAL;
    }

    /** Whether the arguments of calls are given as JSON text. */
    boolean argumentsAsText() {
        return calls().argumentsAsText;
    }

    /**
     * The content of a message.
     *
     * @param withCalls whether the message has calls
     */
    @Nullable Object content(String text, boolean withCalls) {
        if (withCalls && text.isEmpty() && calls().noneForEmptyContent) {
            return null;
        }
        return inForm(text, contentInParts());
    }

    /** The content of a message with images or films, as Hugging Face's templates expect it. */
    List<Map<String, Object>> parts(List<Part> content) {
        return content.stream()
                .map(part -> switch (part) {
                    case Part.Text text -> Map.<String, Object>of("type", TEXT, "text", text.text());
                    case Part.Image image -> Map.<String, Object>of("type", IMAGE);
                    case Part.Video film -> Map.<String, Object>of("type", VIDEO);
                })
                .toList();
    }

    private static Object inForm(String text, boolean inParts) {
        return inParts ? List.of(Map.of("type", "text", "text", text)) : text;
    }

    private boolean showsContent(ChatTemplate template, boolean inParts) {
        return shows(template, null, List.of(message("user", inForm(MARK, inParts))));
    }

    /** Whether the name of a call is rendered, with or without a list of other tools. */
    private boolean showsCall(ChatTemplate template, Calls calls) {
        Map<String, Object> function = Map.of("name", MARK, "arguments", calls.argumentsAsText ? "{}" : Map.of());
        Map<String, @Nullable Object> answer =
                message("assistant", calls.noneForEmptyContent ? null : inForm("", contentInParts()));
        answer.put("tool_calls", List.of(Map.of("id", ToolOffer.callId(1), "type", "function", "function", function)));
        List<Map<String, @Nullable Object>> messages = List.of(message("user", inForm("?", contentInParts())), answer);
        return shows(template, null, messages) || shows(template, List.of(TOOL), messages);
    }

    private static Map<String, @Nullable Object> message(String role, @Nullable Object content) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private boolean shows(
            ChatTemplate template, @Nullable List<?> tools, List<Map<String, @Nullable Object>> messages) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(variables);
        all.put("messages", messages);
        all.put("tools", tools);
        all.put("documents", null);
        all.put("add_generation_prompt", true);
        try {
            return template.render(all).toString().contains(MARK);
        } catch (TemplateException e) {
            return false;
        }
    }
}
