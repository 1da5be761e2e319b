package kawi.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSyntaxTest {

    @Test
    void textIsReadAndWrittenWithItsOrderAndDigits() {
        String text =
                "{\"b\":[1,1.50,-0.25,1E+3,1e3,2e-05,-0,123456789012345678901234567890],\"a\":{\"t\":true,\"f\":false,\"n\":null},"
                        + "\"s\":\"\\\"\\\\/\\n\\u0001é😀\"}";
        assertEquals(text, JsonSyntax.STRICT.parse(text).toString());
        assertEquals(
                "{\"a\":2,\"b\":1}",
                JsonSyntax.STRICT.parse(" {\"a\":1 , \"b\" : 1,\n\"a\":2}").toString());
    }

    @Test
    void bytesAreUtf8() {
        assertEquals(new JsonString("é"), JsonSyntax.STRICT.parse("\uFEFF\"é\"".getBytes(StandardCharsets.UTF_8)));
        assertEquals("\"\\uD800é\"", new String(new JsonString("\uD800é").toUtf8(), StandardCharsets.UTF_8));
        var refusal = assertThrows(
                JsonException.class, () -> JsonSyntax.STRICT.parse("\"é\"".getBytes(StandardCharsets.ISO_8859_1)));
        assertEquals("line 1, column 1: the bytes are not UTF-8", refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                  | line 1, column 1: there is nothing",
                "nonsense            | line 1, column 1: expected a value, found 'nonsense'",
                "{\"a\":1,}          | line 1, column 8: expected the name of a property in double quotes, found '}'",
                "{a:1}               | line 1, column 2: expected the name of a property in double quotes, found 'a'",
                "{\"a\" 1}           | line 1, column 6: expected a colon after the name of a property, found '1'",
                "{\"a\":}            | line 1, column 6: expected the value of a property, found '}'",
                "{\"a\":1 \"b\":2}   | line 1, column 8: expected a comma or the end of the object, found '\"'",
                "[1 2]               | line 1, column 4: expected a comma or the end of the array, found '2'",
                "[1,]                | line 1, column 4: expected a value, found ']'",
                "{} {}               | line 1, column 4: the value has ended, but more follows",
                "{\"a\"              | line 1, column 5: the text ends inside an object",
                "[1                  | line 1, column 3: the text ends inside an array",
                "\"cut               | line 1, column 5: the text ends inside a string",
                "1e99999999999       | line 1, column 1: a number in it has too large an exponent",
                "NaN                 | line 1, column 1: expected a value, found 'NaN'",
            })
    void whatIsWrongIsSaidInOurWordsWithItsPlace(String text, String message) {
        assertEquals(
                message,
                assertThrows(JsonException.class, () -> JsonSyntax.STRICT.parse(text))
                        .getMessage());
    }

    @Test
    void badStringsAndNumbersAreSaidToBeSo() {
        assertTrue(refusal("[\"a\\q\"]").endsWith("'q' cannot stand like this in a string"), refusal("[\"a\\q\"]"));
        assertTrue(refusal("\"a\nb\"").contains("\\u000a cannot stand like this in a string"), refusal("\"a\nb\""));
        for (String text : List.of("01", "1.", "-", "+1", ".5", "1e", "[\"\\u12\"]", "tru", "'a'", "// x\n1")) {
            String message = refusal(text);
            assertTrue(message.startsWith("line "), message);
            assertFalse(message.contains("REDACTED") || message.contains("Source") || message.contains("JSON String"));
        }
    }

    private static String refusal(String text) {
        return assertThrows(JsonException.class, () -> JsonSyntax.STRICT.parse(text))
                .getMessage();
    }

    @Test
    void depthAndLengthOfNumbersAreLimited() {
        int depth = JsonSyntax.MAX_DEPTH;
        String deep = "[".repeat(depth) + "]".repeat(depth);
        assertEquals(deep, JsonSyntax.STRICT.parse(deep).toString());
        assertTrue(refusal("[" + deep + "]").endsWith("values are nested more than 500 deep"));
        assertTrue(refusal("[".repeat(100_000)).endsWith("values are nested more than 500 deep"));
        assertEquals(
                "line 1, column 5: a number in it has more than 1000 characters",
                refusal("[1, " + "9".repeat(1001) + "]"));
    }

    @Test
    void valuesAreEqualIfTheyMeanTheSame() {
        assertEquals(
                JsonSyntax.STRICT.parse("{\"a\":[1.0],\"b\":2}"), JsonSyntax.STRICT.parse("{\"b\":2.00,\"a\":[1]}"));
        assertEquals(
                JsonSyntax.STRICT.parse("[1e2,-0.0]").hashCode(),
                JsonSyntax.STRICT.parse("[100,0]").hashCode());
        assertNotEquals(JsonSyntax.STRICT.parse("[1,2]"), JsonSyntax.STRICT.parse("[2,1]"));
        assertNotEquals(JsonSyntax.STRICT.parse("1"), JsonSyntax.STRICT.parse("\"1\""));
        assertNotEquals(JsonSyntax.STRICT.parse("1e999999999"), JsonSyntax.STRICT.parse("1e999999998"));
    }

    @Test
    void pointersAndPathsLeadToValuesOrToNothing() {
        JsonValue value = JsonSyntax.STRICT.parse("{\"a/b\":[{\"~\":1}],\"\":2}");
        assertEquals(JsonNumber.of(1), value.at("/a~1b/0/~0"));
        assertEquals(JsonNumber.of(2), value.at("/"));
        assertEquals(value, value.at(""));
        for (String pointer : List.of("a", "/a~1b/1", "/a~1b/00", "/a~1b/x", "/none/none", "/a~1b/99999999999")) {
            assertTrue(value.at(pointer).isMissing(), pointer);
        }
        assertTrue(value.path("none").path("none").isMissing());
        assertNull(value.get("none"));
        assertEquals(0, value.path("none").size());
    }

    @Test
    void treesToAndFromTheTypesOfJava() {
        JsonValue value = JsonSyntax.STRICT.parse("{\"a\":[1,2.5,null,true,\"x\",12345678901234567890,1e3]}");
        assertEquals(
                Map.of("a", Arrays.asList(1L, 2.5, null, true, "x", new BigInteger("12345678901234567890"), 1000.0)),
                value.toJava());
        assertEquals(
                "{\"a\":[1,2.5,null,1.0E-5,\"NaN\",1E+3],\"b\":[1,2]}",
                JsonValue.of(new java.util.TreeMap<>(Map.of(
                                "a",
                                Arrays.asList(1, 2.5f, null, 1e-5, Double.NaN, new BigDecimal("1E+3")),
                                "b",
                                new int[] {1, 2})))
                        .toString());
        assertThrows(IllegalArgumentException.class, () -> JsonValue.of(new Object()));
        List<Object> endless = new java.util.ArrayList<>();
        endless.add(endless);
        assertThrows(IllegalArgumentException.class, () -> JsonValue.of(endless));
    }

    @Test
    void pythonWritesNumbersThatAreNotFinite() {
        String text = "{\"a\": [Infinity, -Infinity, NaN], \"b\": 1.5}";
        JsonValue value = JsonSyntax.PYTHON.parse(text);
        assertEquals(JsonValue.of(List.of("Infinity", "-Infinity", "NaN")), value.path("a"));
        assertEquals(1.5, value.path("b").doubleValue());
        assertThrows(JsonException.class, () -> JsonSyntax.STRICT.parse(text));
        assertThrows(JsonException.class, () -> JsonSyntax.PYTHON.parse("{'a': 1}"));
    }
}
