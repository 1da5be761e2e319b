package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small JSON object in a file, with typed access to its values.
 *
 * @param file the file's name, for messages
 * @param key the path of the object in the file, for messages
 * @param values strings, booleans, numbers, nulls, lists and maps
 */
record Settings(String file, String key, Map<?, ?> values) {

    static Settings of(String file, String key, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return new Settings(file, key, map);
        }
        throw new TokenizerException(file + ": " + key + ": expected an object, found " + show(value));
    }

    Settings part(String name) {
        return of(file, key + "." + name, values.get(name));
    }

    List<Settings> parts(String name) {
        if (!(values.get(name) instanceof List<?> list)) {
            throw error(name, "expected an array, found " + show(values.get(name)));
        }
        var parts = new ArrayList<Settings>();
        for (Object part : list) {
            parts.add(of(file, "%s.%s[%d]".formatted(key, name, parts.size()), part));
        }
        return parts;
    }

    String string(String name) {
        if (values.get(name) instanceof String string) {
            return string;
        }
        throw error(name, "expected a string, found " + show(values.get(name)));
    }

    int integer(String name) {
        if (values.get(name) instanceof Integer integer) {
            return integer;
        }
        throw error(name, "expected a 32-bit integer, found " + show(values.get(name)));
    }

    boolean flag(String name, boolean defaultValue) {
        var value = values.get(name);
        if (value == null) {
            return defaultValue;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw error(name, "expected a boolean, found " + show(value));
    }

    /** Whether there is such a value, which is not null. */
    boolean has(String name) {
        return values.get(name) != null;
    }

    @Nullable Object value(String name) {
        return values.get(name);
    }

    List<Integer> integers(String name) {
        if (!(values.get(name) instanceof List<?> list)) {
            throw error(name, "expected an array, found " + show(values.get(name)));
        }
        var integers = new ArrayList<Integer>();
        for (Object value : list) {
            if (!(value instanceof Integer integer)) {
                throw error(name, "expected 32-bit integers, found " + show(value));
            }
            integers.add(integer);
        }
        return integers;
    }

    /** The name of the kind of object. */
    String type() {
        return string("type");
    }

    /** Reports that {@link #type} is none of the {@code supported}. */
    TokenizerException unsupportedType(String supported) {
        return error("type", quote(type()) + " is not supported, only " + supported);
    }

    TokenizerException error(String name, String problem) {
        return new TokenizerException(file + ": " + key + "." + name + ": " + problem);
    }

    private static String show(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case String text -> quote(text);
            case Map<?, ?> map -> "an object";
            case List<?> list -> "an array";
            default -> value.toString();
        };
    }
}
