package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import kawi.json.JsonNull;
import kawi.json.JsonString;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A string that a schema allows is taken as it stands, and values that a schema allows are not changed. */
class CoercionPropertyTest {

    private static final Parameters STRINGS = Parameters.ofSchema("""
            {"properties": {"a": {"type": "string"}, "b": {"const": "x"},
              "c": {"allOf": [{"$ref": "#/properties/a"}], "title": "C"}}}""");

    private static final Parameters OPTIONAL_STRINGS = Parameters.ofSchema("""
            {"properties": {
              "a": {"type": ["string", "null"]},
              "b": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
              "c": {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/text"}]},
              "d": {"type": "string", "nullable": true},
              "e": {"$ref": "#/properties/b"},
              "f": {"allOf": [{"$ref": "#/properties/c"}], "description": "F"},
              "g": {"anyOf": [{"enum": ["x", "1e5"]}, {"type": ["null", "string"]}]},
              "h": {"type": ["string", "null"], "not": {"type": "object"}}},
             "$defs": {"text": {"type": "string"}}}""");

    private static JsonValue argument(Parameters parameters, String name, String text) {
        return JsonSyntax.STRICT.parse(parameters.ofText(Map.of(name, text))).path(name);
    }

    @Property
    void aStringIsTakenAsItStands(@ForAll("texts") String text) {
        assertEquals(new JsonString(text), argument(STRINGS, "a", text));
        assertEquals(new JsonString(text), argument(STRINGS, "c", text));
    }

    @Property
    void aStringThatMayBeNullIsTakenAsItStandsUnlessItIsNull(
            @ForAll("texts") String text, @ForAll("optional") String name) {
        var expected = text.strip().equals("null") ? JsonNull.NULL : new JsonString(text);
        assertEquals(expected, argument(OPTIONAL_STRINGS, name, text));
    }

    @Property
    void whatIsValidIsNotChanged(@ForAll long seed) {
        var random = new java.util.Random(seed);
        var schema = RandomCheckedSchema.of(random);
        var parameters = Parameters.ofSchema(RandomCheckedSchema.asParameter(schema));
        for (int i = 0; i < 10; i++) {
            var value = RandomCheckedSchema.value(random, 3);
            if (SchemaCheck.faults(JsonSchema.checked(schema), value).isEmpty()) {
                var arguments = parameters.ofJson("{\"v\":" + value + "}");
                assertEquals(value, JsonSyntax.STRICT.parse(arguments).path("v"), () -> schema + " " + value);
            }
        }
    }

    @Provide
    Arbitrary<String> optional() {
        return Arbitraries.of("a", "b", "c", "d", "e", "f", "g", "h");
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().excludeChars('\ud800').ofMaxLength(10),
                Arbitraries.strings().withChars("0123456789eE+-. ").ofMaxLength(6),
                Arbitraries.strings().withChars("{}[]()'\":,1aTrue \n").ofMaxLength(8),
                Arbitraries.of(
                        "null",
                        " null\n",
                        "None",
                        "True",
                        "false",
                        "1e5",
                        "\"quoted\"",
                        "03106",
                        "{\"a\":1}",
                        "[1]",
                        ""));
    }
}
