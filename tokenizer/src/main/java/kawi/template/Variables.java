package kawi.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * Converts the caller's variables to template values, which are copies, so that later modifications have no effect. The
 * weight, which is the number of characters and elements, determines the limits of the {@link Budget}.
 */
final class Variables {

    /** The maximum nesting depth, which also detects collections that contain themselves. */
    private static final int MAX_DEPTH = 100;

    private static final int ENTRY_WEIGHT = 8;

    private final Map<String, Object> values = new HashMap<>();
    private final Budget unlimited = new Budget(Long.MAX_VALUE >> 8);
    private long weight;

    private Variables() {}

    /** @throws IllegalArgumentException if a value has an unsupported type; the message contains its path */
    static Variables of(Map<String, ?> given) {
        var variables = new Variables();
        for (var entry : given.entrySet()) {
            var name = variables.key(entry.getKey(), "the variables");
            variables.values.put(name, variables.value(entry.getValue(), name, 0));
        }
        return variables;
    }

    Map<String, Object> values() {
        return values;
    }

    long weight() {
        return weight;
    }

    private String key(@Nullable Object key, String path) {
        if (key instanceof String name) {
            weight += name.length() + ENTRY_WEIGHT;
            return name;
        }
        throw new IllegalArgumentException("%s: keys must be strings, but one is %s"
                .formatted(path, key == null ? "null" : "a " + key.getClass().getName()));
    }

    private Object value(@Nullable Object given, String path, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("%s: nesting exceeds %d levels".formatted(path, MAX_DEPTH));
        }
        weight++;
        return switch (given) {
            case null -> None.NONE;
            case String text -> {
                weight += text.length();
                yield OriginText.outside(text);
            }
            case OriginText text -> {
                weight += text.length();
                yield text;
            }
            case Boolean truth -> truth;
            case Integer number -> number.longValue();
            case Long number -> number;
            case BigInteger number -> integer(number, path);
            case Float number -> number.doubleValue();
            case Double number -> number;
            case Map<?, ?> map -> {
                var dict = new Dict();
                for (var entry : map.entrySet()) {
                    var key = key(entry.getKey(), path);
                    dict.put(OriginText.outside(key), value(entry.getValue(), path + "." + key, depth + 1), unlimited);
                }
                yield dict;
            }
            case Iterable<?> items -> {
                List<Object> list = new ArrayList<>();
                for (var item : items) {
                    list.add(value(item, path + "[" + list.size() + "]", depth + 1));
                }
                yield new Sequence.ListValue(list);
            }
            default ->
                throw new IllegalArgumentException(
                        ("%s: %s is not supported as a template variable; use String, Boolean, Integer, Long,"
                                        + " BigInteger, Float, Double, null, Iterable or Map")
                                .formatted(path, given.getClass().getName()));
        };
    }

    private static Object integer(BigInteger number, String path) {
        if (number.bitLength() > Arithmetic.MAX_BITS) {
            throw new IllegalArgumentException("%s: the integer has more than 4300 digits".formatted(path));
        }
        return Arithmetic.normalized(number);
    }
}
