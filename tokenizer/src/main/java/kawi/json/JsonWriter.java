package kawi.json;

import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;

/** Writes a tree as text without white space. */
final class JsonWriter {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(2 * JsonSyntax.MAX_DEPTH)
                    .build())
            .build();

    private JsonWriter() {}

    static String text(JsonValue value) {
        var text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            write(value, out);
        }
        return text.toString();
    }

    static byte[] utf8(JsonValue value) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(value, out);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonValue value, JsonGenerator out) {
        switch (value) {
            case JsonObject object -> {
                out.writeStartObject();
                object.properties().forEach(property -> {
                    out.writeName(property.getKey());
                    write(property.getValue(), out);
                });
                out.writeEndObject();
            }
            case JsonArray array -> {
                out.writeStartArray();
                array.values().forEach(element -> write(element, out));
                out.writeEndArray();
            }
            case JsonString string -> out.writeString(string.value());
            case JsonNumber number -> out.writeNumber(number.text());
            case JsonBoolean truth -> out.writeBoolean(truth.booleanValue());
            case JsonNull _ -> out.writeNull();
            case JsonMissing _ -> throw new IllegalStateException("a missing value cannot be written");
        }
    }
}
