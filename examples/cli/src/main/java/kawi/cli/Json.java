package kawi.cli;

import java.io.PrintWriter;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON in and out. */
final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    /** Prints maps, lists, arrays, strings and numbers as one line. */
    static void print(PrintWriter out, Object value) {
        out.println(MAPPER.writeValueAsString(value));
    }

    /**
     * Reads a document.
     *
     * @param source where it comes from, for the message
     * @throws IllegalArgumentException if it is not JSON
     */
    static JsonNode read(String text, String source) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "%s is not JSON: line %d, column %d: %s"
                            .formatted(
                                    source,
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr(),
                                    e.getOriginalMessage()),
                    e);
        }
    }
}
