package kawi.schema;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.BaseStream;
import kawi.Name;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a tool gave, as the model reads it: a string as it is, everything else as JSON. Records are written by their accessors with the names
 * that {@link Name} gives them, so that what a model is shown and what it writes look alike; types this does not know are left to Jackson.
 */
public final class ResultText {

    private static final int DEEPEST = 200;

    private ResultText() {}

    /**
     * The text of a value.
     *
     * @throws IllegalArgumentException if it has none
     */
    public static String of(@Nullable Object value) {
        return value instanceof CharSequence text ? text.toString() : Json.text(tree(value, 0));
    }

    private static JsonNode tree(@Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException(
                    "the result of a tool is nested more than %d deep, or contains itself".formatted(DEEPEST));
        }
        return switch (value) {
            case null -> Json.nothing();
            case JsonNode node -> node;
            case CharSequence text -> Json.string(text.toString());
            case Character character -> Json.string(character.toString());
            case Enum<?> constant -> Json.string(name(constant));
            case Optional<?> optional -> tree(optional.orElse(null), depth);
            case OptionalInt optional -> optional.isPresent() ? Json.tree(optional.getAsInt()) : Json.nothing();
            case OptionalLong optional -> optional.isPresent() ? Json.tree(optional.getAsLong()) : Json.nothing();
            case OptionalDouble optional -> optional.isPresent() ? Json.tree(optional.getAsDouble()) : Json.nothing();
            case Map<?, ?> map -> {
                var object = Json.object();
                map.forEach((key, entry) -> object.set(
                        key instanceof Enum<?> constant ? name(constant) : String.valueOf(key),
                        tree(entry, depth + 1)));
                yield object;
            }
            case Collection<?> elements -> elements(elements, depth);
            case BaseStream<?, ?> _ ->
                throw new IllegalArgumentException("the result of a tool is a stream; collect it into a list");
            case Record record -> record(record, depth);
            case Object array
            when array.getClass().isArray() -> {
                var node = Json.array();
                for (int i = 0; i < Array.getLength(array); i++) {
                    node.add(tree(Array.get(array, i), depth + 1));
                }
                yield node;
            }
            default -> other(value);
        };
    }

    private static JsonNode elements(Collection<?> elements, int depth) {
        var node = Json.array();
        elements.forEach(element -> node.add(tree(element, depth + 1)));
        return node;
    }

    private static String name(Enum<?> constant) {
        return EnumShape.shown(constant.getDeclaringClass(), constant);
    }

    private static JsonNode record(Record record, int depth) {
        var object = Json.object();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            var accessor = component.getAccessor();
            if (!Access.open(accessor)) {
                throw new IllegalArgumentException("the result of a tool is a %s: %s"
                        .formatted(record.getClass().getName(), Access.refusal(record.getClass())));
            }
            try {
                var name = component.getAnnotation(Name.class);
                object.set(name == null ? component.getName() : name.value(), tree(accessor.invoke(record), depth + 1));
            } catch (InvocationTargetException e) {
                throw new IllegalArgumentException(
                        "%s.%s() failed".formatted(record.getClass().getSimpleName(), component.getName()),
                        e.getCause());
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("%s could be called and no longer can".formatted(accessor), e);
            }
        }
        return object;
    }

    private static JsonNode other(Object value) {
        try {
            return Json.tree(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "the result of a tool is a %s, which cannot be written as JSON: %s"
                            .formatted(value.getClass().getName(), e.getOriginalMessage()),
                    e);
        }
    }
}
