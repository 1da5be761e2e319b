package kawi.cli;

import java.io.PrintWriter;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;

/** JSON in and out. */
final class Json {

    private Json() {}

    /** Prints maps, lists, arrays, strings and numbers as one line. */
    static void print(PrintWriter out, Object value) {
        out.println(JsonValue.of(value));
    }

    /**
     * Reads a document.
     *
     * @param source where it comes from, for the message
     * @throws IllegalArgumentException if it is not JSON
     */
    static JsonValue read(String text, String source) {
        try {
            return JsonSyntax.STRICT.parse(text);
        } catch (JsonException e) {
            throw new IllegalArgumentException("%s is not JSON: %s".formatted(source, e.getMessage()), e);
        }
    }
}
