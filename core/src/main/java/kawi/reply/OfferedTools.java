package kawi.reply;

import java.util.Map;
import java.util.Set;

/**
 * The tools that a reply may call, by which a {@link CallParser} distinguishes markup from text.
 *
 * @param parameters the names of the parameters of each tool, as far as its schema declares them
 */
public record OfferedTools(Map<String, Set<String>> parameters) {

    /** No tools: the tags of calls are ordinary text. */
    public static final OfferedTools NONE = new OfferedTools(Map.of());

    public OfferedTools {
        parameters = Map.copyOf(parameters);
    }

    /** Whether there are no tools. */
    public boolean isEmpty() {
        return parameters.isEmpty();
    }

    /** Whether a tool has this name. */
    public boolean has(String tool) {
        return parameters.containsKey(tool);
    }

    /** The names of the parameters of a tool; empty if there is no such tool. */
    public Set<String> parametersOf(String tool) {
        return parameters.getOrDefault(tool, Set.of());
    }
}
