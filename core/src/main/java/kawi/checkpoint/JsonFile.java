package kawi.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.SmallFile;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;

/**
 * An object in a JSON configuration file, with its location for messages.
 *
 * @param where file name and, for inner objects, the keys that lead to it
 */
public record JsonFile(String where, JsonValue node) {

    /** Typical files have a few kilobytes, or a hundred with a chat template. */
    static final int MAX_FILE_BYTES = 64 << 20;

    /** Reads a file that must exist and hold one JSON object. */
    static JsonFile read(Path path) {
        try {
            JsonValue node = JsonSyntax.PYTHON.parse(SmallFile.read(path, MAX_FILE_BYTES));
            if (!node.isObject()) {
                throw new ModelFileException(
                        "%s: expected a JSON object, found %s".formatted(path, Excerpt.of(node.toString())));
            }
            return new JsonFile(path.toString(), node);
        } catch (IOException e) {
            throw new ModelFileException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
        } catch (JsonException e) {
            throw new ModelFileException("%s is not valid JSON: %s".formatted(path, e.getMessage()));
        }
    }

    /** An empty object in place of a file that does not exist. */
    static JsonFile empty(Path path) {
        return new JsonFile(path.toString(), JsonValue.of(Map.of()));
    }

    /** Reads a file if it exists. */
    static Optional<JsonFile> readIfPresent(Path path) {
        return Files.exists(path) ? Optional.of(read(path)) : Optional.empty();
    }

    /** Whether {@code key} is present and not null. */
    public boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** The object under {@code key}. */
    public Optional<JsonFile> object(String key) {
        JsonValue child = node.get(key);
        if (child == null || child.isNull()) {
            return Optional.empty();
        }
        if (!child.isObject()) {
            throw wrong(key, "an object", child);
        }
        return Optional.of(new JsonFile(where + ", " + key, child));
    }

    /** The integer under {@code key}; it may be written with a fraction of zero. */
    public int integer(String key) {
        JsonValue child = required(key);
        if (!child.isNumber()
                || child.doubleValue() != Math.rint(child.doubleValue())
                || Math.abs(child.doubleValue()) > Integer.MAX_VALUE) {
            throw wrong(key, "a 32-bit integer", child);
        }
        return (int) child.doubleValue();
    }

    public int integer(String key, int otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    public double number(String key) {
        JsonValue child = required(key);
        if (!child.isNumber()) {
            throw wrong(key, "a number", child);
        }
        return child.doubleValue();
    }

    public double number(String key, double otherwise) {
        return has(key) ? number(key) : otherwise;
    }

    public boolean bool(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonValue child = required(key);
        if (!child.isBoolean()) {
            throw wrong(key, "true or false", child);
        }
        return child.booleanValue();
    }

    public Optional<String> string(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        JsonValue child = required(key);
        if (!child.isString()) {
            throw wrong(key, "a string", child);
        }
        return Optional.of(child.stringValue());
    }

    public List<String> strings(String key) {
        List<String> values = new ArrayList<>();
        for (JsonValue child : array(key).values()) {
            if (!child.isString()) {
                throw wrong(key, "an array of strings", child);
            }
            values.add(child.stringValue());
        }
        return values;
    }

    /**
     * The ids of tokens under {@code key}: one, an array, or none. Null and -1 mean that there is no token, and so does
     * 4294967295, which is -1 in 32 bits without sign.
     */
    public List<Integer> ids(String key) {
        if (!has(key)) {
            return List.of();
        }
        JsonValue found = required(key);
        List<Integer> ids = new ArrayList<>();
        for (JsonValue id : found.isArray() ? found.values() : List.of(found)) {
            if (id.isNull() || (id.canConvertToLong() && (id.longValue() == -1 || id.longValue() == 0xFFFF_FFFFL))) {
                continue;
            }
            if (!id.canConvertToInt() || id.intValue() < 0) {
                throw wrong(key, "the id of a token, or an array of ids", found);
            }
            ids.add(id.intValue());
        }
        return ids;
    }

    /** The numbers of the array under {@code key}. */
    public double[] numbers(String key) {
        List<JsonValue> values = List.copyOf(array(key).values());
        double[] numbers = new double[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!values.get(i).isNumber()) {
                throw wrong(key, "an array of numbers", required(key));
            }
            numbers[i] = values.get(i).doubleValue();
        }
        return numbers;
    }

    /** The integers under {@code key}: one, an array, or none. */
    public List<Integer> integers(String key) {
        if (!has(key)) {
            return List.of();
        }
        if (!required(key).isArray()) {
            return List.of(integer(key));
        }
        List<Integer> values = new ArrayList<>();
        for (JsonValue child : array(key).values()) {
            if (!child.isIntegralNumber() || !child.canConvertToInt()) {
                throw wrong(key, "an array of 32-bit integers", child);
            }
            values.add(child.intValue());
        }
        return values;
    }

    private JsonValue array(String key) {
        JsonValue child = required(key);
        if (!child.isArray()) {
            throw wrong(key, "an array", child);
        }
        return child;
    }

    private JsonValue required(String key) {
        JsonValue child = node.get(key);
        if (child == null || child.isNull()) {
            throw new ModelFileException("%s: key %s is missing".formatted(where, key));
        }
        return child;
    }

    private ModelFileException wrong(String key, String expected, JsonValue found) {
        String text = found.toString();
        return new ModelFileException("%s: key %s should be %s, found %s"
                .formatted(where, key, expected, text.length() > 80 ? text.substring(0, 80) + "..." : text));
    }
}
