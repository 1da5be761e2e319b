package kawi.constraint;

import static kawi.constraint.TestVocabulary.check;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Keywords that combine schemas or need other keywords beside them, with values that are valid and invalid. */
class SchemaKeywordTest {

    @Test
    void keywordsOfOtherVocabulariesAreAnnotations() {
        check(
                """
                {"type": "object", "strict": true, "required": ["a", "b"], "properties": {
                  "a": {"type": "string", "enumNames": ["x"], "markdownDescription": "m", "errorMessage": "e",
                        "example": "q", "contentSchema": {"type": "null"}, "x-order": 3, "format": "color"},
                  "b": {"type": "string", "nullable": true}}}""",
                List.of("{\"a\":\"x\",\"b\":null}", "{\"a\":\"x\",\"b\":\"y\"}"),
                List.of("{\"a\":1,\"b\":null}", "{\"a\":null,\"b\":\"y\"}"));
        check("{\"type\": \"integer\", \"nullable\": false}", List.of("1"), List.of("null"));
        check("{\"nullable\": true, \"enum\": [\"a\"]}", List.of("\"a\""), List.of("null"));
    }

    @Test
    void dataIsNoSchema() {
        check(
                """
                {"type": "object", "default": {"$ref": "#/nowhere"}, "properties": {
                  "q": {"enum": [{"$ref": "#/nowhere"}, "a"], "examples": [{"$id": "x", "type": 7}]},
                  "p": {"const": {"pattern": "(", "type": "none"}}}}""",
                List.of("{\"q\":{\"$ref\":\"#/nowhere\"}}", "{\"p\":{\"pattern\":\"(\",\"type\":\"none\"}}"),
                List.of("{\"q\":{}}", "{\"p\":{}}"));
    }

    @Test
    void aDiscriminatorIsAnAnnotation() {
        String options = """
                {"$defs": {
                  "Cat": {"type": "object", "properties": {
                    "kind": {"const": "cat", "type": "string"}, "meows": {"type": "integer"}}, "required": [%s"meows"]},
                  "Dog": {"type": "object", "properties": {
                    "kind": {"const": "dog", "type": "string"}, "barks": {"type": "number"}}, "required": [%s"barks"]}},
                 "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
                 "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"}}}""";
        List<String> accepted = List.of("{\"kind\":\"cat\",\"meows\":3}", "{\"kind\": \"dog\", \"barks\": 0.5}");
        List<String> refused = List.of("{\"kind\":\"cat\",\"barks\":3}", "{\"kind\":\"cow\",\"meows\":3}");
        check(options.formatted("\"kind\",", "\"kind\","), accepted, refused);
        check(options.formatted("", ""), accepted, refused);
    }

    /** Without its tag, a value of one option would be one of the other, too. */
    @Test
    void optionalTagsOfOneOfAreWritten() {
        check(
                """
                {"oneOf": [
                  {"properties": {"t": {"const": "a"}, "x": {"type": "integer"}}},
                  {"properties": {"t": {"const": "b"}, "y": {"type": "integer"}}},
                  {"properties": {"t": {"const": "c"}, "x": {"type": "string"}}}]}""",
                List.of("{\"t\":\"a\",\"x\":1}", "{\"t\":\"b\"}", "{\"t\":\"c\",\"x\":\"\"}"),
                List.of("{\"t\":\"a\",\"y\":1}", "{}", "{\"y\":1}", "{\"t\":\"c\",\"x\":1}"));
    }

    @Test
    void optionsOfOneOfExcludeEachOther() {
        check("{\"oneOf\": [{\"type\": \"integer\"}, {\"type\": \"number\"}]}", List.of("1.5"), List.of("1", "1.0"));
        check(
                "{\"oneOf\": [{\"type\": \"integer\", \"maximum\": 5}, {\"type\": \"integer\", \"minimum\": 3}]}",
                List.of("2", "6", "-10"),
                List.of("3", "5"));
        check(
                "{\"type\": \"string\", \"oneOf\": [{\"pattern\": \"^a\"}, {\"pattern\": \"z$\"}]}",
                List.of("\"ab\"", "\"bz\""),
                List.of("\"az\"", "\"b\""));
        check("""
                {"properties": {"a": {"type": "null"}, "b": {"type": "null"}},
                 "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}""", List.of("{\"a\":null}", "{\"b\":null}"), List.of("{}", "{\"a\":null,\"b\":null}"));
        check("""
                {"oneOf": [
                  {"properties": {"a": {"type": "null"}}, "required": ["a"], "additionalProperties": false},
                  {"properties": {"a": {"type": "null"}, "b": {"type": "null"}}, "additionalProperties": false}]}""", List.of("{}", "{\"b\":null}", "{\"a\":null,\"b\":null}"), List.of("{\"a\":null}"));
        check(
                "{\"oneOf\": [{\"const\": 1}, {\"enum\": [1, 2]}, {\"const\": \"1\"}]}",
                List.of("2", "\"1\""),
                List.of("1"));
    }

    /**
     * {@code items} is about the elements behind the {@code prefixItems} beside it, not about those of another part.
     */
    @Test
    void keywordsLookAtTheirNeighboursOnly() {
        check(
                "{\"allOf\": [{\"prefixItems\": [{\"minimum\": 3}]}], \"items\": {\"minimum\": 5}}",
                List.of("[]", "[5,5]"),
                List.of("[3,5]", "[4]", "[5,4]"));
        check(
                """
                {"allOf": [
                   {"properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
                   {"properties": {"b": {"maxLength": 2}}, "patternProperties": {"^c": {"minLength": 1}},
                    "additionalProperties": {"minimum": 3}}]}""",
                List.of("{\"a\":3}", "{\"b\":\"x\"}", "{\"cc\":\"y\"}"),
                List.of("{\"a\":2}", "{\"b\":1}", "{\"b\":\"xxx\"}", "{\"cc\":\"\"}", "{\"cc\":1}"));
        check("""
                {"items": {"type": "integer"}, "allOf": [
                   {"contains": {"minimum": 5}, "minContains": 2}, {"contains": {"maximum": 0}, "maxContains": 1}]}""", List.of("[5,6,0]", "[0,9,3,7]"), List.of("[5,0]", "[5,6,0,-1]", "[5,6]"));
    }

    @Test
    void tuplesOfDraft7() {
        check("""
                {"type": "array", "items": [{"type": "number"}, {"type": "string"}], "minItems": 2, "maxItems": 2}""", List.of("[1,\"a\"]"), List.of("[\"a\",1]", "[1,\"a\",2]", "[1]"));
        check(
                "{\"items\": [{\"type\": \"null\"}], \"additionalItems\": {\"type\": \"boolean\"}}",
                List.of("[]", "[null]", "[null,true,false]"),
                List.of("[true]", "[null,null]"));
        check(
                "{\"items\": [{\"type\": \"null\"}], \"additionalItems\": false}",
                List.of("[null]"),
                List.of("[null,1]"));
        check("{\"items\": {\"type\": \"null\"}, \"additionalItems\": false}", List.of("[null,null]"), List.of("[1]"));
    }

    @Test
    void boundsOfDraft4() {
        check(
                "{\"minimum\": 3, \"exclusiveMinimum\": true, \"maximum\": 6, \"exclusiveMaximum\": false}",
                List.of("3.5", "6"),
                List.of("3", "6.5"));
    }

    @Test
    void namesOfProperties() {
        check(
                """
                {"type": "object", "required": ["names", "any"], "properties": {
                  "names": {"type": "object", "propertyNames": {"type": "string", "enum": ["en", "id"]},
                            "additionalProperties": {"type": "string"}},
                  "any": {"type": "object", "propertyNames": {"type": "string"}, "additionalProperties": {
                      "type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"],
                      "additionalProperties": false}}}}""",
                List.of("{\"names\":{\"en\":\"x\"},\"any\":{\"a\":{\"n\":1}}}", "{\"names\":{},\"any\":{}}"),
                List.of("{\"names\":{\"fr\":\"x\"},\"any\":{}}", "{\"names\":{},\"any\":{\"a\":\"plain\"}}"));
        check(
                "{\"propertyNames\": {\"pattern\": \"^[a-z]+$\", \"maxLength\": 3}, \"maxProperties\": 1}",
                List.of("{}", "{\"ab\":1}"),
                List.of("{\"abcd\":1}", "{\"A\":1}", "{\"a\":1,\"b\":2}"));
        check(
                "{\"properties\": {\"a\": {}, \"bb\": {}}, \"propertyNames\": {\"maxLength\": 1}}",
                List.of("{}", "{\"a\":1}"),
                List.of("{\"bb\":1}"));
        check("{\"type\": \"object\", \"propertyNames\": false}", List.of("{}"), List.of("{\"a\":1}"));
    }

    @Test
    void patternsOfProperties() {
        check(
                """
                {"patternProperties": {"^i": {"type": "integer"}, "s$": {"type": ["string", "integer"], "minimum": 5}},
                 "properties": {"id": {"maximum": 9}, "x": {"type": "null"}}}""",
                List.of("{\"id\":7,\"x\":null,\"i\":3,\"as\":\"\",\"is\":5}", "{\"i\":1,\"j s\":\"\"}"),
                List.of("{\"id\":10}", "{\"id\":\"\"}", "{\"i\":\"\"}", "{\"is\":\"\"}", "{\"is\":4}", "{\"y\":1}"));
        check(
                "{\"patternProperties\": {\"^a\": {\"type\": \"null\"}}, \"additionalProperties\": {\"type\": \"boolean\"}}",
                List.of("{\"ab\":null,\"b\":true}"),
                List.of("{\"ab\":true}", "{\"b\":null}"));
        check(
                "{\"patternProperties\": {\"^a\": false}, \"additionalProperties\": true}",
                List.of("{\"b\":1}"),
                List.of("{\"a\":1}", "{\"ab\":1}"));
    }

    @Test
    void dependentProperties() {
        String objects = "\"properties\": {\"a\": {\"type\": \"null\"}, \"b\": {\"type\": \"null\"}, \"c\": {}}";
        for (String keyword : List.of("dependentRequired", "dependencies")) {
            check(
                    "{%s, \"%s\": {\"a\": [\"b\", \"c\"]}}".formatted(objects, keyword),
                    List.of("{}", "{\"b\":null}", "{\"a\":null,\"b\":null,\"c\":0}"),
                    List.of("{\"a\":null}", "{\"a\":null,\"b\":null}"));
        }
        for (String keyword : List.of("dependentSchemas", "dependencies")) {
            check(
                    "{%s, \"%s\": {\"a\": {\"properties\": {\"c\": {\"type\": \"string\"}}}}}"
                            .formatted(objects, keyword),
                    List.of("{\"c\":1}", "{\"a\":null,\"c\":\"\"}", "{\"a\":null}"),
                    List.of("{\"a\":null,\"c\":1}"));
        }
        check("{%s, \"dependentSchemas\": {\"a\": false}}".formatted(objects), List.of("{}"), List.of("{\"a\":null}"));
    }

    @Test
    void numbersOfProperties() {
        check(
                "{\"properties\": {\"a\": {}, \"b\": {}}, \"additionalProperties\": true, \"minProperties\": 2,"
                        + " \"maxProperties\": 3}",
                List.of(
                        "{\"a\":1,\"b\":2}",
                        "{\"a\":1,\"x\":2}",
                        "{\"x\":1,\"y\":2,\"z\":3}",
                        "{\"b\":1,\"x\":2, \"y\":3}"),
                List.of("{\"a\":1}", "{\"x\":1}", "{\"a\":1,\"b\":2,\"x\":3,\"y\":4}", "{}"));
        check(
                "{\"not\": {\"type\": \"object\", \"minProperties\": 2}, \"type\": \"object\"}",
                List.of("{}", "{\"a\":1}"),
                List.of("{\"a\":1,\"b\":1}"));
    }

    @Test
    void negations() {
        check("{\"properties\": {\"a\": {\"not\": {}}, \"b\": {}}}", List.of("{}", "{\"b\":1}"), List.of("{\"a\":1}"));
        check("{\"not\": {\"type\": [\"string\", \"null\"]}}", List.of("1", "{}", "[true]"), List.of("\"\"", "null"));
        check("{\"type\": \"integer\", \"not\": {\"enum\": [1, 5]}}", List.of("2", "15"), List.of("1", "5"));
        check("{\"type\": \"number\", \"not\": {\"const\": 1}}", List.of("2", "1.01"), List.of("1", "1.0", "1.00"));
        check("{\"type\": \"integer\", \"not\": {\"multipleOf\": 3}}", List.of("1", "-4"), List.of("0", "3", "-6"));
        check(
                "{\"type\": \"number\", \"not\": {\"multipleOf\": 0.5}}",
                List.of("0.25", "1.2"),
                List.of("1", "1.5", "0"));
        check(
                "{\"type\": \"string\", \"not\": {\"pattern\": \"^a\"}, \"minLength\": 1}",
                List.of("\"ba\""),
                List.of("\"ab\"", "\"\""));
        check(
                "{\"type\": \"string\", \"not\": {\"enum\": [\"a\", \"b\"]}}",
                List.of("\"c\"", "\"ab\""),
                List.of("\"a\""));
        check("{\"type\": \"string\", \"not\": {\"minLength\": 3}}", List.of("\"ab\""), List.of("\"abc\""));
        check(
                "{\"type\": \"array\", \"items\": {\"type\": \"integer\"}, \"not\": {\"items\": {\"minimum\": 5}}}",
                List.of("[4]", "[5,3,6]"),
                List.of("[]", "[5]", "[5,6]"));
        check(
                "{\"type\": \"array\", \"items\": {\"type\": \"integer\"}, \"not\": {\"const\": [1, 2]}}",
                List.of("[1]", "[]", "[1,2,3]", "[2,2]"),
                List.of("[1,2]", "[1, 2]"));
        check(
                "{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"not\": {\"properties\": {\"a\": {\"minimum\": 5}}}}",
                List.of("{\"a\":4}"),
                List.of("{}", "{\"a\":5}"));
        check(
                """
                {"oneOf": [{"type": "object", "additionalProperties": {"type": "string"}},
                           {"type": "object", "additionalProperties": {"type": ["string", "null"], "maxLength": 2}}]}""",
                List.of("{\"a\":\"xxx\"}", "{\"a\":\"x\",\"b\":\"yyy\"}", "{\"a\":\"x\",\"b\":null}"),
                List.of("{}", "{\"a\":\"x\"}", "{\"a\":\"xxx\",\"b\":null}"));
        check(
                "{\"type\": \"object\", \"not\": {\"propertyNames\": {\"maxLength\": 2}}}",
                List.of("{\"abc\":1}", "{\"a\":1,\"abc\":2,\"b\":3}"),
                List.of("{}", "{\"a\":1,\"ab\":2}"));
        check(
                "{\"type\": \"object\", \"not\": {\"patternProperties\": {\"^a\": {\"type\": \"null\"}}}}",
                List.of("{\"ab\":1}", "{\"b\":null, \"a\":1}"),
                List.of("{\"a\":null}", "{\"b\":1}"));
        check("{\"not\": {\"not\": {\"type\": \"null\"}}}", List.of("null"), List.of("1"));
        check("{\"type\": \"object\", \"not\": {\"required\": [\"a\"]}}", List.of("{\"b\":1}"), List.of("{\"a\":1}"));
    }

    @Test
    void conditions() {
        check(
                """
                {"type": "object", "properties": {
                   "country": {"enum": ["US", "NL", "CA"]}, "code": {"type": "string"}}, "required": ["country", "code"],
                 "allOf": [
                   {"if": {"properties": {"country": {"const": "US"}}, "required": ["country"]},
                    "then": {"properties": {"code": {"pattern": "^[0-9]{5}$"}}}},
                   {"if": {"properties": {"country": {"const": "NL"}}, "required": ["country"]},
                    "then": {"properties": {"code": {"pattern": "^[0-9]{4} [A-Z]{2}$"}}},
                    "else": {"properties": {"code": {"minLength": 3}}}}]}""",
                List.of(
                        "{\"country\":\"US\",\"code\":\"12345\"}",
                        "{\"country\":\"NL\",\"code\":\"1234 AB\"}",
                        "{\"country\":\"CA\",\"code\":\"K1A\"}"),
                List.of(
                        "{\"country\":\"US\",\"code\":\"1234 AB\"}",
                        "{\"country\":\"NL\",\"code\":\"12345\"}",
                        "{\"country\":\"CA\",\"code\":\"K\"}"));
        check(
                "{\"type\": \"integer\", \"if\": {\"minimum\": 10}, \"then\": {\"multipleOf\": 10}}",
                List.of("9", "20"),
                List.of("11"));
        check("{\"if\": {\"minimum\": 10}, \"type\": \"integer\"}", List.of("9", "11"), List.of("null"));
    }

    @Test
    void containedElements() {
        check(
                "{\"contains\": {\"const\": 5}, \"items\": {\"type\": \"integer\"}}",
                List.of("[5]", "[1,5,2]"),
                List.of("[]", "[1]"));
        check(
                "{\"contains\": {\"type\": \"null\"}, \"minContains\": 0, \"maxContains\": 1}",
                List.of("[]", "[1]", "[1,null]"),
                List.of("[null,null]", "[null,1,null]"));
        check("""
                {"prefixItems": [{"type": "null"}], "items": {"type": "integer"}, "contains": {"minimum": 5, "type":
                 "integer"}, "minContains": 2, "maxItems": 4}""", List.of("[null,5,6]", "[null,5,1,6]"), List.of("[null,5]", "[5,6]", "[null,5,1,1,6]"));
        check("{\"contains\": {\"type\": \"null\"}, \"minContains\": 0}", List.of("[]", "[1]"), List.of("1"));
    }

    @Test
    void uniqueElements() {
        check(
                "{\"items\": {\"enum\": [\"a\", \"b\", 1]}, \"uniqueItems\": true}",
                List.of("[]", "[\"b\",\"a\"]", "[1,\"b\",\"a\"]"),
                List.of("[\"a\",\"a\"]", "[1, \"b\", 1]"));
        check(
                "{\"items\": {\"type\": [\"boolean\", \"null\"]}, \"uniqueItems\": true, \"minItems\": 3}",
                List.of("[null,true,false]"),
                List.of("[true,false]", "[true,false,true]"));
        check(
                "{\"prefixItems\": [{\"type\": \"string\"}, {\"type\": \"number\"}], \"items\": false, \"uniqueItems\": true}",
                List.of("[\"a\",1]"),
                List.of("[1]"));
        check(
                "{\"items\": {\"type\": \"integer\", \"exclusiveMinimum\": 0, \"maximum\": 6, \"not\": {\"const\": 2}},"
                        + " \"uniqueItems\": true}",
                List.of("[6,1,3]"),
                List.of("[0]", "[2]", "[1,1]", "[7]"));
        // Of many values, those that are written are in the order of the schema.
        check(
                "{\"items\": {\"enum\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}, \"uniqueItems\": true}",
                List.of("[2,3,10]"),
                List.of("[3,2]", "[2,2]"));
        check("{\"items\": {}, \"uniqueItems\": true, \"maxItems\": 1}", List.of("[1]"), List.of("[1,1]"));
    }

    @Test
    void unevaluatedMembersAndElements() {
        check("""
                {"properties": {"a": {"type": "null"}}, "allOf": [{"properties": {"b": {"type": "null"}}}],
                 "unevaluatedProperties": false}""", List.of("{\"a\":null,\"b\":null}"), List.of("{\"c\":null}"));
        check("""
                {"allOf": [{"properties": {"a": {}}, "unevaluatedProperties": false}, {"properties": {"b": {}}}]}""", List.of("{\"a\":1}", "{}"), List.of("{\"b\":1}"));
        check(
                "{\"properties\": {\"a\": {}}, \"unevaluatedProperties\": {\"type\": \"null\"}}",
                List.of("{\"a\":1,\"x\":null}"),
                List.of("{\"x\":1}"));
        check(
                "{\"prefixItems\": [{}], \"anyOf\": [{\"prefixItems\": [true, {\"type\": \"null\"}]}], \"unevaluatedItems\": false}",
                List.of("[1,null]"),
                List.of("[1,1]", "[1,null,2]"));
    }

    @Test
    void referencesByName() {
        check("""
                {"$id": "https://example.org/a/root.json", "properties": {
                   "x": {"$ref": "#num"}, "y": {"$ref": "item.json"}, "z": {"$ref": "/a/item.json#/$defs/inner"}},
                 "$defs": {
                   "n": {"$anchor": "num", "type": "integer"},
                   "i": {"$id": "item.json", "type": "string", "$defs": {"inner": {"type": "null"}}}}}""", List.of("{\"x\":1,\"y\":\"s\",\"z\":null}"), List.of("{\"x\":\"s\"}", "{\"y\":1}", "{\"z\":1}"));
        check(
                "{\"$defs\": {\"n\": {\"$dynamicAnchor\": \"node\", \"type\": \"null\"}}, \"$dynamicRef\": \"#node\"}",
                List.of("null"),
                List.of("1"));
    }

    /** Keywords beside a reference count since draft 2019-09. */
    @Test
    void keywordsBesideReferences() {
        String schema =
                "{%s\"definitions\": {\"s\": {\"type\": \"string\"}}, \"$ref\": \"#/definitions/s\", \"maxLength\": 1}";
        check(schema.formatted(""), List.of("\"a\""), List.of("\"ab\""));
        check(
                schema.formatted("\"$schema\": \"http://json-schema.org/draft-07/schema#\", "),
                List.of("\"ab\""),
                List.of("1"));
    }

    @Test
    void constantsAreCheckedAgainstTheKeywordsBesideThem() {
        check("""
                {"enum": [1, 20, "a", "abc", [1], [1, 2], {"k": 1}, {}, null], "maximum": 10, "maxLength": 2,
                 "maxItems": 1, "required": ["k"]}""", List.of("1", "\"a\"", "[1]", "{\"k\":1}", "null"), List.of("20", "\"abc\"", "[1,2]", "{}"));
    }

    /** The dependency is examined before the negation that declares the member it is about. */
    @Test
    void membersOfNegationsKeepTheirDependencies() {
        check("""
                {"properties": {"b": {}, "c": {}}, "dependentRequired": {"a": ["b"]},
                 "not": {"allOf": [{"required": ["c"]}, {"not": {"properties": {"a": {"type": "null"}}}}]}}""", List.of("{}", "{\"b\":1}"), List.of("{\"a\":null}", "{\"c\":1,\"a\":null}"));
    }

    /** Members of constants are there although the properties beside do not declare them. */
    @Test
    void constantsHaveUndeclaredMembers() {
        check("""
                {"properties": {"b": {"type": "integer"}}, "enum": [{"a": 1}, {"a": 1, "b": 2}, {}],
                 "dependentRequired": {"a": ["b"]}}""", List.of("{\"a\":1,\"b\":2}", "{}"), List.of("{\"a\":1}"));
    }

    @Test
    void typesExcludeEachOtherOnlyInPlace() {
        assertTrue(assertThrows(
                        GrammarException.class,
                        () -> Grammar.jsonSchema("{\"allOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}"))
                .getMessage()
                .contains("exclude each other"));
        check(
                "{\"anyOf\": [{\"allOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}, {\"type\": \"boolean\"}]}",
                List.of("true"),
                List.of("null", "\"\""));
    }
}
