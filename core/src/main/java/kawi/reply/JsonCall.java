package kawi.reply;

import java.util.Objects;
import kawi.json.JsonException;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;

/**
 * A call as one JSON object, {@code {"name": …, "arguments": {…}}}, as models write JSON: see {@link
 * JsonSyntax#LENIENT}. Numbers in the arguments keep their spelling.
 *
 * @param name the name of the function
 * @param arguments the text of a JSON object
 */
public record JsonCall(String name, String arguments) {

    /**
     * Parses a call.
     *
     * @param text the text of a JSON object
     * @throws Malformed if the text is not a call
     */
    public static JsonCall parse(String text) throws Malformed {
        JsonValue call;
        try {
            call = JsonSyntax.LENIENT.parse(text);
        } catch (JsonException e) {
            throw new Malformed("the call is not well-formed JSON: " + e.getMessage());
        }
        if (!(call.path("name") instanceof JsonString name) || name.value().isBlank()) {
            throw new Malformed("the call's JSON object has no \"name\" that is a string");
        }
        var arguments = call.path(call.has("arguments") ? "arguments" : "parameters");
        return new JsonCall(name.value(), object(arguments).toString());
    }

    private static JsonObject object(JsonValue arguments) throws Malformed {
        return switch (arguments) {
            case JsonObject object -> object;
            case JsonString text -> object(text.value());
            default -> {
                if (arguments.isNull() || arguments.isMissing()) {
                    yield JsonObject.empty();
                }
                throw new Malformed("the call's \"arguments\" are not a JSON object");
            }
        };
    }

    private static JsonObject object(String text) throws Malformed {
        try {
            if (JsonSyntax.LENIENT.parse(text) instanceof JsonObject object) {
                return object;
            }
        } catch (JsonException _) {
            // reported below
        }
        throw new Malformed("the call's \"arguments\" are a string that holds no JSON object");
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
