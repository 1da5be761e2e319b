package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
import java.util.Map;
import kawi.Model;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JsonSchemaTextTest {

    private final Model model = DemoModel.loader().threads(1).load();

    @AfterAll
    void close() {
        model.close();
    }

    static List<Arguments> elements() {
        return List.of(
                Arguments.of(new JsonStringSchema(), "{\"type\":\"string\"}"),
                Arguments.of(
                        JsonStringSchema.builder().description("a \"name\"").build(),
                        "{\"type\":\"string\",\"description\":\"a \\\"name\\\"\"}"),
                Arguments.of(
                        JsonIntegerSchema.builder().description("age").build(),
                        "{\"type\":\"integer\",\"description\":\"age\"}"),
                Arguments.of(new JsonNumberSchema(), "{\"type\":\"number\"}"),
                Arguments.of(new JsonBooleanSchema(), "{\"type\":\"boolean\"}"),
                Arguments.of(new JsonNullSchema(), "{\"type\":\"null\"}"),
                Arguments.of(
                        JsonEnumSchema.builder()
                                .enumValues("RED", "GREEN")
                                .description("a color")
                                .build(),
                        "{\"type\":\"string\",\"enum\":[\"RED\",\"GREEN\"],\"description\":\"a color\"}"),
                Arguments.of(
                        JsonArraySchema.builder().items(new JsonIntegerSchema()).build(),
                        "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}"),
                Arguments.of(JsonArraySchema.builder().build(), "{\"type\":\"array\"}"),
                Arguments.of(
                        JsonAnyOfSchema.builder()
                                .anyOf(new JsonStringSchema(), new JsonNullSchema())
                                .description("perhaps")
                                .build(),
                        "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"description\":\"perhaps\"}"),
                Arguments.of(JsonObjectSchema.builder().build(), "{\"type\":\"object\"}"),
                Arguments.of(
                        JsonObjectSchema.builder().additionalProperties(false).build(),
                        "{\"type\":\"object\",\"additionalProperties\":false}"),
                Arguments.of(
                        JsonObjectSchema.builder()
                                .addStringProperty("b")
                                .addProperty(
                                        "a",
                                        JsonObjectSchema.builder()
                                                .addNumberProperty("x")
                                                .additionalProperties(true)
                                                .build())
                                .required("b")
                                .description("d")
                                .build(),
                        "{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"string\"},\"a\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"number\"}},\"additionalProperties\":true}},\"required\":[\"b\"],\"additionalProperties\":false,\"description\":\"d\"}"),
                Arguments.of(
                        JsonRawSchema.from("{\"type\": \"integer\", \"minimum\": 3}"),
                        "{\"type\": \"integer\", \"minimum\": 3}"),
                Arguments.of(
                        JsonArraySchema.builder()
                                .items(JsonRawSchema.from("{\"const\": 1}"))
                                .build(),
                        "{\"type\":\"array\",\"items\":{\"const\": 1}}"));
    }

    @ParameterizedTest
    @MethodSource("elements")
    void eachKindOfElementIsWritten(JsonSchemaElement element, String expected) {
        assertEquals(expected, JsonSchemaText.of(element));
        assertNotNull(model.prompt("x").jsonSchema(expected), "Kawi can enforce it");
    }

    @Test
    void referencesAreResolvedFromTheRoot() {
        JsonSchemaElement person = JsonObjectSchema.builder()
                .addStringProperty("name")
                .addProperty(
                        "boss",
                        JsonReferenceSchema.builder().reference("Person").build())
                .build();
        JsonSchemaElement group = JsonObjectSchema.builder()
                .addProperty(
                        "people",
                        JsonArraySchema.builder()
                                .items(JsonReferenceSchema.builder()
                                        .reference("Person")
                                        .build())
                                .build())
                .definitions(Map.of("Person", person))
                .build();
        String text = JsonSchemaText.of(
                JsonObjectSchema.builder().addProperty("group", group).build());
        assertEquals(
                "{\"type\":\"object\",\"properties\":{\"group\":{\"type\":\"object\",\"properties\":{\"people\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/Person\"}}},\"additionalProperties\":false}},\"additionalProperties\":false,\"$defs\":{\"Person\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"boss\":{\"$ref\":\"#/$defs/Person\"}},\"additionalProperties\":false}}}",
                text);
        assertNotNull(model.prompt("x").jsonSchema(text), "Kawi can enforce it");
    }

    @Test
    void namesOfDefinitionsAreEscaped() {
        JsonSchemaElement root = JsonObjectSchema.builder()
                .addProperty(
                        "a", JsonReferenceSchema.builder().reference("x/y~z").build())
                .definitions(Map.of("x/y~z", new JsonBooleanSchema()))
                .build();
        String text = JsonSchemaText.of(root);
        assertEquals(
                "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/x~1y~0z\"}},\"additionalProperties\":false,\"$defs\":{\"x/y~z\":{\"type\":\"boolean\"}}}",
                text);
        assertNotNull(model.prompt("x").jsonSchema(text), "Kawi resolves it");
    }

    @Test
    void parametersOfAToolAreClosed() {
        assertEquals(
                "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
                JsonSchemaText.ofParameters(null));
        assertEquals(
                "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":true}",
                JsonSchemaText.ofParameters(
                        JsonObjectSchema.builder().additionalProperties(true).build()));
    }

    @Test
    void anElementOfAnotherClassIsRefused() {
        JsonSchemaElement other = () -> "unknown";
        UnsupportedFeatureException e = assertThrows(UnsupportedFeatureException.class, () -> JsonSchemaText.of(other));
        assertTrue(String.valueOf(e.getMessage()).contains(other.getClass().getName()), e::getMessage);
    }
}
