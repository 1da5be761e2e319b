package kawi.constraint;

import static kawi.constraint.TestVocabulary.check;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each keyword with texts that are valid and texts that are invalid, byte by byte. */
class SchemaGrammarTest {

    @Test
    void types() {
        check("{\"type\":\"null\"}", List.of("null"), List.of("nul", "0", "", "true", " null", "null "));
        check("{\"type\":\"boolean\"}", List.of("true", "false"), List.of("null", "True"));
        check(
                "{\"type\":[\"integer\",\"null\"]}",
                List.of("1", "null", "-20"),
                List.of("1.5", "\"1\"", "-0", "01", "+1"));
        check(
                "{\"type\":\"number\"}",
                List.of("0", "-1", "1.50", "0.001", "-0.5", "12e3", "1E-10", "1.5e+9"),
                List.of("1.", ".5", "00", "1e", "1e+", "-", "1e123", "--1", "Infinity", "NaN"));
        check("true", List.of("1", "[]", "{\"a\":[{}]}", "\"x\""), List.of("", "[", "{a:1}", "[1,]", "'x'"));
        check("{}", List.of("1", "[1, 2,3]"), List.of("[1 ,2]", "[1,  2]", "[\n]"));
    }

    @Test
    void strings() {
        check(
                "{\"type\":\"string\"}",
                List.of(
                        "\"\"",
                        "\"a\"",
                        "\"é日🪁\"",
                        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                        "\"\\u00e9\\uD83E\\uDE81\"",
                        "\"\u007f\u2028\""),
                List.of(
                        "\"",
                        "\"\n\"",
                        "\"\t\"",
                        "\"\\x\"",
                        "\"\\u12\"",
                        "\"\\uD83E\"",
                        "\"\\uDE81\"",
                        "\"\\uD83Ex\"",
                        "\"\\uD83E\\u0041\"",
                        "x"));
        check(
                "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}",
                List.of("\"ab\"", "\"abc\"", "\"🪁🪁🪁\"", "\"\\n\\n\"", "\"\\uD83E\\uDE81a\""),
                List.of("\"a\"", "\"abcd\"", "\"🪁\"", "\"\\uD83E\\uDE81\"", "\"\\n\\n\\n\\n\""));
        check("{\"type\":\"string\",\"maxLength\":0}", List.of("\"\""), List.of("\"a\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^a.*z$\"}",
                List.of("\"az\"", "\"a\\\"\\\\éz\"", "\"a\\u0001z\""),
                List.of("\"a\"", "\"xaz\"", "\"a\\nz\"", "\"a\\u0062z\"", "\"a\"z\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"[0-9]\"}",
                List.of("\"5\"", "\"ab5cd\"", "\"\\n1\\n\""),
                List.of("\"\"", "\"ab\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^[a-z\\\\n]+$\",\"minLength\":2,\"maxLength\":4}",
                List.of("\"ab\"", "\"a\\nbc\"", "\"\\n\\n\\n\\n\""),
                List.of("\"a\"", "\"abcde\"", "\"\\n\"", "\"AB\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^(?:aa)+$\",\"minLength\":3,\"maxLength\":5}",
                List.of("\"aaaa\""),
                List.of("\"aa\"", "\"aaa\"", "\"aaaaa\"", "\"aaaaaa\""));
    }

    @Test
    void rawBytesMustBeUtf8() {
        Grammar grammar = Grammar.jsonSchema("{\"type\":\"string\"}");
        for (byte[] inside : List.of(
                new byte[] {(byte) 0x80},
                new byte[] {(byte) 0xC0, (byte) 0x80},
                new byte[] {(byte) 0xE0, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xC3, '"'},
                new byte[] {(byte) 0xFF})) {
            byte[] text = new byte[inside.length + 2];
            text[0] = text[text.length - 1] = '"';
            System.arraycopy(inside, 0, text, 1, inside.length);
            assertFalse(TestVocabulary.accepts(grammar, text));
        }
        for (int c = 0x20; c <= 0x10FFFF; c += c < 0x3000 ? 7 : 991) {
            if (Character.getType(c) != Character.SURROGATE && c != '"' && c != '\\') {
                String text = "\"" + Character.toString(c) + "\"";
                assertTrue(TestVocabulary.accepts(grammar, text.getBytes(StandardCharsets.UTF_8)), text);
            }
        }
    }

    @Test
    void formats() {
        check(
                "{\"type\":\"string\",\"format\":\"date\"}",
                List.of("\"2024-02-29\"", "\"2000-02-29\"", "\"1999-12-31\""),
                List.of("\"2023-02-29\"", "\"1900-02-29\"", "\"2024-04-31\"", "\"2024-13-01\"", "\"24-01-01\""));
        check(
                "{\"type\":\"string\",\"format\":\"time\"}",
                List.of("\"23:59:59Z\"", "\"00:00:00.5+02:00\""),
                List.of("\"24:00:00Z\"", "\"12:00:00\"", "\"12:00Z\""));
        check(
                "{\"type\":\"string\",\"format\":\"date-time\"}",
                List.of("\"2024-02-29T10:11:12Z\""),
                List.of("\"2024-02-29\"", "\"2024-02-29 10:11:12Z\""));
        check(
                "{\"type\":\"string\",\"format\":\"uuid\"}",
                List.of("\"123e4567-e89b-12d3-a456-426614174000\""),
                List.of("\"123e4567e89b12d3a456426614174000\""));
        check(
                "{\"type\":\"string\",\"format\":\"ipv4\"}",
                List.of("\"127.0.0.1\"", "\"255.255.255.255\""),
                List.of("\"256.0.0.1\"", "\"1.2.3\"", "\"01.2.3.4\""));
        check(
                "{\"type\":\"string\",\"format\":\"email\"}",
                List.of("\"a.b@example.org\""),
                List.of("\"a@b\"", "\"a b@example.org\"", "\"@example.org\""));
        check(
                "{\"type\":\"string\",\"format\":\"duration\"}",
                List.of("\"PT5M\"", "\"P1DT2H3M4S\""),
                List.of("\"P\"", "\"PT\"", "\"5M\""));
        check("{\"type\":\"string\",\"format\":\"colour\"}", List.of("\"anything\""), List.of("1"));
    }

    @Test
    void numericBoundsAreExact() {
        check(
                "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":105}",
                List.of("-12", "-1", "0", "9", "99", "105"),
                List.of("-13", "106", "1000", "-120", "1.0", "-0"));
        check(
                "{\"type\":\"integer\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":10}",
                List.of("1", "9"),
                List.of("0", "10", "-1"));
        check(
                "{\"type\":\"integer\",\"minimum\":9223372036854775807,\"maximum\":9223372036854775807}",
                List.of("9223372036854775807"),
                List.of("9223372036854775806", "9223372036854775808"));
        check("{\"type\":\"integer\",\"multipleOf\":7}", List.of("0", "7", "-14", "700000"), List.of("1", "-13", "15"));
        check(
                "{\"type\":\"integer\",\"minimum\":10,\"maximum\":40,\"multipleOf\":15}",
                List.of("15", "30"),
                List.of("0", "45", "20"));
        check("{\"type\":\"integer\",\"minimum\":0.5,\"maximum\":2.5}", List.of("1", "2"), List.of("0", "3"));
        check(
                "{\"type\":\"number\",\"minimum\":-0.25,\"exclusiveMaximum\":1.5}",
                List.of("-0.25", "-0.2500", "-0.1", "0", "1", "1.4999", "0.0"),
                List.of("-0.2501", "-0.26", "1.5", "1.50", "2", "-1", "1e0"));
        check("{\"type\":\"number\",\"exclusiveMinimum\":0}", List.of("0.0001", "1", "999"), List.of("0", "0.0", "-1"));
        check(
                "{\"type\":\"number\",\"multipleOf\":0.05}",
                List.of("0.1", "0.15", "-3.25", "2"),
                List.of("0.01", "0.051", "3.33"));
    }

    @Test
    void literals() {
        check(
                "{\"enum\":[\"a\",1,null,true,{\"k\":[1,\"é\"]},\"q\\\"\\n\"]}",
                List.of("\"a\"", "1", "null", "true", "{\"k\":[1,\"é\"]}", "\"q\\\"\\n\""),
                List.of("\"b\"", "2", "false", "{}"));
        check("{\"const\":1.50}", List.of("1.50"), List.of("1"));
        check("{\"type\":\"string\",\"enum\":[\"a\",1]}", List.of("\"a\""), List.of("1"));
    }

    @Test
    void objects() {
        String schema =
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"boolean\"},\"ab\":{\"type\":\"null\"}},\"required\":[\"b\"]}";
        check(
                schema,
                List.of(
                        "{\"b\":true}",
                        "{\"a\":1,\"b\":true}",
                        "{\"a\": 1, \"b\":true, \"ab\": null}",
                        "{\"b\":false,\"ab\":null}"),
                List.of(
                        "{}",
                        "{\"a\":1}",
                        "{\"b\":true,\"a\":1}",
                        "{\"b\":1}",
                        "{\"c\":1,\"b\":true}",
                        "{\"b\":true,}",
                        "{\"b\":true",
                        "{,\"b\":true}",
                        "{\"a\":1 ,\"b\":true}"));
        check("{\"type\":\"object\"}", List.of("{}", "{\"x\":1}", "{\"x\":[], \"y\":{}}"), List.of("[]", "{x:1}"));
        check(
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}",
                List.of("{}", "{\"k\":1,\"\":2}"),
                List.of("{\"k\":\"1\"}"));
        check(
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"},\"minProperties\":1}",
                List.of("{\"k\":1}"),
                List.of("{}"));
        check("{\"type\":\"object\",\"additionalProperties\":false}", List.of("{}"), List.of("{\"a\":1}"));
        check(
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"additionalProperties\":{\"type\":\"string\"}}",
                List.of("{}", "{\"a\":1}", "{\"a\":1,\"b\":\"x\"}", "{\"b\":\"x\",\"aa\":\"\"}"),
                List.of("{\"a\":\"x\"}", "{\"b\":\"x\",\"a\":\"x\"}", "{\"\\u0061\":\"x\"}"));
        check("{\"properties\":{\"a\":false,\"b\":true}}", List.of("{}", "{\"b\":[]}"), List.of("{\"a\":1}"));
        check(
                "{\"type\":\"object\",\"required\":[\"x\"]}",
                List.of("{\"x\":1}", "{\"x\":1,\"y\":2}"),
                List.of("{}", "{\"y\":2}"));
    }

    @Test
    void arrays() {
        check(
                "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}",
                List.of("[]", "[1]", "[1, 2,3]"),
                List.of("[1,]", "[\"a\"]", "[,1]", "[1 2]", "["));
        check(
                "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}",
                List.of("[1,2]", "[1,2,3]"),
                List.of("[]", "[1]", "[1,2,3,4]"));
        check("{\"type\":\"array\",\"maxItems\":0}", List.of("[]"), List.of("[1]"));
        check("{\"type\":\"array\",\"items\":false}", List.of("[]"), List.of("[1]"));
        check(
                "{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"maxItems\":1},\"minItems\":1}",
                List.of("[[]]", "[[null],[]]"),
                List.of("[[null,null]]", "[]"));
        check(
                "{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"items\":{\"type\":\"null\"}}",
                List.of("[]", "[1]", "[1,\"a\"]", "[1,\"a\",null,null]"),
                List.of("[\"a\"]", "[1,2]", "[1,\"a\",1]"));
        check(
                "{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"items\":false,\"minItems\":2}",
                List.of("[1,\"a\"]"),
                List.of("[]", "[1]", "[1,\"a\",null]"));
        check(
                "{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"integer\"}],\"maxItems\":1}",
                List.of("[]", "[1]"),
                List.of("[1,2]"));
    }

    @Test
    void combinations() {
        check(
                "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\",\"maxLength\":1},{\"type\":\"string\",\"pattern\":\"^ab\"}]}",
                List.of("1", "\"a\"", "\"abc\""),
                List.of("\"xy\"", "null"));
        check(
                "{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"t\":{\"const\":\"a\"},\"x\":{\"type\":\"integer\"}},\"required\":[\"t\",\"x\"]},{\"type\":\"object\",\"properties\":{\"t\":{\"const\":\"b\"}},\"required\":[\"t\"]}]}",
                List.of("{\"t\":\"a\",\"x\":1}", "{\"t\":\"b\"}"),
                List.of("{\"t\":\"a\"}", "{\"t\":\"b\",\"x\":1}"));
        check(
                "{\"$defs\":{\"base\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":0}},\"required\":[\"a\"]}},\"allOf\":[{\"$ref\":\"#/$defs/base\"},{\"properties\":{\"a\":{\"maximum\":9},\"b\":{\"type\":\"null\"}}}]}",
                List.of("{\"a\":5}", "{\"a\":9,\"b\":null}"),
                List.of("{\"a\":10}", "{\"a\":-1}", "{}"));
        check(
                "{\"type\":\"object\",\"properties\":{\"k\":{\"type\":\"integer\"}},\"required\":[\"k\"],\"anyOf\":[{\"properties\":{\"k\":{\"minimum\":5}}},{\"properties\":{\"m\":{\"type\":\"null\"}},\"required\":[\"m\"]}]}",
                List.of("{\"k\":5}", "{\"k\":1,\"m\":null}"),
                List.of("{\"k\":4}", "{\"m\":null}"));
        check(
                "{\"allOf\":[{\"type\":[\"integer\",\"null\"]},{\"type\":\"number\"}]}",
                List.of("3"),
                List.of("null", "3.5"));
    }

    @Test
    void references() {
        check(
                "{\"type\":\"object\",\"properties\":{\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}},\"required\":[\"v\"]}",
                List.of("{\"v\":1}", "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}"),
                List.of("{\"v\":1,\"next\":{}}", "{\"v\":1,\"next\":{\"v\":2}"));
        check(
                "{\"$defs\":{\"a/b c\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/a~1b%20c\"}",
                List.of("null"), List.of("1"));
        check(
                "{\"$defs\":{\"x\":{\"type\":\"integer\"}},\"$ref\":\"#/$defs/x\",\"minimum\":3}",
                List.of("3"),
                List.of("2"));
    }

    @Test
    void patternsThatLookAround() {
        check(
                """
                {"type":"object","properties":{"bar":{"anyOf":[{"type":"number"},{"type":"string",
                "pattern":"^(?!^[-+.]*$)[+-]?0*\\\\d*\\\\.?\\\\d*$"}]}},"required":["bar"]}""",
                List.of("{\"bar\":1.5}", "{\"bar\":\"1.5\"}", "{\"bar\":\"-0.25\"}", "{\"bar\":\"7.\"}"),
                List.of("{\"bar\":\".\"}", "{\"bar\":\"-\"}", "{\"bar\":\"\"}", "{\"bar\":\"x\"}"));
        check(
                """
                {"type":"string","pattern":
                "^(?!^[-+.]*$)[+-]?0*(?:\\\\d{0,8}|(?=[\\\\d.]{1,11}0*$)\\\\d{0,8}\\\\.\\\\d{0,2}0*$)$"}""",
                List.of("\"12345678\"", "\"-00012345678.2500\"", "\".5\"", "\"1.\""),
                List.of("\"1.234\"", "\"+.\"", "\"123456789.1\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^(?=.*[a-z])(?=.*[A-Z])(?=.*\\\\d).{6,}$\"}",
                List.of("\"aB3456\"", "\"\\\"\\\\xY9z\""),
                List.of("\"aB345\"", "\"ab3456\"", "\"ABCDE1\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"\\\\bid\\\\b\"}",
                List.of("\"id\"", "\"an id.\"", "\"\\nid\\n\""),
                List.of("\"idea\"", "\"void\"", "\"_id\""));
    }

    @Test
    void patternsOfEcmaScript() {
        check("{\"type\":\"string\",\"pattern\":\"^[^[\\\\]]+$\"}", List.of("\"a\\\"b\""), List.of("\"[\"", "\"a]\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^[\\\\u{1F600}-\\\\u{1F64F}]+$\"}",
                List.of("\"\uD83D\uDE00\uD83D\uDE4F\""),
                List.of("\"\uD83D\uDE80\"", "\"a\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^(?P<year>[0-9]{4})\\\\Z\"}",
                List.of("\"2024\""), List.of("\"20245\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^[\\\\p{Script=Greek}\\\\s]+$\"}",
                List.of("\"\u03a9 \uFEFF\""),
                List.of("\"O\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"not\":{}};at the root: no value is valid",
                "{\"properties\":{\"a/b\":{\"$recursiveRef\":\"#\"}}};at /properties/a~1b: the keyword $recursiveRef",
                "{\"type\":\"strin\"};at /type: expected one of",
                "{\"not\":{\"uniqueItems\":true}};uniqueItems inside not",
                "{\"patternProperties\":[]};expected an object of schemas",
                "{\"type\":\"array\",\"uniqueItems\":true};uniqueItems",
                "{\"oneOf\":[{\"type\":\"null\"},{\"type\":\"null\"}]};no value is valid",
                "{\"$ref\":\"http://x/y\"};only references within the document",
                "{\"$id\":\"http://x/a/\",\"$defs\":{\"b\":{\"$id\":\"b\"},\"c\":{\"$id\":\"/b\"}},\"allOf\":[{\"$id\":\"/\",\"$ref\":\"b\"}]};must name the draft",
                "{\"$ref\":\"#/$defs/none\"};there is no #/$defs/none",
                "{\"$ref\":\"#\"};refers to itself",
                "{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]};refers to itself",
                "{\"allOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]};refers to itself",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]};no finite answer",
                "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]};exclude each other",
                "{\"type\":\"string\",\"minLength\":5,\"maxLength\":4};minLength 5 is more than maxLength 4",
                "{\"type\":\"string\",\"pattern\":\"^a$\",\"minLength\":2};no string can satisfy",
                "{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"};column 4: backreferences",
                "{\"type\":\"integer\",\"minimum\":3,\"maximum\":2};no number satisfies",
                "{\"type\":\"integer\",\"minimum\":1e999999999};more than 60 digits",
                "{\"type\":\"integer\",\"multipleOf\":0};expected a number greater than 0",
                "{\"type\":\"integer\",\"multipleOf\":1e-300};multipleOf",
                "{\"type\":\"array\",\"minItems\":2,\"maxItems\":1};minItems 2 is more",
                "{\"type\":\"array\",\"minItems\":2000000000};no finite answer",
                "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false};required and excluded",
                "{\"enum\":[]};expected an array of values",
                "{\"enum\":[1],\"type\":\"string\"};exclude each other",
                "{\"enum\":[\"\\ud800\"]};an unpaired surrogate",
                "{\"properties\":{\"a\":{}},\"additionalProperties\":true,\"maxProperties\":2000};maxProperties",
                "{\"properties\":{\"a\":{}},\"minProperties\":2};no choice of its properties",
                "{\"minProperties\":2,\"maxProperties\":1};minProperties 2 is more than maxProperties 1",
                "[1];expected a schema",
                "{\"a\";not valid JSON",
                "{} {};not valid JSON",
                "false;no finite answer"
            })
    void saysWhatItRefuses(String schema, String message) {
        var e = assertThrows(GrammarException.class, () -> Grammar.jsonSchema(schema));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().startsWith("JSON Schema"), e.getMessage());
    }

    @Test
    void entriesOfMapsAreCounted() {
        check(
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"},\"minProperties\":2,\"maxProperties\":3}",
                List.of("{\"a\":1,\"b\":2}", "{\"a\":1, \"b\": 2, \"c\":3}"),
                List.of("{}", "{\"a\":1}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", "{\"a\":true,\"b\":1}"));
        check("{\"type\":\"object\",\"maxProperties\":1}", List.of("{}", "{\"a\":[]}"), List.of("{\"a\":1,\"b\":2}"));
        check("{\"type\":\"object\",\"maxProperties\":0}", List.of("{}"), List.of("{\"a\":1}"));
    }

    @Test
    void declaredPropertiesAreCounted() {
        String schema =
                "{\"properties\":{\"a\":{\"type\":\"null\"},\"b\":{\"type\":\"null\"},\"c\":{\"type\":\"null\"},"
                        + "\"d\":{\"type\":\"null\"}},\"required\":[\"c\"],\"additionalProperties\":false,%s}";
        check(
                schema.formatted("\"minProperties\":2,\"maxProperties\":3"),
                List.of(
                        "{\"a\":null,\"c\":null}",
                        "{\"c\":null,\"d\":null}",
                        "{\"a\":null,\"b\":null,\"c\":null}",
                        "{\"b\":null,\"c\":null,\"d\":null}"),
                List.of(
                        "{}",
                        "{\"c\":null}",
                        "{\"a\":null,\"b\":null}",
                        "{\"a\":null,\"b\":null,\"c\":null,\"d\":null}"));
        check(
                schema.formatted("\"maxProperties\":1"),
                List.of("{\"c\":null}"),
                List.of("{}", "{\"a\":null,\"c\":null}"));
        check(
                schema.formatted("\"minProperties\":4"),
                List.of("{\"a\":null,\"b\":null,\"c\":null,\"d\":null}"),
                List.of("{\"c\":null}", "{\"a\":null,\"b\":null,\"c\":null}"));
    }

    @Test
    void boundsHostileSchemas() {
        String deep = "{\"items\":".repeat(400) + "{}" + "}".repeat(400);
        check(deep, List.of("[]", "[".repeat(80) + "]".repeat(80)), List.of("1", "[1]"));
        String options = "{\"anyOf\":[".repeat(200) + "{}" + "]}".repeat(200);
        assertTrue(assertThrows(GrammarException.class, () -> Grammar.jsonSchema(options))
                .getMessage()
                .contains("nested more than"));

        var doubling = new StringBuilder("{\"$defs\":{\"a0\":{\"type\":\"null\"},\"b0\":{\"type\":\"boolean\"}");
        for (int i = 1; i < 60; i++) {
            String below =
                    "{\"anyOf\":[{\"$ref\":\"#/$defs/a" + (i - 1) + "\"},{\"$ref\":\"#/$defs/b" + (i - 1) + "\"}]}";
            doubling.append(",\"a" + i + "\":" + below + ",\"b" + i + "\":" + below);
        }
        check(doubling + "},\"$ref\":\"#/$defs/a20\"}", List.of("null", "true"), List.of("1"));

        String many = java.util.stream.IntStream.range(0, 20_000)
                .mapToObj(i -> "\"v" + i * 7919 + "x\"")
                .collect(java.util.stream.Collectors.joining(","));
        assertTrue(assertThrows(GrammarException.class, () -> Grammar.jsonSchema("{\"enum\":[" + many + "]}"))
                .getMessage()
                .contains("too "));
    }

    @Test
    void alternativesThatNestAlikeStayBounded() {
        String schema =
                "{\"$defs\":{\"n\":{\"anyOf\":[{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/n\"}},{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/n\"},\"maxItems\":3}]}},\"$ref\":\"#/$defs/n\"}";
        Grammar grammar = Grammar.jsonSchema(schema);
        var answer = new Constrained(grammar, TestVocabulary.SMALL.trie());
        int depth = 0;
        for (; answer.allows('['); depth++) {
            answer.accept('[');
        }
        assertTrue(depth >= 90 && depth <= Grammar.MAX_DEPTH + 1, "depth " + depth);
        for (; !answer.mustEnd(); depth--) {
            answer.accept(']');
        }
        assertEquals(0, depth);
    }

    @Test
    void manyOptionalProperties() {
        var schema = new StringBuilder("{\"type\":\"object\",\"properties\":{");
        for (int i = 0; i < 300; i++) {
            schema.append(i == 0 ? "" : ",").append("\"property").append(i).append("\":{\"type\":\"boolean\"}");
        }
        check(
                schema + "}}",
                List.of("{}", "{\"property7\":true,\"property299\":false}"),
                List.of("{\"property9\":true,\"property8\":true}"));
    }
}
