package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import kawi.json.JsonSyntax;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class CoercionTest {

    private static Parameters parameter(String schema) {
        return Parameters.ofSchema("{\"properties\":{\"x\":" + schema + "},\"$defs\":{\"text\":{\"type\":\"string\"},"
                + "\"maybe\":{\"anyOf\":[{\"$ref\":\"#/$defs/text\"},{\"type\":\"null\"}]}}}");
    }

    private static String argument(String json) {
        var value = JsonSyntax.STRICT.parse(json).get("x");
        return value == null ? "absent" : value.toString();
    }

    /** Texts between tags, and what they are for a schema. Written for Kawi. */
    @ParameterizedTest
    @CsvFileSource(resources = "texts.csv", delimiter = '|', quoteCharacter = '`', numLinesToSkip = 2)
    void textsBetweenTags(String schema, String text, String expected) {
        var raw = text == null ? "" : text.replace("¶", "\n");
        var parameters = parameter(schema);
        if (expected.startsWith("refused")) {
            var message = assertThrows(MismatchException.class, () -> parameters.ofText(Map.of("x", raw)))
                    .getMessage();
            assertEquals(expected, "refused: " + message);
        } else {
            assertEquals(expected, argument(parameters.ofText(Map.of("x", raw))));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\"}                                      | 1e5          | \"1e5\"",
                "{\"type\":\"string\"}                                      | 1.10         | \"1.10\"",
                "{\"type\":\"string\"}                                      | true         | \"true\"",
                "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}    | 1e5          | \"1e5\"",
                "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}    | \"1e5\"      | \"1e5\"",
                "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}    | \"null\"     | \"null\"",
                "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}    | null         | null",
                "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}       | [1e5, 007]   | refused",
                "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}       | [1e5, 10.50, True] | [\"1e5\",\"10.50\",\"true\"]",
                "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}      | [1.0, \"2\", 1e2] | [1,2,100]",
                "{\"type\":\"number\"}                                      | \"1.50\"     | 1.50",
                "{\"type\":\"integer\"}                                     | \"9007199254740993\" | 9007199254740993",
                "{\"type\":\"integer\"}                                     | null         | absent",
                "{\"type\":[\"integer\",\"null\"]}                          | \"None\"     | null",
                "{\"enum\":[1,2,\"auto\"]}                                  | \"2\"        | 2",
                "{\"enum\":[\"1\",\"2\"]}                                   | 2            | \"2\"",
                "{\"type\":\"object\"}                                      | \"{'a': None}\" | {\"a\":null}",
                "{\"allOf\":[{\"type\":\"integer\"}],\"minimum\":3}         | \"5\"        | 5",
                "{\"if\":{\"type\":\"string\"},\"then\":{\"type\":\"integer\"}} | \"5\"    | 5",
                "{\"prefixItems\":[{\"type\":\"integer\"}],\"items\":{\"type\":\"string\"}} | [\"1\", 2] | [1,\"2\"]",
                "{\"items\":[{\"type\":\"integer\"}],\"additionalItems\":{\"type\":\"string\"}} | [\"1\", 2] | [1,\"2\"]",
                "{\"patternProperties\":{\"^n\":{\"type\":\"integer\"}}}     | {\"n\":\"1\",\"s\":\"1\"} | {\"n\":1,\"s\":\"1\"}",
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"boolean\"}]} | \"true\"    | true",
            })
    void valuesWithinJson(String schema, String value, String expected) {
        var parameters = parameter(schema);
        if (expected.equals("refused")) {
            assertThrows(MismatchException.class, () -> parameters.ofJson("{'x': " + value + "}"));
        } else {
            assertEquals(expected, argument(parameters.ofJson("{'x': " + value + "}")));
        }
    }

    @Test
    void parametersAreFoundWhereverTheSchemaDescribesThem() {
        var union = Parameters.ofSchema("""
                {"anyOf": [
                  {"properties": {"kind": {"const": "text"}, "x": {"type": "string"}}, "required": ["kind", "x"]},
                  {"properties": {"kind": {"const": "count"}, "x": {"type": "integer"}}, "required": ["kind", "x"]}]}""");
        assertEquals(
                "{\"kind\":\"count\",\"x\":12}",
                union.ofText(Map.of("kind", "count", "x", "12"))
                        .replace("{\"x\":12,\"kind\":\"count\"}", "{\"kind\":\"count\",\"x\":12}"));
        assertEquals("\"12\"", argument(union.ofText(Map.of("kind", "text", "x", "12"))));
        var reference = Parameters.ofSchema("""
                {"$ref": "#/definitions/Arguments", "definitions": {"Arguments": {"type": "object",
                  "properties": {"x": {"type": "array", "items": {"type": "integer"}}}, "required": ["x"]}}}""");
        assertEquals("[1,2]", argument(reference.ofText(Map.of("x", "(1, 2)"))));
        var pattern = Parameters.ofSchema("""
                {"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": {"type": "string"}}""");
        assertEquals("12", argument(pattern.ofText(Map.of("x", "12"))));
        assertEquals("{\"y\":\"12\"}", pattern.ofText(Map.of("y", "12")));
    }

    @Test
    void anArgumentListMustBeAnObjectEvenIfTheSchemaDoesNotSaySo() {
        var message = assertThrows(
                        MismatchException.class,
                        () -> parameter("{\"type\":\"integer\"}").ofJson("[1]"))
                .getMessage();
        assertEquals("the value must be an object, but is [1]", message);
    }
}
