package kawi.checkpoint;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The chat templates of a model, Jinja sources by name. Most models have one, the {@code default}. Some have others for
 * special purposes; {@code tool_use} is used instead of the default if tools are given, as in the Hugging Face
 * libraries, and others, such as {@code rag}, if a caller names them.
 */
public record ChatTemplates(Map<String, String> byName) {

    static final String DEFAULT = "default";
    private static final String TOOL_USE = "tool_use";

    static final ChatTemplates NONE = new ChatTemplates(Map.of());

    /** A source that is blank stands for no template. */
    public ChatTemplates {
        Map<String, String> sorted = new TreeMap<>(byName);
        sorted.values().removeIf(String::isBlank);
        byName = Collections.unmodifiableMap(sorted);
    }

    static ChatTemplates of(String source) {
        return new ChatTemplates(Map.of(DEFAULT, source));
    }

    /** The template for a conversation without tools: the default, or the only one. */
    public Optional<String> source() {
        return byName.size() == 1
                ? Optional.of(byName.values().iterator().next())
                : Optional.ofNullable(byName.get(DEFAULT));
    }

    /** The template for a conversation with tools. */
    public Optional<String> sourceForTools() {
        return Optional.ofNullable(byName.get(TOOL_USE)).or(this::source);
    }
}
