package kawi.engine;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks and copies the variables that a caller gives to the chat template. */
final class TemplateVariable {

    private static final int MAX_DEPTH = 50;

    private TemplateVariable() {}

    /** Rejects the names of the variables that are given in other ways. */
    static String checkName(String name) {
        return switch (Objects.requireNonNull(name, "name")) {
            case "messages", "add_generation_prompt" ->
                throw new IllegalArgumentException(
                        "the template variable %s is that of the conversation; give messages instead".formatted(name));
            case "tools" ->
                throw new IllegalArgumentException(
                        "the template variable tools is that of the tools of the conversation; give tools instead");
            case "" -> throw new IllegalArgumentException("the name of a template variable is empty");
            default -> name;
        };
    }

    /**
     * Returns an immutable copy of a value.
     *
     * @throws IllegalArgumentException if it is not one of the types that templates know
     */
    static @Nullable Object copy(String path, @Nullable Object value) {
        return copy(path, value, 0);
    }

    private static @Nullable Object copy(String path, @Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "the template variable %s is nested more than %d levels deep".formatted(path, MAX_DEPTH));
        }
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean truth -> truth;
            case Byte number -> number.longValue();
            case Short number -> number.longValue();
            case Integer number -> number.longValue();
            case Long number -> number;
            case BigInteger number -> number;
            case Float number -> number.doubleValue();
            case Double number -> number;
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    if (!(entry.getKey() instanceof String key)) {
                        throw new IllegalArgumentException(
                                "the template variable %s has a key that is not a string".formatted(path));
                    }
                    copy.put(key, copy(path + "." + key, entry.getValue(), depth + 1));
                }
                yield Collections.unmodifiableMap(copy);
            }
            case Iterable<?> items -> {
                List<@Nullable Object> copy = new ArrayList<>();
                for (Object item : items) {
                    copy.add(copy("%s[%d]".formatted(path, copy.size()), item, depth + 1));
                }
                yield Collections.unmodifiableList(copy);
            }
            default ->
                throw new IllegalArgumentException(
                        "the template variable %s is of type %s; give a string, a boolean, a number, null, or a list or map of such values"
                                .formatted(path, value.getClass().getName()));
        };
    }
}
