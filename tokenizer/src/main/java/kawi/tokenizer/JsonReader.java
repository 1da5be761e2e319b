package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import kawi.json.JsonException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a JSON file sequentially. Unexpected content is reported as an error that names the file and the key.
 *
 * <p>The reader is positioned at a value; each method consumes that value. The parameter {@code key} is the path of the
 * value in the file, for messages.
 */
final class JsonReader {

    /** Property names are tokens and all different, so interning them, as Jackson does by default, has no benefit. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(1 << 28)
                    .maxNestingDepth(64)
                    .maxStringLength(1 << 24)
                    .build())
            .build();

    private static final int MAX_SMALL_VALUES = 1 << 12;

    private final String file;
    private final JsonParser parser;

    private JsonReader(String file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /** Reads all of {@code in}, which must be one JSON value, and passes it to {@code document}, which consumes it. */
    static void read(InputStream in, String file, Consumer<JsonReader> document) throws IOException {
        var characters = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), characters)) {
            try {
                new JsonReader(file, parser).document(document);
            } catch (JacksonException e) {
                boolean notUtf8 = e.getCause() instanceof CharacterCodingException;
                if (e.getCause() instanceof IOException io && !notUtf8) {
                    throw io;
                }
                var problem = JsonException.of(e, parser, null);
                throw new TokenizerException(
                        "%s: cannot be read as JSON at or after line %d, column %d: %s"
                                .formatted(
                                        file,
                                        problem.line(),
                                        problem.column(),
                                        notUtf8 ? "the content is not UTF-8" : problem.problem()),
                        e);
            }
        }
    }

    private void document(Consumer<JsonReader> document) {
        if (parser.nextToken() == null) {
            throw new TokenizerException(file + ": expected JSON, but the file is empty");
        }
        document.accept(this);
        if (parser.nextToken() != null) {
            throw error("end of file", "expected nothing after the JSON value, found " + found());
        }
    }

    /**
     * Reads an object and calls {@code property} with each name; {@code property} consumes the value. A name that
     * occurs twice is an error.
     */
    void object(String key, Consumer<String> property) {
        expect(JsonToken.START_OBJECT, key, "an object");
        var names = new HashSet<String>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (!names.add(name)) {
                throw error(key, "the name " + quote(name) + " occurs twice");
            }
            parser.nextToken();
            property.accept(name);
        }
    }

    /** Reads an object of integers. Names that occur twice are not detected. */
    void integers(String key, ObjIntConsumer<String> entry) {
        expect(JsonToken.START_OBJECT, key, "an object");
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || parser.getNumberType() != JsonParser.NumberType.INT) {
                throw error(key + " " + quote(name), "expected a 32-bit integer, found " + found());
            }
            entry.accept(name, parser.getIntValue());
        }
    }

    /** Reads an array and calls {@code element}, which consumes the element, with each index. */
    void array(String key, IntConsumer element) {
        expect(JsonToken.START_ARRAY, key, "an array");
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            element.accept(i);
        }
    }

    boolean isArray() {
        return parser.currentToken() == JsonToken.START_ARRAY;
    }

    String string(String key) {
        expect(JsonToken.VALUE_STRING, key, "a string");
        return parser.getString();
    }

    void skip() {
        parser.skipChildren();
    }

    /** Reads an object of at most {@value #MAX_SMALL_VALUES} values, or null. */
    @Nullable Settings settings(String key) {
        var value = smallValue(key);
        return value == null ? null : Settings.of(file, key, value);
    }

    /**
     * Reads any value of at most {@value #MAX_SMALL_VALUES} nested values as a map, a list, a string, a boolean, a
     * {@link Number} or null.
     */
    @Nullable Object smallValue(String key) {
        return smallValue(key, new int[] {MAX_SMALL_VALUES});
    }

    private @Nullable Object smallValue(String key, int[] left) {
        if (left[0]-- == 0) {
            throw error(key, "expected at most " + MAX_SMALL_VALUES + " values, found more");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                object(key, name -> map.put(name, smallValue(key + "." + name, left)));
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                array(key, i -> list.add(smallValue(key + "[" + i + "]", left)));
                yield list;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> parser.getNumberValue();
        };
    }

    TokenizerException error(String key, String problem) {
        return new TokenizerException(file + ": " + key + ": " + problem);
    }

    private void expect(JsonToken token, String key, String description) {
        if (parser.currentToken() != token) {
            throw error(key, "expected " + description + ", found " + found());
        }
    }

    private String found() {
        return switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the string " + quote(parser.getString());
            case VALUE_NULL -> "null";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            default -> "the number " + parser.getString();
        };
    }
}
