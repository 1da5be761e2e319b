package kawi.json;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads JSON text, which must be one value and nothing else. Values are nested at most {@value #MAX_DEPTH} deep, and a
 * number has at most {@value #MAX_NUMBER_LENGTH} characters. Numbers keep their spelling.
 */
public final class JsonSyntax {

    /** JSON of RFC 8259. Of properties with the same name in one object the last one counts. */
    public static final JsonSyntax STRICT = new JsonSyntax(Reading.of(JsonFactory.builder()));

    /**
     * Also what models write where they mean JSON, as far as it can mean one thing only: JSON with single quotes, with
     * a comma after the last element, with line breaks within strings, literals of Python, and objects in doubled
     * braces. {@link LenientReader} has the details.
     */
    public static final JsonSyntax LENIENT = new JsonSyntax(text -> new LenientReader(text).document());

    /** Also what Python's {@code json} module writes for numbers that are not finite; they become strings. */
    public static final JsonSyntax PYTHON =
            new JsonSyntax(Reading.of(JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)));

    /** The deepest nesting of arrays and objects that is read. */
    public static final int MAX_DEPTH = 500;

    static final int MAX_NUMBER_LENGTH = 1000;

    private final Function<String, JsonValue> reader;

    private JsonSyntax(Function<String, JsonValue> reader) {
        this.reader = reader;
    }

    /**
     * The value that the text is.
     *
     * @throws JsonException if the text is not JSON
     */
    public JsonValue parse(String text) {
        return reader.apply(text);
    }

    /**
     * The value that the text is; a byte order mark is skipped.
     *
     * @throws JsonException if the bytes are not JSON in UTF-8
     */
    public JsonValue parse(byte[] utf8) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            return parse(text.startsWith("\uFEFF") ? text.substring(1) : text);
        } catch (CharacterCodingException e) {
            throw new JsonException("the bytes are not UTF-8", 1, 1, e);
        }
    }

    /** The reading of one text by Jackson. */
    private static final class Reading {

        private final JsonParser parser;
        private final String text;
        private boolean inString;

        private Reading(JsonParser parser, String text) {
            this.parser = parser;
            this.text = text;
        }

        // Names may come from outside, so a table of known names would only grow, and could be attacked by collisions.
        static Function<String, JsonValue> of(JsonFactoryBuilder syntax) {
            JsonFactory factory = syntax.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(Integer.MAX_VALUE) // number() is stricter and says so
                            .build())
                    .build();
            return text -> {
                try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
                    return new Reading(parser, text).document();
                }
            };
        }

        private JsonValue document() {
            try {
                if (parser.nextToken() == null) {
                    throw new JsonException("there is nothing", 1, 1, null);
                }
                JsonValue value = value();
                if (parser.nextToken() != null) {
                    throw problem("the value has ended, but more follows", null);
                }
                return value;
            } catch (JacksonException e) {
                throw JsonException.of(e, parser, text, inString);
            }
        }

        private JsonValue value() {
            return switch (parser.currentToken()) {
                case START_OBJECT -> {
                    var object = JsonObject.builder();
                    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                        String name = parser.currentName();
                        parser.nextToken();
                        object.put(name, value());
                    }
                    yield object.build();
                }
                case START_ARRAY -> {
                    List<JsonValue> elements = new ArrayList<>();
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        elements.add(value());
                    }
                    yield new JsonArray(elements);
                }
                case VALUE_STRING -> {
                    inString = true;
                    String string = parser.getString();
                    inString = false;
                    yield new JsonString(string);
                }
                case VALUE_TRUE -> JsonBoolean.TRUE;
                case VALUE_FALSE -> JsonBoolean.FALSE;
                case VALUE_NULL -> JsonNull.NULL;
                default -> parser.isNaN() ? new JsonString(parser.getString()) : number(parser.getString());
            };
        }

        private JsonValue number(String number) {
            if (number.length() > MAX_NUMBER_LENGTH) {
                throw problem("a number in it has more than %d characters".formatted(MAX_NUMBER_LENGTH), null);
            }
            try {
                return new JsonNumber(new BigDecimal(number), number);
            } catch (NumberFormatException e) {
                throw problem("a number in it has too large an exponent", e);
            }
        }

        private JsonException problem(String problem, @Nullable Throwable cause) {
            var at = parser.currentTokenLocation();
            return new JsonException(problem, at.getLineNr(), at.getColumnNr(), cause);
        }
    }
}
