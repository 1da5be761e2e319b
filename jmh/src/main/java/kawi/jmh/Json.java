package kawi.jmh;

import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads small JSON files. */
final class Json {

    static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /**
     * Reads a file.
     *
     * @param expected a description of the expected content, for messages
     * @throws IllegalArgumentException if there is no such file or its content is not JSON
     */
    static JsonNode read(Path file, String expected) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no file %s, expected %s".formatted(file, expected));
        }
        try {
            return MAPPER.readTree(file);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "%s is not JSON, expected %s: %s".formatted(file, expected, e.getMessage()), e);
        }
    }
}
