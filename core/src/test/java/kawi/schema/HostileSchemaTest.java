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

    /** Patterns on which a backtracking matcher would not end. */
    @ParameterizedTest
    @ValueSource(strings = {"^(.*a){15}$", "^(a+)+$", "^(a|a)*$", "^(a*)*b$"})
    void textsAreSearchedInLinearTime(String pattern) {
        var parameters = Parameters.ofSchema(
                "{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"%s\"}}}".formatted(pattern));
        assertTrue(refused(MismatchException.class, () -> parameters.ofJson("{\"s\":\"" + "a".repeat(10_000) + "!\"}"))
                .startsWith("s must match the pattern"));
    }

    /** What is too complex to be evaluated is left to the tool. */
    @ParameterizedTest
    @ValueSource(
            strings = {"(((){10000}){10000}){10000}", "((a{1000}){1000}){1000}", "x{999999999}", "(a|b){1,99999}$"})
    void patternsOfTooManyRepetitionsAreNotChecked(String pattern) {
        var parameters = Parameters.ofSchema(
                "{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"%s\"}}}".formatted(pattern));
        assertTimeoutPreemptively(NET, () -> assertEquals("{\"s\":\"x\"}", parameters.ofJson("{\"s\":\"x\"}")));
    }

    @Test
    void longRepetitionsAreChecked() {
        var parameters = Parameters.ofSchema(
                "{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"^[a-z]{1,10000}$\"},\"t\":{\"pattern\":\"^.{2,500}$\"}}}");
        String valid = "{\"s\":\"" + "a".repeat(10_000) + "\",\"t\":\"ab\"}";
        assertEquals(valid, parameters.ofJson(valid));
        assertTrue(refused(MismatchException.class, () -> parameters.ofJson("{\"s\":\"" + "a".repeat(10_001) + "\"}"))
                .startsWith("s must match the pattern"));
        assertTrue(refused(MismatchException.class, () -> parameters.ofJson("{\"t\":\"a\"}"))
                .startsWith("t must match the pattern"));
    }

    @Test
    void patternsNestedTooDeeplyAreNotChecked() {
        for (String pattern : List.of("(".repeat(20_000) + ")".repeat(20_000), "[".repeat(20_000))) {
            var parameters = Parameters.ofSchema(
                    "{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"%s\"}}}".formatted(pattern));
            assertTimeoutPreemptively(NET, () -> assertEquals("{\"s\":\"x\"}", parameters.ofJson("{\"s\":\"x\"}")));
        }
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
                        () -> parameters.ofJson("{\"a\":["
                                + IntStream.range(29_000, 30_000)
                                        .mapToObj(i -> "\"v" + i + "\"")
                                        .collect(Collectors.joining(","))
                                + "]}")));
    }

    @Test
    void anInterruptEndsIt() {
        var parameters = Parameters.ofSchema("{\"properties\":{\"s\":{\"type\":\"string\",\"pattern\":\"^a*$\"}}}");
        Thread.currentThread().interrupt();
        try {
            assertThrows(
                    CancellationException.class, () -> parameters.ofJson("{\"s\":\"" + "a".repeat(100_000) + "!\"}"));
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
