package kawi.schema;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Member;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.BaseStream;
import kawi.Name;
import kawi.json.JsonArray;
import kawi.json.JsonNull;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Converts the result of a tool to the text that the model reads: a string is used directly, everything else becomes
 * JSON.
 *
 * <pre>
 *    null, boolean, numbers                 as in JSON; NaN and infinities as strings
 *    CharSequence, char, enum               string; an enum's constant by its name or {@link Name}
 *    Optional, OptionalInt, ...             the value or null
 *    Map, Map.Entry                         object
 *    Collection, array                      array
 *    dates, times, URI, UUID, ...           string; see {@link ScalarText}
 *    record                                 object of its components, with the names that {@link Name} gives them
 *    any other class outside the JDK        object of its public getters and fields; see {@link Properties}
 * </pre>
 *
 * The form is the same as for values that a model writes. All other values are rejected: streams, iterators,
 * exceptions, objects without properties, and trees of JSON libraries, whose text should be returned instead.
 */
public final class ResultText {

    private static final int MAX_DEPTH = 200;
    private static final int MAX_PARTS = 1_000_000;

    private int parts;

    private ResultText() {}

    /**
     * The text of a value.
     *
     * @throws IllegalArgumentException if it has no text form
     */
    public static String of(@Nullable Object value) {
        return value instanceof CharSequence text
                ? text.toString()
                : new ResultText().tree(value, 0).toString();
    }

    private JsonValue tree(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "the result of a tool is nested more than %d deep, or contains itself".formatted(MAX_DEPTH));
        }
        if (++parts > MAX_PARTS) {
            throw new IllegalArgumentException("the result of a tool has more than %,d parts".formatted(MAX_PARTS));
        }
        if (value == null) {
            return JsonNull.NULL;
        }
        JsonValue scalar = ScalarText.of(value);
        if (scalar != null) {
            return scalar;
        }
        return switch (value) {
            case Enum<?> constant -> new JsonString(name(constant));
            case Optional<?> optional -> tree(optional.orElse(null), depth);
            case OptionalInt optional -> optional.isPresent() ? JsonValue.of(optional.getAsInt()) : JsonNull.NULL;
            case OptionalLong optional -> optional.isPresent() ? JsonValue.of(optional.getAsLong()) : JsonNull.NULL;
            case OptionalDouble optional -> optional.isPresent() ? JsonValue.of(optional.getAsDouble()) : JsonNull.NULL;
            case Map<?, ?> map -> {
                var object = JsonObject.builder();
                map.forEach((key, entry) -> object.put(key(key), tree(entry, depth + 1)));
                yield object.build();
            }
            case Map.Entry<?, ?> entry ->
                JsonObject.builder()
                        .put(key(entry.getKey()), tree(entry.getValue(), depth + 1))
                        .build();
            case Collection<?> elements ->
                new JsonArray(elements.stream()
                        .map(element -> tree(element, depth + 1))
                        .toList());
            case BaseStream<?, ?> _ ->
                throw new IllegalArgumentException("the result of a tool is a stream; collect it into a list");
            case Record record -> record(record, depth);
            case Object array
            when array.getClass().isArray() -> {
                List<JsonValue> elements = new ArrayList<>();
                for (int i = 0; i < Array.getLength(array); i++) {
                    elements.add(tree(Array.get(array, i), depth + 1));
                }
                yield new JsonArray(elements);
            }
            default -> {
                var object = JsonObject.builder();
                Properties.of(value).forEach((name, property) -> object.put(name, tree(property, depth + 1)));
                yield object.build();
            }
        };
    }

    private static String key(@Nullable Object key) {
        return key instanceof Enum<?> constant ? name(constant) : String.valueOf(key);
    }

    private static String name(Enum<?> constant) {
        return EnumShape.shown(constant.getDeclaringClass(), constant);
    }

    private JsonValue record(Record record, int depth) {
        var object = JsonObject.builder();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            var accessor = component.getAccessor();
            var name = component.getAnnotation(Name.class);
            object.put(
                    name == null ? component.getName() : name.value(),
                    tree(read(record, accessor, () -> accessor.invoke(record)), depth + 1));
        }
        return object.build();
    }

    /** Reads a member of an object. */
    @FunctionalInterface
    interface Reading {
        @Nullable Object read() throws ReflectiveOperationException;
    }

    /**
     * The value of a method or field of a user's object.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    static <M extends AccessibleObject & Member> @Nullable Object read(Object owner, M member, Reading reading) {
        if (!Access.open(member)) {
            throw new IllegalArgumentException("the result of a tool is a %s: %s"
                    .formatted(owner.getClass().getName(), Access.refusal(owner.getClass())));
        }
        try {
            return reading.read();
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(
                    "%s.%s() failed".formatted(owner.getClass().getSimpleName(), member.getName()), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("%s could be read and no longer can".formatted(member), e);
        }
    }
}
