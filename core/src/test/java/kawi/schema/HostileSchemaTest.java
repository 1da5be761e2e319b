package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas of tools and values of models that would take excessive time or stack space. */
class HostileSchemaTest {

    private static final Duration NET = Duration.ofSeconds(60);

    private static String refused(Class<? extends Exception> type, org.junit.jupiter.api.function.Executable work) {
        return String.valueOf(
                assertTimeoutPreemptively(NET, () -> assertThrows(type, work)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'allOf':[{'$ref':'#'}]}",
                "{'anyOf':[{'$ref':'#'},{'type':'object'}]}",
                "{'oneOf':[{'$ref':'#/$defs/a'}],'$defs':{'a':{'anyOf':[{'$ref':'#/$defs/b'}]},'b':{'allOf':[{'$ref':'#/$defs/a'}]}}}",
                "{'properties':{'x':{'anyOf':[{'$ref':'#/properties/x'}]}}}",
            })
    void schemasThatLeadBackToThemselvesAreRefused(String schema) {
        String message = refused(IllegalArgumentException.class, () -> Parameters.ofSchema(schema.replace('\'', '"')));
        assertTrue(message.contains("lead back to themselves"), message);
    }

    @Test
    void schemasThatContainThemselvesAreNot() {
        var list = Parameters.ofSchema(
                "{\"properties\":{\"next\":{\"allOf\":[{\"$ref\":\"#\"}]},\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"]}");
        assertEquals("{\"n\":1,\"next\":{\"n\":2}}", list.ofJson("{\"n\":1,\"next\":{\"n\":2}}"));
        assertEquals("next.n is missing", refused(MismatchException.class, () -> list.ofJson("{\"n\":1,\"next\":{}}")));
    }

    /** Eight references to the next level, on seven levels: two million paths, and eight schemas. */
    @Test
    void whatIsComparedOverAndOverIsComparedOnce() {
        var definitions = IntStream.range(0, 7)
                .mapToObj(level -> "\"l%d\":{\"allOf\":[%s]}"
                        .formatted(level, ("{\"$ref\":\"#/$defs/l" + (level + 1) + "\"},").repeat(8) + "true"))
                .collect(Collectors.joining(","));
        var parameters = Parameters.ofSchema("{\"$ref\":\"#/$defs/l0\",\"$defs\":{" + definitions
                + ",\"l7\":{\"properties\":{\"a\":{\"type\":\"integer\"}}}}}");
        assertEquals("{\"a\":1}", assertTimeoutPreemptively(NET, () -> parameters.ofJson("{\"a\":1}")));
    }

    @Test
    void alternativesThatMultiplyEndInASentence() {
        String alternatives = IntStream.range(0, 8)
                .mapToObj(i ->
                        "{\"properties\":{\"x\":{\"$ref\":\"#/$defs/t\"},\"y%d\":{\"type\":\"integer\"}},\"required\":[\"y%d\"]}"
                                .formatted(i, i))
                .collect(Collectors.joining(","));
        var parameters =
                Parameters.ofSchema("{\"properties\":{\"x\":{\"$ref\":\"#/$defs/t\"}},\"$defs\":{\"t\":{\"anyOf\":["
                        + alternatives + "]}}}");
        String value = "{\"x\":".repeat(400) + "1" + "}".repeat(400);
        String message = refused(MismatchException.class, () -> parameters.ofJson(value));
        assertTrue(
                message.equals("it takes too much work to compare it with the schema")
                        || message.equals("it or its schema is nested too deeply"),
                message);
    }

    @Test
    void deepValuesAreReadWithoutEndOfStack() {
        var parameters = Parameters.ofSchema("{\"properties\":{\"x\":{\"$ref\":\"#\"}}}");
        String value = "{\"x\":".repeat(499) + "{}" + "}".repeat(499);
        assertEquals(value, parameters.ofJson(value));
        String deeper = "{\"x\":".repeat(501) + "{}" + "}".repeat(501);
        assertTrue(refused(MismatchException.class, () -> parameters.ofJson(deeper))
                .startsWith("the arguments are not JSON"));
    }

    @Test
    void patternsThatBacktrackForEverEndInASentence() {
        var parameters =
                Parameters.ofSchema("{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"^(.*a){15}$\"}}}");
        assertEquals("{\"s\":\"aaaaaaaaaaaaaaaa\"}", parameters.ofJson("{\"s\":\"aaaaaaaaaaaaaaaa\"}"));
        assertEquals(
                "it takes too much work to compare it with the schema",
                refused(MismatchException.class, () -> parameters.ofJson("{\"s\":\"" + "a".repeat(60) + "!\"}")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(((){10000}){10000}){10000}", "((a{1000}){1000}){1000}", "x{999999999}"})
    void patternsOfTooManyRepetitionsAreRefused(String pattern) {
        String message = refused(
                IllegalArgumentException.class,
                () -> Parameters.ofSchema(
                        "{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"%s\"}}}".formatted(pattern)));
        assertTrue(message.contains("its repetitions come to more than 50,000 parts"), message);
    }

    @Test
    void patternsNestedTooDeeplyAreRefused() {
        for (String pattern : List.of("(".repeat(20_000) + ")".repeat(20_000), "[".repeat(20_000))) {
            String message = refused(
                    IllegalArgumentException.class,
                    () -> Parameters.ofSchema(
                            "{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"%s\"}}}".formatted(pattern)));
            assertTrue(message.contains("nested more than 100 deep"), message);
        }
        Patterns.compile("[a-z]{10000}-([0-9]{100}){100}[)(]{3}\\(\\[\\{");
    }

    @Test
    void longListsAreLookedThroughOnce() {
        String constants =
                IntStream.range(0, 30_000).mapToObj(i -> "\"v" + i + "\"").collect(Collectors.joining(","));
        var parameters = Parameters.ofSchema(
                "{\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"enum\":[" + constants + "]}}}}");
        assertEquals("{\"a\":[\"v29999\"]}", parameters.ofJson("{\"a\":[\"v29999\"]}"));
        assertEquals(
                "it takes too much work to compare it with the schema",
                refused(
                        MismatchException.class,
                        () -> parameters.ofJson("{\"a\":[" + "\"v29999\",".repeat(1000) + "1]}")));
    }

    @Test
    void anInterruptEndsIt() {
        var parameters =
                Parameters.ofSchema("{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"^(.*a){15}$\"}}}");
        Thread.currentThread().interrupt();
        try {
            assertThrows(CancellationException.class, () -> parameters.ofJson("{\"s\":\"" + "a".repeat(60) + "!\"}"));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void resultsThatMultiplyAreRefused() {
        Object result = "x";
        for (int i = 0; i < 100; i++) {
            result = new ArrayList<>(List.of(result, result));
        }
        Object last = result;
        assertEquals(
                "the result of a tool has more than 1,000,000 parts",
                refused(IllegalArgumentException.class, () -> ResultText.of(last)));
    }
}
