package kawi.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
 * Reads JSON text, which must be one value and nothing else. Of properties with the same name in one object the last
 * one counts. Values are nested at most {@value #MAX_DEPTH} deep, and a number has at most {@value #MAX_NUMBER_LENGTH}
 * characters.
 */
public final class JsonSyntax {

    /** JSON of RFC 8259. */
    public static final JsonSyntax STRICT = new JsonSyntax(JsonFactory.builder());

    /**
     * Also what small models write where they mean JSON, as far as it can mean one thing only: single quotes, a comma
     * after the last element, line breaks within strings.
     */
    public static final JsonSyntax LENIENT = new JsonSyntax(JsonFactory.builder()
            .enable(
                    JsonReadFeature.ALLOW_SINGLE_QUOTES,
                    JsonReadFeature.ALLOW_TRAILING_COMMA,
                    JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS));

    /** Also what Python's {@code json} module writes for numbers that are not finite; they become strings. */
    public static final JsonSyntax PYTHON =
            new JsonSyntax(JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS));

    /** The deepest nesting of arrays and objects that is read. */
    public static final int MAX_DEPTH = 500;

    static final int MAX_NUMBER_LENGTH = 1000;

    private final JsonFactory factory;

    // Names may come from outside, so a table of known names would only grow, and could be attacked by collisions.
    private JsonSyntax(JsonFactoryBuilder builder) {
        factory = builder.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(Integer.MAX_VALUE) // Reading.number is stricter and says so
                        .build())
                .build();
    }

    /**
     * The value that the text is.
     *
     * @throws JsonException if the text is not JSON
     */
    public JsonValue parse(String text) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            return new Reading(parser, text).document();
        }
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

    private static final class Reading {

        private final JsonParser parser;
        private final String text;
        private boolean inString;

        Reading(JsonParser parser, String text) {
            this.parser = parser;
            this.text = text;
        }

        JsonValue document() {
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
                case VALUE_NUMBER_INT -> JsonNumber.of(new BigDecimal(new BigInteger(number())));
                default -> parser.isNaN() ? new JsonString(parser.getString()) : decimal(number());
            };
        }

        private String number() {
            String number = parser.getString();
            if (number.length() > MAX_NUMBER_LENGTH) {
                throw problem("a number in it has more than %d characters".formatted(MAX_NUMBER_LENGTH), null);
            }
            return number;
        }

        private JsonValue decimal(String number) {
            try {
                return JsonNumber.of(new BigDecimal(number));
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
