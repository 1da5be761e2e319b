package kawi.jmh;

import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON files of a few kilobytes. */
final class Json {

    static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /**
     * Reads a file.
     *
     * @param expected what it should be, for messages
     * @throws IllegalArgumentException if there is no such file or it is not JSON
     */
    static JsonNode read(Path file, String expected) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file %s, which should be %s".formatted(file, expected));
        }
        try {
            return MAPPER.readTree(file);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("%s should be %s: %s".formatted(file, expected, e.getMessage()), e);
        }
    }
}
