package kawi.safetensors;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.function.Consumer;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.Utf8;
import kawi.json.JsonException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON of a known structure in an untrusted file, read token by token, so that it needs memory only for the values that
 * are retained. Stricter than JSON: UTF-8 only, no duplicate names in an object, bounded nesting and lengths.
 */
final class JsonText {

    /** The longest JSON that is read; safetensors' own limit for headers. */
    static final long MAX_BYTES = 100_000_000;

    // Names differ between files, so a shared table of names would only grow and could be attacked by collisions.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxNameLength(1024)
                    .maxNumberLength(32)
                    .build())
            .build();

    private final String file;
    private final long start;
    private final String text;
    private final JsonParser parser;

    private JsonText(String file, long start, String text, JsonParser parser) {
        this.file = file;
        this.start = start;
        this.text = text;
        this.parser = parser;
    }

    /**
     * Reads {@code length} bytes of {@code data} from {@code start} on, which must be a single JSON object.
     *
     * @param field called with every name of the object, to read its value
     */
    static void read(MemorySegment data, String file, long start, int length, FieldReader field) {
        String text = Utf8.decode(data, start, length);
        if (text == null) {
            throw new ModelFileException(
                    "%s: the JSON in the %d bytes from byte %d on is not UTF-8".formatted(file, length, start));
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            new JsonText(file, start, text, parser).document(field);
        }
    }

    private void document(FieldReader field) {
        try {
            parser.nextToken();
            object(name -> field.read(name, this));
            if (parser.nextToken() != null) {
                throw failure("the JSON object has ended, but more follows");
            }
        } catch (JacksonException e) {
            TokenStreamLocation location = e.getLocation();
            long at = location == null ? start : byteOffset(start, text, location.getCharOffset());
            throw new ModelFileException(
                    "%s: the JSON cannot be read at byte %d: %s"
                            .formatted(
                                    file,
                                    at,
                                    Excerpt.of(JsonException.of(e, parser, text).problem())),
                    e);
        }
    }

    /** Reads the value that belongs to a name. */
    @FunctionalInterface
    interface FieldReader {
        void read(String name, JsonText json);
    }

    /** Reads an object; {@code field} is called for each name, to read its value. */
    void object(Consumer<String> field) {
        expect(JsonToken.START_OBJECT, "an object");
        var names = new HashSet<String>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (!names.add(name)) {
                throw failure("the name %s is declared twice".formatted(Excerpt.of(name)));
            }
            parser.nextToken();
            field.accept(name);
        }
    }

    /** Reads an array; {@code element} is called for each element, to read it. */
    void array(Runnable element) {
        expect(JsonToken.START_ARRAY, "an array");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            element.run();
        }
    }

    /** Reads a string. */
    String string() {
        expect(JsonToken.VALUE_STRING, "a string");
        return parser.getString();
    }

    /** Reads an integer from 0 to 2^63 - 1. */
    long size() {
        expect(JsonToken.VALUE_NUMBER_INT, "an integer");
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER || parser.getLongValue() < 0) {
            throw failure("found %s, but expected an integer from 0 to %d"
                    .formatted(Excerpt.of(parser.getString()), Long.MAX_VALUE));
        }
        return parser.getLongValue();
    }

    /** Skips the current value, of any type. */
    void skip() {
        parser.skipChildren();
    }

    private void expect(JsonToken expected, String description) {
        JsonToken found = parser.currentToken();
        if (found != expected) {
            throw failure("found %s, but expected %s".formatted(describe(found), description));
        }
    }

    private static String describe(@Nullable JsonToken token) {
        return switch (token) {
            case null -> "nothing";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "an integer";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction or exponent";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "the end of an object or array";
        };
    }

    ModelFileException failure(String sentence) {
        long at = byteOffset(start, text, parser.currentTokenLocation().getCharOffset());
        return new ModelFileException("%s: at byte %d: %s".formatted(file, at, sentence));
    }

    private static long byteOffset(long start, String text, long characters) {
        int end = Math.clamp(characters, 0, text.length());
        return start + text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
    }
}
