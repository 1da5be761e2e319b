package kawi.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * LangChain4j's elements of schemas as the text of a JSON Schema (2020-12).
 *
 * <p>An object that has properties and does not say whether it may have others has no others, since the elements
 * describe everything that the application reads; an object without properties may have any. References are resolved
 * from the root of the document, so the definitions of all objects are written there.
 */
final class JsonSchemaText {

    /** The schema of any JSON object. */
    static final String ANY_OBJECT = "{\"type\":\"object\"}";

    private static final JsonFactory JSON = new JsonFactory();

    private final StringWriter text = new StringWriter();
    private final JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text);
    private final Map<String, JsonSchemaElement> definitions = new LinkedHashMap<>();

    private JsonSchemaText() {}

    /** Returns the schema of an answer. */
    static String of(JsonSchemaElement root) {
        return root instanceof JsonRawSchema raw ? raw.schema() : new JsonSchemaText().document(root, false);
    }

    /** Returns the schema of the parameters of a tool; without any, no arguments can be given. */
    static String ofParameters(@Nullable JsonObjectSchema parameters) {
        return new JsonSchemaText()
                .document(parameters == null ? JsonObjectSchema.builder().build() : parameters, true);
    }

    private String document(JsonSchemaElement root, boolean closed) {
        collect(root);
        json.writeStartObject();
        writeKeywords(root, closed);
        if (!definitions.isEmpty()) {
            json.writeName("$defs");
            writeAll(definitions);
        }
        json.writeEndObject();
        json.close();
        return text.toString();
    }

    private void collect(@Nullable JsonSchemaElement element) {
        switch (element) {
            case JsonObjectSchema object -> {
                object.definitions().forEach((name, definition) -> {
                    if (definitions.putIfAbsent(name, definition) == null) {
                        collect(definition);
                    }
                });
                object.properties().values().forEach(this::collect);
            }
            case JsonArraySchema array -> collect(array.items());
            case JsonAnyOfSchema anyOf -> anyOf.anyOf().forEach(this::collect);
            case null, default -> {}
        }
    }

    private void write(JsonSchemaElement element) {
        if (element instanceof JsonRawSchema raw) {
            json.writeRawValue(raw.schema());
            return;
        }
        json.writeStartObject();
        writeKeywords(element, false);
        json.writeEndObject();
    }

    private void writeAll(Map<String, JsonSchemaElement> elements) {
        json.writeStartObject();
        elements.forEach((name, element) -> {
            json.writeName(name);
            write(element);
        });
        json.writeEndObject();
    }

    /** @param closed whether an object without properties has none, rather than any */
    private void writeKeywords(JsonSchemaElement element, boolean closed) {
        switch (element) {
            case JsonStringSchema string -> writeType("string");
            case JsonIntegerSchema integer -> writeType("integer");
            case JsonNumberSchema number -> writeType("number");
            case JsonBooleanSchema bool -> writeType("boolean");
            case JsonNullSchema none -> writeType("null");
            case JsonEnumSchema enumeration -> {
                writeType("string");
                writeStrings("enum", enumeration.enumValues());
            }
            case JsonArraySchema array -> writeArray(array);
            case JsonObjectSchema object -> writeObject(object, closed);
            case JsonAnyOfSchema anyOf -> {
                json.writeArrayPropertyStart("anyOf");
                anyOf.anyOf().forEach(this::write);
                json.writeEndArray();
            }
            case JsonReferenceSchema reference ->
                json.writeStringProperty("$ref", "#/$defs/" + escaped(reference.reference()));
            default ->
                throw new UnsupportedFeatureException("a schema element of the class %s is not supported"
                        .formatted(element.getClass().getName()));
        }
        if (element.description() != null) {
            json.writeStringProperty("description", element.description());
        }
    }

    private void writeArray(JsonArraySchema array) {
        writeType("array");
        if (array.items() != null) {
            json.writeName("items");
            write(array.items());
        }
    }

    private void writeObject(JsonObjectSchema object, boolean closed) {
        writeType("object");
        if (closed || !object.properties().isEmpty()) {
            json.writeName("properties");
            writeAll(object.properties());
        }
        if (!object.required().isEmpty()) {
            writeStrings("required", object.required());
        }
        if (object.additionalProperties() != null) {
            json.writeBooleanProperty("additionalProperties", object.additionalProperties());
        } else if (closed || !object.properties().isEmpty()) {
            json.writeBooleanProperty("additionalProperties", false);
        }
    }

    private void writeType(String type) {
        json.writeStringProperty("type", type);
    }

    private void writeStrings(String keyword, List<String> strings) {
        json.writeArrayPropertyStart(keyword);
        strings.forEach(json::writeString);
        json.writeEndArray();
    }

    /** The name of a definition as a token of a JSON pointer. */
    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
