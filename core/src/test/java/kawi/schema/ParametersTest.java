package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kawi.Matches;
import kawi.Range;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ParametersTest {

    enum Unit {
        CELSIUS,
        KELVIN
    }

    record Place(double lat, double lon) {}

    record Search(
            String text,
            @Range(min = 1, max = 7) int days,
            boolean exact,
            Optional<Unit> unit,
            @Nullable Place place,
            List<Integer> pages,
            Map<String, Object> more,
            @Matches("[A-Z]{2}") Optional<String> country) {}

    private static final Parameters SEARCH = Parameters.of(Search.class);

    private static Map<String, String> raw(String... namesAndTexts) {
        var raw = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            raw.put(namesAndTexts[i], namesAndTexts[i + 1]);
        }
        return raw;
    }

    private static Map<String, String> search(String... others) {
        var raw = raw("text", "t", "days", "1", "exact", "True", "pages", "[]", "more", "{}");
        raw.putAll(raw(others));
        return raw;
    }

    private static String refused(Parameters parameters, Map<String, String> raw) {
        return String.valueOf(assertThrows(MismatchException.class, () -> parameters.ofText(raw))
                .getMessage());
    }

    @Test
    void textBetweenTagsBecomesWhatTheSchemaSays() {
        assertEquals(
                "{\"text\":\"a \\\"b\\\"\\n<c> 12 ü\",\"days\":3,\"exact\":true,\"unit\":\"KELVIN\",\"place\":{\"lat\":1.5,\"lon\":-2},"
                        + "\"pages\":[1,2,3],\"more\":{\"x\":null},\"country\":\"ID\"}",
                SEARCH.ofText(raw(
                        "text", "a \"b\"\n<c> 12 ü",
                        "days", " 3.0 ",
                        "exact", "True",
                        "unit", "kelvin",
                        "place", "{\"lat\": \"1.5\", 'lon': -2}",
                        "pages", "[1, \"2\", 3.0,]",
                        "more", "{\"x\": null}",
                        "country", "ID")));
    }

    @Test
    void stringsStayAsTheyAre() {
        for (var text : List.of("12", "true", "null", "\"quoted\"", "{\"a\":1}", " spaces ", "")) {
            assertEquals(text, ((Search) SEARCH.read(SEARCH.ofText(search("text", text)))).text());
        }
    }

    @Test
    void nothingInPlaceOfAnOptionalParameterLeavesItOut() {
        var read = (Search) SEARCH.read(SEARCH.ofText(search("place", "None")));
        assertEquals(null, read.place());
        assertEquals(SEARCH.ofText(search()), SEARCH.ofText(search("place", "null")));
        assertEquals("days must be an integer from 1 to 7, but is null", refused(SEARCH, search("days", "null")));
    }

    @Test
    void everythingWrongIsSaidAtOnce() {
        assertEquals(
                "text is missing; days must be an integer from 1 to 7, but is \"many\";"
                        + " unit must be one of \"CELSIUS\", \"KELVIN\", but is \"F\";"
                        + " colour is not known; known are: text, days, exact, unit, place, pages, more, country",
                refused(
                        SEARCH,
                        raw(
                                "days", "many", "exact", "false", "unit", "F", "pages", "[]", "more", "{}", "colour",
                                "red")));
        assertEquals(
                "pages[1] must be an integer from -2147483648 to 2147483647, but is \"x\"",
                refused(SEARCH, search("pages", "[1, \"x\"]")));
        assertEquals("place.lon is missing", refused(SEARCH, search("place", "{\"lat\": 1}")));
        assertEquals(
                "country must match the pattern ^[A-Z]{2}$, but is \"Java\"",
                refused(SEARCH, search("country", "Java")));
        assertEquals("pages must be an array, but is \"1, 2\"", refused(SEARCH, search("pages", "1, 2")));
    }

    @Test
    void aLongListOfFaultsIsCut() {
        assertTrue(refused(SEARCH, search("pages", "[[],[],[],[],[],[],[]]")).endsWith("; and 2 more"));
    }

    @Test
    void argumentsMayBeJson() {
        var json = SEARCH.ofText(search());
        assertEquals(json, SEARCH.ofJson(json));
        assertEquals(
                json,
                SEARCH.ofJson("{'text': 't', 'days': '1', 'exact': true, 'pages': '[]', 'more': {}, 'place': null}"));
        assertEquals(
                "the arguments are not JSON: \"days=1\"",
                assertThrows(MismatchException.class, () -> SEARCH.ofJson("days=1"))
                        .getMessage());
        assertEquals(
                "the value must be an object, but is [1]",
                assertThrows(MismatchException.class, () -> SEARCH.ofJson("[1]"))
                        .getMessage());
        assertEquals("{}", Parameters.none().ofJson(""));
    }

    @Test
    void theModelIsShownNoMoreThanItNeeds() {
        assertEquals(
                "{type=object, properties={text={type=string}, days={type=integer, minimum=1, maximum=7}, exact={type=boolean},"
                        + " unit={type=string, enum=[CELSIUS, KELVIN]},"
                        + " place={type=object, properties={lat={type=number}, lon={type=number}}, required=[lat, lon]},"
                        + " pages={type=array, items={type=integer}}, more={type=object, additionalProperties={}},"
                        + " country={type=string, pattern=^[A-Z]{2}$}}, required=[text, days, exact, pages, more]}",
                SEARCH.shown().toString());
        assertTrue(SEARCH.schemaText().contains("\"additionalProperties\":false"));
    }

    private static final String GIVEN = """
            {"type": "object", "properties": {
              "a": {"type": ["integer", "null"]},
              "b": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "enum": ["auto"]}]},
              "c": {"$ref": "#/$defs/node"},
              "d": {"enum": [1, 2.5, "x", null]},
              "e": {"type": "string", "format": "uri"}},
             "required": ["a"],
             "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "v": {"type": "integer"}}}}}""";

    @Test
    void aGivenSchemaIsKeptTo() {
        var given = Parameters.ofSchema(GIVEN);
        assertEquals(
                "{\"a\":null,\"b\":\"auto\",\"c\":{\"next\":{\"v\":1}},\"d\":2.5,\"e\":\"any\",\"f\":\"free\"}",
                given.ofText(raw(
                        "a",
                        "null",
                        "b",
                        "AUTO",
                        "c",
                        "{\"next\": {\"v\": \"1\"}}",
                        "d",
                        "2.5",
                        "e",
                        "any",
                        "f",
                        "free")));
        assertEquals("{\"a\":1,\"b\":0.5,\"d\":\"x\"}", given.ofText(raw("a", "1", "b", "0.5", "d", "x")));
        assertEquals(
                "a must be an integer or null, but is \"one\";"
                        + " b must be a number greater than 0, but is 0;"
                        + " c.next.v must be an integer, but is 1.5; d must be one of 1, 2.5, \"x\", null, but is 3",
                refused(given, raw("a", "one", "b", "0", "c", "{\"next\": {\"v\": 1.5}}", "d", "3")));
        assertEquals("{\"a\":1}", given.read("{\"a\":1}"));
    }

    @Test
    void aGivenSchemaThatIsNoneIsRefused() {
        assertEquals(
                "the schema of a tool's parameters is that of an object, found {\"type\":\"string\"}",
                assertThrows(IllegalArgumentException.class, () -> Parameters.ofSchema("{\"type\":\"string\"}"))
                        .getMessage());
        assertEquals(
                "the reference \"#/$defs/gone\" leads to no schema",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Parameters.ofSchema("{\"properties\":{\"a\":{\"$ref\":\"#/$defs/gone\"}}}"))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> Parameters.ofSchema("{\"properties\":{\"a\":{\"$ref\":\"#/properties/a\"}}}"));
        assertThrows(IllegalArgumentException.class, () -> Parameters.ofSchema("{"));
    }

    @Test
    void alternativesWithinAlternativesEnd() {
        var given = Parameters.ofSchema("""
                {"properties": {"n": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"anyOf": [
                  {"type": "array", "items": {"$ref": "#/$defs/n"}, "maxItems": 5},
                  {"type": "array", "items": {"$ref": "#/$defs/n"}, "maxItems": 6},
                  {"type": "array", "items": {"$ref": "#/$defs/n"}, "maxItems": 7}]}}}""");
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertTrue(refused(given, raw("n", "[".repeat(40) + "1" + "]".repeat(40)))
                        .startsWith("n")));
    }

    @Test
    void aMethodWhoseParametersHaveNoNames() throws NoSuchMethodException {
        var method = String.class.getMethod("repeat", int.class); // the JDK is compiled without them
        assertEquals(
                "the names of the parameters of String.repeat are not in its class file: compile it with -parameters,"
                        + " or write @Name(\"...\") before each",
                assertThrows(IllegalArgumentException.class, () -> Parameters.of(method))
                        .getMessage());
    }

    record Page(@Matches("(a|b)*") String text) {}

    @Test
    void aPatternIsSearchedForInALongText() {
        var text = "ab".repeat(200_000);
        assertEquals("{\"text\":\"" + text + "\"}", Parameters.of(Page.class).ofText(raw("text", text)));
        assertTrue(refused(Parameters.of(Page.class), raw("text", text + "c"))
                .startsWith("text must match the pattern ^(("));
    }
}
