package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kawi.json.JsonObject;
import kawi.json.JsonSyntax;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaCheckTest {

    private static JsonSchema schema(String json) {
        return JsonSchema.checked((JsonObject) JsonSyntax.LENIENT.parse(json));
    }

    private static String verdict(String schema, String value) {
        return verdict(schema(schema), value);
    }

    private static String verdict(JsonSchema schema, String value) {
        var faults = SchemaCheck.faults(schema, JsonSyntax.LENIENT.parse(value));
        return faults.isEmpty() ? "valid" : SchemaCheck.sentence(faults);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'properties': {'a': false}} | {'a': 1} | a is not allowed",
                "{'type': 'integer', 'multipleOf': 5} | 7 | the value must be an integer that is a multiple of 5, but is 7",
                "{'exclusiveMinimum': 0} | 0 | the value must be a number greater than 0, but is 0",
                "{'oneOf': [{'minimum': 1}, {'minimum': 2}]} | 3 | the value must be valid for exactly one of 2 alternatives, but is for 2: 3",
                "{'not': {'type': 'string'}} | 'a' | the value must not be a string, but is \"a\"",
                "{'not': {}} | 1 | the value must not be valid for {}, but is 1",
                "{'properties': {'n': {'propertyNames': {'enum': ['en', 'id']}}}} | {'n': {'fr': 1}} "
                        + "| the name \"n.fr\" must be one of \"en\", \"id\", but is \"fr\"",
                "{'patternProperties': {'^x-': {'type': 'string'}}} | {'x-a': 1} | x-a must be a string, but is 1",
                "{'uniqueItems': true} | [1, 2, 1.0] | the value must not have equal elements, but has 1.0 more than once",
                "{'contains': {'type': 'string'}} | [1] | the value must have at least 1 elements that are a string, but has 0",
                "{'contains': {'const': 1}, 'maxContains': 1} | [1, 1] | the value must have at most 1 elements that are 1, but has 2",
                "{'dependentRequired': {'card': ['billing']}} | {'card': 1} | billing is missing, as card is given",
                "{'if': {'required': ['a']}, 'then': {'required': ['b']}} | {'a': 1} | b is missing",
                "{'properties': {'a': {}}, 'unevaluatedProperties': false} | {'a': 1, 'b': 2} | b is not known",
                "{'prefixItems': [{'type': 'integer'}], 'items': false} | [1, 2] | [1] is not allowed",
                "{'minProperties': 2} | {'a': 1} | the value must have at least 2 entries, but has 1",
                "{'anyOf': [{'minLength': 2}, {'maxLength': 0}]} | 'a' | the value must have at least 2 characters, but has 1",
            })
    void mistakesAreSentences(String schema, String value, String sentence) {
        assertEquals(sentence, verdict(schema, value));
    }

    /** Each value is the first one that is valid and the second one that is not. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'allOf': [{'prefixItems': [{'minimum': 3}]}], 'items': {'minimum': 5}} | [5, 5] | [3, 5]",
                "{'allOf': [{'properties': {'a': {}}}], 'additionalProperties': false}   | {}     | {'a': 1}",
                "{'items': [{'type': 'number'}, {'type': 'string'}], 'additionalItems': false} | [1, 'a'] | [1, 'a', 2]",
                "{'items': [{'type': 'number'}], 'additionalItems': {'type': 'string'}}  | [1, 'a'] | [1, 2]",
                "{'items': {'type': 'number'}, 'additionalItems': false}                 | [1, 2]   | ['a']",
                "{'minimum': 5, 'exclusiveMinimum': true}                                | 6        | 5",
                "{'maximum': 5, 'exclusiveMaximum': true}                                | 4        | 5",
                "{'minimum': 5, 'exclusiveMinimum': false}                               | 5        | 4",
                "{'type': 'string', 'nullable': true}                                    | null     | 1",
                "{'type': 'string', 'nullable': false}                                   | 'a'      | null",
                "{'dependencies': {'a': ['b'], 'c': {'minProperties': 2}}}               | {'a': 1, 'b': 1} | {'c': 1}",
                "{'definitions': {'A': {'$id': '#a', 'type': 'integer'}}, '$ref': '#a'}  | 1        | 'x'",
                "{'$defs': {'A': {'$anchor': 'a', 'type': 'integer'}}, '$ref': '#a'}     | 1        | 'x'",
                "{'$defs': {'A': {'$id': 'https://a.org/b', 'type': 'integer'}}, '$ref': 'https://a.org/b'} | 1 | 'x'",
                "{'$id': 'https://a.org/x/y', '$defs': {'A': {'$id': '../b', 'type': 'integer'}}, '$ref': '/b'} | 1 | 'x'",
                "{'$defs': {'a/b~c%': {'type': 'integer'}}, '$ref': '#/$defs/a~1b~0c%25'} | 1       | 'x'",
                "{'components': {'schemas': {'A': {'properties': {'b': {'$ref': '#/components/schemas/B'}}},"
                        + " 'B': {'type': 'integer'}}}, '$ref': '#/components/schemas/A'} | {'b': 1} | {'b': 'x'}",
                "{'$defs': {'A': {'type': 'array'}}, '$ref': '#/$defs/A', 'maxItems': 1} | [1]      | [1, 2]",
                "{'definitions': {'A': {'type': 'array'}}, '$ref': '#/definitions/A', 'maxItems': 1} | [1, 2] | 1",
                "{'$schema': 'http://json-schema.org/draft-07/schema#', 'definitions': {'A': {'type': 'array'}},"
                        + " 'properties': {'a': {'$ref': '#/definitions/A', 'maxItems': 1}}} | {'a': [1, 2]} | {'a': 1}",
                "{'discriminator': {'propertyName': 't'}, 'oneOf': [{'properties': {'t': {'const': 'a'}}, 'required': ['t']},"
                        + " {'properties': {'t': {'const': 'b'}}, 'required': ['t']}]} | {'t': 'b'} | {'t': 'c'}",
                "{'anyOf': [{'properties': {'t': {'const': 'a'}}}, {'type': 'integer'}]} | {'u': 1} | {'t': 'b'}",
                "{'properties': {'a': {'const': 1}}, 'patternProperties': {'a': {'type': 'integer'}}} | {'a': 1} | {'ab': 'x'}",
                "{'allOf': [{'properties': {'a': true}}], 'unevaluatedProperties': false} | {'a': 1} | {'b': 1}",
                "{'anyOf': [{'properties': {'a': {'type': 'string'}}, 'required': ['a']}, {'properties': {'b': true}}],"
                        + " 'unevaluatedProperties': false} | {'b': 1} | {'b': 1, 'c': 2}",
                "{'prefixItems': [true], 'contains': {'type': 'string'}, 'unevaluatedItems': false} | [1, 'a'] | [1, 'a', 2]",
                "{'multipleOf': 0.1}                                                     | 0.3      | 0.35",
                "{'multipleOf': 7}                                                       | 0        | 1e999999999",
                "{'multipleOf': 1e-999999999}                                            | 1        | 1.5e-999999999",
                "{'minContains': 0, 'contains': {'type': 'string'}}                      | [1]      | ",
                "{'const': {'a': [1.0]}}                                                 | {'a': [1]} | {'a': [2]}",
                "{'type': 'integer'}                                                     | 1.0      | 1.5",
                "{'properties': {'$ref': {'type': 'string'}, 'pattern': {'type': 'integer'}}} | {'$ref': 'a'} | {'pattern': 'b'}",
                "{'maxLength': 2}                                                        | '😀😀'   | 'abc'",
                "{'$defs': {'n': {'type': ['object', 'null'], 'properties': {'next': {'$ref': '#/$defs/n'}}}},"
                        + " '$ref': '#/$defs/n'} | {'next': {'next': null}} | {'next': {'next': 1}}",
                "{'$id': 'https://a.org/list', '$dynamicRef': '#node', '$defs': {'x': {'$dynamicAnchor': 'node',"
                        + " 'type': 'array', 'items': {'$dynamicRef': '#node'}}}} | [[]] | [1]",
                "{'$id': 'https://a.org/strict', '$dynamicAnchor': 'node', '$ref': 'tree', 'unevaluatedProperties': false,"
                        + " '$defs': {'tree': {'$id': 'tree', '$dynamicAnchor': 'node', 'type': 'object',"
                        + " 'properties': {'sub': {'$dynamicRef': '#node'}}}}} | {'sub': {}} | {'sub': {'daat': 1}}",
                "{'$id': 'https://a.org/strict', '$recursiveAnchor': true, '$ref': 'tree', 'unevaluatedProperties': false,"
                        + " '$defs': {'tree': {'$id': 'tree', '$recursiveAnchor': true, 'type': 'object',"
                        + " 'properties': {'sub': {'$recursiveRef': '#'}}}}} | {'sub': {}} | {'sub': {'daat': 1}}",
                "{'items': null, 'additionalProperties': null, 'enum': null, 'minimum': null, 'type': 'array'} | [1] | 1",
                "{'type': 'string', 'required': true, 'minLength': '5'}                  | 'a'      | 1",
            })
    void keywordsMeanWhatTheStandardSays(String schema, String valid, String invalid) {
        assertEquals("valid", verdict(schema, valid));
        if (invalid != null) {
            assertTrue(!verdict(schema, invalid).equals("valid"), () -> schema + " " + invalid);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'string', 'enumNames': ['x'], 'markdownDescription': 'm', 'errorMessage': 'e', 'example': 'q'}",
                "{'strict': true, 'x-order': 1, 'readOnly': true, 'deprecated': true, '$comment': 'c', 'title': 1}",
                "{'default': {'pattern': '*.ts'}}",
                "{'default': {'$ref': '#/nowhere'}, 'examples': [{'$ref': 'https://example.org/x'}]}",
                "{'example': {'$ref': 'x', 'allOf': [{'$ref': '#/example'}]}, 'x-data': {'$id': 'y', '$ref': 'z'}}",
                "{'contentEncoding': 'base64', 'contentMediaType': 'application/json', 'contentSchema': {'type': 'integer'}}",
                "{'format': 'email'}",
                "{'discriminator': {'propertyName': 'x', 'mapping': {'a': '#/nowhere'}}}",
            })
    void annotationsSayNothingAboutValues(String schema) {
        assertEquals("valid", verdict(schema, "'any text'"));
    }

    @Test
    void dataIsNotWalkedAsSchema() {
        for (var schema : List.of(
                "{'properties': {'q': {'const': {'pattern': '('}}}}",
                "{'properties': {'q': {'enum': [{'$ref': '#/nowhere'}, 'a']}}}",
                "{'properties': {'q': {'type': 'string', 'examples': [{'$ref': 'https://example.org/x'}]}}}")) {
            assertDoesNotThrow(() -> schema(schema));
        }
        assertEquals("valid", verdict("{'enum': [{'$ref': '#/nowhere'}, 'a']}", "{'$ref': '#/nowhere'}"));
        assertEquals("valid", verdict("{'const': {'pattern': '('}}", "{'pattern': '('}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'$ref': 'https://a.org/b'}     | the reference \"https://a.org/b\" leads out of the schema, which is not supported",
                "{'$ref': 'other.json#/x'}       | the reference \"other.json#/x\" leads out of the schema, which is not supported",
                "{'$ref': '#/$defs/a'}           | the reference \"#/$defs/a\" leads to no schema",
                "{'$ref': '#a'}                  | the reference \"#a\" leads to no schema",
                "{'$ref': '#/title', 'title': 'a'} | the reference \"#/title\" leads to no schema",
                "{'items': {'$dynamicRef': '#a'}} | the reference \"#a\" leads to no schema",
                "{'$schema': 'https://a.org/meta'} | the schema follows https://a.org/meta, which is not known;"
                        + " known are the drafts of json-schema.org",
            })
    void whatCannotBeCheckedIsRefusedByName(String schema, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> schema(schema))
                        .getMessage());
    }

    @Test
    void schemasThatApplyThemselvesToTheSameValueAreRefused() {
        for (var schema : List.of(
                "{'not': {'$ref': '#'}}",
                "{'if': {'$ref': '#'}}",
                "{'dependentSchemas': {'a': {'$ref': '#'}}}",
                "{'$defs': {'a': {'$ref': '#/$defs/b'}, 'b': {'$ref': '#/$defs/a'}}}",
                "{'$dynamicAnchor': 'a', 'allOf': [{'$dynamicRef': '#a'}]}")) {
            var message = assertThrows(IllegalArgumentException.class, () -> schema(schema))
                    .getMessage();
            assertTrue(String.valueOf(message).contains("lead back to themselves"), message);
        }
    }

    /** The limit does not depend on the order in which a chain of references is found. */
    @Test
    void chainsOfReferencesAreLimited() {
        for (int length : List.of(60, 70)) {
            for (boolean reversed : List.of(true, false)) {
                var names = new ArrayList<>(IntStream.range(0, length).boxed().toList());
                if (reversed) {
                    Collections.reverse(names);
                }
                var text = names.stream()
                        .map(i -> "'d%d': {'minimum': 0, '$ref': '#/$defs/d%d'}".formatted(i, i + 1))
                        .collect(Collectors.joining(
                                ",",
                                "{'$ref': '#/$defs/d0', '$defs': {",
                                ", 'd" + length + "': {'type': 'integer'}}}"));
                if (length == 60) {
                    assertEquals("the value must be an integer, but is \"x\"", verdict(text, "'x'"));
                } else {
                    assertThrows(IllegalArgumentException.class, () -> schema(text));
                }
            }
        }
    }

    /** A pattern with a backreference is left to the tool, and so is what depends on it. */
    @Test
    void aPatternThatCannotBeEvaluatedIsNotChecked() {
        var backreference = "{'pattern': '^(a|b)\\\\1$'}";
        assertEquals("valid", verdict(backreference, "'x'"));
        assertEquals("valid", verdict("{'not': " + backreference + "}", "'x'"));
        assertEquals("valid", verdict("{'not': {'not': " + backreference + "}}", "'x'"));
        assertEquals("valid", verdict("{'oneOf': [{'type': 'string'}, " + backreference + "]}", "'x'"));
        assertEquals(
                "valid", verdict("{'if': " + backreference + ", 'then': {'const': 1}, 'else': {'const': 2}}", "'x'"));
        assertEquals("valid", verdict("{'contains': " + backreference + ", 'maxContains': 0}", "['x']"));
        assertEquals(
                "valid",
                verdict("{'patternProperties': {'^(a|b)\\\\1$': false}, 'additionalProperties': false}", "{'x': 1}"));
        assertEquals(
                "the value must have at least 2 characters, but has 1",
                verdict("{'minLength': 2, 'pattern': '^(a|b)\\\\1$'}", "'x'"));
        assertEquals(
                "the value must be a string, but is 1",
                verdict("{'type': 'string', 'pattern': '(?<=a)(b)\\\\1'}", "1"));
    }

    /** Resources that refer to each other, so that each level of the value enters another one. */
    @Test
    void workIsLimited() {
        var tree = schema("{'$id': 'https://a.org/a', '$dynamicAnchor': 'n', 'anyOf': [{'type': 'integer'},"
                + " {'items': {'$ref': 'b'}}, {'items': {'$ref': 'b'}, 'unevaluatedItems': {'$dynamicRef': '#n'}}],"
                + " '$defs': {'b': {'$id': 'b', '$dynamicAnchor': 'n', 'oneOf': [{'items': {'$ref': 'a'}},"
                + " {'contains': {'$dynamicRef': '#n'}}, {'items': {'$dynamicRef': '#n'}}]}}}");
        var value = "[".repeat(200) + "'x'" + "]".repeat(200);
        var message = assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThrows(MismatchException.class, () -> verdict(tree, value))
                        .getMessage());
        assertEquals("it takes too much work to compare it with the schema", message);
    }
}
