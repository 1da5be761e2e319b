package kawi.reply;

import java.util.Objects;
import kawi.json.JsonException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * A call as one JSON object, {@code {"name": …, "arguments": {…}}}. The arguments are a substring of the text, not
 * serialized again, so that numbers are unchanged.
 *
 * @param name the name of the function
 * @param arguments the text of a JSON object
 */
public record JsonCall(String name, String arguments) {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .build();

    /**
     * Parses a call.
     *
     * @param text the text of a JSON object
     * @throws Malformed if the text is not a call
     */
    public static JsonCall parse(String text) throws Malformed {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            return parse(parser, text);
        }
    }

    private static JsonCall parse(JsonParser parser, String text) throws Malformed {
        String name = null;
        String arguments = "{}";
        try {
            parser.nextToken();
            for (String key = parser.nextName(); key != null; key = parser.nextName()) {
                JsonToken value = parser.nextToken();
                switch (key) {
                    case "name" -> name = value == JsonToken.VALUE_STRING ? parser.getString() : null;
                    case "arguments", "parameters" -> arguments = arguments(parser, value, text);
                    default -> parser.skipChildren();
                }
            }
        } catch (JacksonException e) {
            throw new Malformed("the call is not well-formed JSON: "
                    + JsonException.of(e, parser, text).getMessage());
        }
        if (name == null || name.isBlank()) {
            throw new Malformed("the call's JSON object has no \"name\" that is a string");
        }
        return new JsonCall(name, arguments);
    }

    private static String arguments(JsonParser parser, @Nullable JsonToken value, String text) throws Malformed {
        if (value == JsonToken.VALUE_STRING) {
            String inner = parser.getString();
            requireObject(inner);
            return inner;
        }
        if (value == JsonToken.VALUE_NULL) {
            return "{}";
        }
        if (value != JsonToken.START_OBJECT) {
            throw new Malformed("the call's \"arguments\" are not a JSON object");
        }
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        return text.substring(start, (int) parser.currentLocation().getCharOffset());
    }

    private static void requireObject(String text) throws Malformed {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            boolean object = parser.nextToken() == JsonToken.START_OBJECT;
            parser.skipChildren();
            if (!object || parser.nextToken() != null) {
                throw new Malformed("the call's \"arguments\" are a string that holds no JSON object");
            }
        } catch (JacksonException e) {
            throw new Malformed("the call's \"arguments\" are a string that holds no JSON object");
        }
    }

    /** Thrown if a text is not a call. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String reason) {
            super(reason);
        }

        /** The reason, as a clause without final punctuation. */
        public String reason() {
            return Objects.requireNonNull(getMessage());
        }
    }
}
