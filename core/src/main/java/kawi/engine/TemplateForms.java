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
 * the content or the call, or fail, so the forms are determined by rendering short conversations.
 *
 * @param contentInParts whether content is given as {@code [{"type": "text", "text": …}]}
 * @param argumentsAsText whether arguments are given as JSON text
 * @param noneForEmptyContent whether the content of a message with calls and without text is none
 */
record TemplateForms(boolean contentInParts, boolean argumentsAsText, boolean noneForEmptyContent) {

    static final TemplateForms USUAL = new TemplateForms(false, false, false);

    private static final String MARK = "Kawi";

    private static final OriginText TEXT = OriginText.ofTemplate("text");
    private static final OriginText IMAGE = OriginText.ofTemplate("image");
    private static final OriginText VIDEO = OriginText.ofTemplate("video");

    private static final Map<String, Object> TOOL = Map.of(
            "type",
            "function",
            "function",
            Map.of("name", "tool", "description", "", "parameters", Map.of("type", "object", "properties", Map.of())));

    /** @param variables the variables other than those of the conversation */
    static TemplateForms of(ChatTemplate template, Map<String, ? extends @Nullable Object> variables) {
        boolean inParts =
                !showsContent(template, variables, USUAL) && showsContent(template, variables, withParts(USUAL));
        for (boolean none : new boolean[] {false, true}) {
            for (boolean text : new boolean[] {false, true}) {
                var forms = new TemplateForms(inParts, text, none);
                if (showsCall(template, variables, forms)) {
                    return forms;
                }
            }
        }
        return inParts ? withParts(USUAL) : USUAL;
    }

    private static TemplateForms withParts(TemplateForms forms) {
        return new TemplateForms(true, forms.argumentsAsText, forms.noneForEmptyContent);
    }

    /**
     * The content of a message.
     *
     * @param withCalls whether the message has calls
     */
    @Nullable Object content(String text, boolean withCalls) {
        if (withCalls && text.isEmpty() && noneForEmptyContent) {
            return null;
        }
        return contentInParts ? List.of(Map.of("type", "text", "text", text)) : text;
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

    private static boolean showsContent(
            ChatTemplate template, Map<String, ? extends @Nullable Object> variables, TemplateForms forms) {
        return shows(template, variables, null, List.of(message("user", forms.content(MARK, false))));
    }

    /** Whether the name of a call is rendered, with or without a list of other tools. */
    private static boolean showsCall(
            ChatTemplate template, Map<String, ? extends @Nullable Object> variables, TemplateForms forms) {
        Map<String, Object> function = Map.of("name", MARK, "arguments", forms.argumentsAsText ? "{}" : Map.of());
        Map<String, @Nullable Object> answer = message("assistant", forms.content("", true));
        answer.put("tool_calls", List.of(Map.of("id", ToolOffer.callId(1), "type", "function", "function", function)));
        List<Map<String, @Nullable Object>> messages = List.of(message("user", forms.content("?", false)), answer);
        return shows(template, variables, null, messages) || shows(template, variables, List.of(TOOL), messages);
    }

    private static Map<String, @Nullable Object> message(String role, @Nullable Object content) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private static boolean shows(
            ChatTemplate template,
            Map<String, ? extends @Nullable Object> variables,
            @Nullable List<?> tools,
            List<Map<String, @Nullable Object>> messages) {
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
