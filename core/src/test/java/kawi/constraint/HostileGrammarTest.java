package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas and patterns that would take excessive time are compiled within the budget or rejected by name. */
class HostileGrammarTest {

    private static final Duration NET = Duration.ofSeconds(60);

    private static String list(int count, IntFunction<String> part) {
        return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining(","));
    }

    private static Grammar compiled(GrammarForm form) {
        return assertTimeoutPreemptively(NET, form::compile);
    }

    private static String refused(GrammarForm form) {
        var refusal = assertTimeoutPreemptively(NET, () -> assertThrows(IllegalArgumentException.class, form::compile));
        assertEquals(IllegalArgumentException.class, refusal.getClass());
        return String.valueOf(refusal.getMessage());
    }

    /** Eight references to the next level, on seven levels: two million merges, of which seven are different. */
    @Test
    void mergesOfEqualSchemasAreRemembered() {
        String levels = list(7, i -> "\"l%d\":{\"allOf\":[%s]}".formatted(i, list(8, _ -> reference(i + 1))));
        Grammar grammar = compiled(new GrammarForm.Schema("{\"$ref\":\"#/$defs/l0\",\"$defs\":{" + levels
                + ",\"l7\":{\"properties\":{\"x\":{\"type\":\"null\"}},\"required\":[\"x\"]}}}"));
        assertTrue(TestVocabulary.accepts(grammar, "{\"x\":null}"));
        assertFalse(TestVocabulary.accepts(grammar, "{}"));
    }

    private static String reference(int level) {
        return "{\"$ref\":\"#/$defs/l" + level + "\"}";
    }

    /** The same with a property of its own beside each reference, which all lead down again. */
    @Test
    void conjunctionsThatMultiplyAreShared() {
        String levels = list(
                7,
                i -> "\"l%d\":{\"allOf\":[%s]}"
                        .formatted(
                                i,
                                list(
                                        8,
                                        k ->
                                                "{\"$ref\":\"#/$defs/l%d\",\"properties\":{\"p%d\":{\"$ref\":\"#/$defs/l%d\"}}}"
                                                        .formatted(i + 1, k, i + 1))));
        Grammar grammar = compiled(new GrammarForm.Schema(
                "{\"$ref\":\"#/$defs/l0\",\"$defs\":{" + levels + ",\"l7\":{\"type\":\"object\"}}}"));
        assertTrue(TestVocabulary.accepts(grammar, "{\"p0\":{\"p1\":{}}}"));
        assertFalse(TestVocabulary.accepts(grammar, "{\"p0\":null}"));
    }

    @Test
    void mergedSchemasMayLeadBackToThemselvesThroughAProperty() {
        Grammar grammar = compiled(
                new GrammarForm.Schema(
                        "{\"properties\":{\"n\":{\"allOf\":[{\"$ref\":\"#\"},{\"maxProperties\":1}]}},\"additionalProperties\":false}"));
        assertTrue(TestVocabulary.accepts(grammar, "{\"n\":{\"n\":{}}}"));
        assertFalse(TestVocabulary.accepts(grammar, "{\"n\":1}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(((){10000}){10000}){10000}",
                "((a{10000}){10000}){10000}",
                "((a?){100}b?){100}",
                "(a?){5000}",
                "(a?|b?){3000}c",
                "(a|b)*a(a|b){30}",
                "(\\p{L}|\\p{N}|\\p{P}){200}",
                ".{0,5000}x?"
            })
    void patternsThatAreTooLargeOrTooComplexAreRefused(String regex) {
        String message = refused(new GrammarForm.Regex(regex));
        assertTrue(message.startsWith("pattern " + regex + ": too "), message);
    }

    @Test
    void repetitionsOfRepetitionsAreFollowed() {
        Grammar grammar = compiled(new GrammarForm.Regex("((((((a*)*)*)*)*)*)*b"));
        assertTrue(TestVocabulary.accepts(grammar, "aaab"));
        assertFalse(TestVocabulary.accepts(grammar, "aaa"));
    }

    @Test
    void longPatternsAreReadInLinearTimeOrRefused() {
        String characters = IntStream.range(0, 40_000)
                .mapToObj(i -> Character.toString(0x3400 + 7919 * i % 0xA000))
                .collect(Collectors.joining());
        assertTrue(TestVocabulary.accepts(compiled(new GrammarForm.Regex("[" + characters + "]")), "\u3400"));
        assertTrue(refused(new GrammarForm.Regex("a".repeat(1_000_000))).contains("more than 65,536 characters"));
        assertTrue(refused(new GrammarForm.Regex("(?i)" + "abc[d-z\\p{L}]".repeat(3000)))
                .contains(": too "));
        assertTrue(refused(new GrammarForm.Regex("[" + "\\p{L}".repeat(10_000) + "]{10}"))
                .contains(": too "));
        assertTrue(refused(new GrammarForm.Regex("(".repeat(30_000) + ")".repeat(30_000)))
                .contains("groups are nested more than 100 deep"));
    }

    @Test
    void thousandsOfConstantsAreToldApartByATable() {
        String constants = list(8000, i -> "{\"const\":\"c" + i + "\"}");
        Grammar grammar = compiled(new GrammarForm.Schema("{\"oneOf\":[" + constants + "]}"));
        assertTrue(TestVocabulary.accepts(grammar, "\"c7999\""));
        assertFalse(TestVocabulary.accepts(grammar, "\"c8000\""));
        Grammar twice = compiled(new GrammarForm.Schema("{\"oneOf\":[" + constants + ",{\"const\":\"c7\"}]}"));
        assertTrue(TestVocabulary.accepts(twice, "\"c8\""));
        assertFalse(TestVocabulary.accepts(twice, "\"c7\""));
        assertTrue(refused(new GrammarForm.Schema("{\"oneOf\":["
                        + list(
                                8000,
                                i -> "{\"properties\":{\"t\":{\"const\":%d}},\"required\":[\"t\"],\"type\":\"object\"}"
                                        .formatted(i))
                        + "]}"))
                .contains(": too large"));
    }

    /** All of these have the same {@code String.hashCode}. */
    @Test
    void constantsWithTheSameHashAreNoSlower() {
        String constants = list(8192, i -> {
            var text = new StringBuilder("{\"const\":[\"");
            for (int bit = 0; bit < 13; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            return text + "\"]}";
        });
        assertTrue(refused(new GrammarForm.Schema("{\"oneOf\":[" + constants + "]}"))
                .contains(": too large"));
    }

    @Test
    void listsNamesAndNestingsOfAnySizeEnd() {
        for (String schema : List.of(
                "{\"enum\":[" + list(90_000, i -> "\"v" + i + "\"") + "]}",
                "{\"const\":\"" + "x".repeat(900_000) + "\"}",
                "{\"properties\":{\"" + "x".repeat(40_000) + "\":{\"properties\":{"
                        + list(20_000, i -> "\"p" + i + "\":{}") + "}}}}",
                "{\"properties\":{" + list(10_000, i -> "\"p" + i + "\":{}") + "}}",
                "{\"required\":[" + list(90_000, i -> "\"r" + i + "\"") + "]}",
                "{\"prefixItems\":[" + list(100_000, i -> "{}") + "]}",
                "{\"items\":".repeat(5000) + "{}" + "}".repeat(5000),
                "{\"allOf\":[{\"$ref\":\"#\"}]}",
                "{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}",
                "{\"properties\":{"
                        + list(
                                200,
                                i ->
                                        "\"p%d\":{\"type\":\"number\",\"minimum\":%d.123456789012345,\"maximum\":9876543210987654.%d}"
                                                .formatted(i, i, i))
                        + "}}")) {
            String message = refused(new GrammarForm.Schema(schema));
            assertTrue(message.startsWith("JSON Schema"), message);
        }
    }

    /** Each definition needs the one before it, in an order in which repeated iteration over all of them is slow. */
    @Test
    void aLongChainOfDefinitionsIsSolvedInOrder() {
        String properties = list(400, i -> "\"p%d\":{\"$ref\":\"#/$defs/d%d\"}".formatted(i, i));
        String definitions = list(
                399,
                i -> "\"d%d\":{\"properties\":{\"n\":{\"$ref\":\"#/$defs/d%d\"}},\"required\":[\"n\"]}"
                        .formatted(i + 1, i));
        Grammar grammar = compiled(new GrammarForm.Schema(
                "{\"properties\":{" + properties + "},\"$defs\":{\"d0\":{\"type\":\"null\"}," + definitions + "}}"));
        assertTrue(TestVocabulary.accepts(grammar, "{\"p2\":{\"n\":{\"n\":null}}}"));
    }

    @Test
    void alternativesThatMultiplyEnd() {
        String pairs = list(30, i -> "{\"anyOf\":[{\"required\":[\"a%d\"]},{\"required\":[\"b%d\"]}]}".formatted(i, i));
        for (String schema : List.of(
                "{\"allOf\":[" + pairs + "]}",
                "{\"not\":{\"anyOf\":[" + pairs.replace("anyOf", "allOf") + "]}}",
                "{\"dependentRequired\":{" + list(30, i -> "\"a%d\":[\"b%d\"]".formatted(i, i)) + "}}",
                "{\"patternProperties\":{" + list(12, i -> "\"x.{%d}y\":{\"minimum\":%d}".formatted(i, i)) + "}}",
                "{\"items\":{\"enum\":[" + list(500, i -> "\"e" + i + "\"") + "]},\"uniqueItems\":true}",
                "{\"allOf\":[" + list(4, i -> "{\"contains\":{\"multipleOf\":%d},\"minContains\":5}".formatted(i + 2))
                        + "],\"maxItems\":100}",
                "{\"allOf\":[" + list(4000, i -> "{\"anyOf\":[{\"required\":[\"a%d\"]}]}".formatted(i)) + "]}")) {
            assertTrue(refused(new GrammarForm.Schema(schema)).contains("too "), schema);
        }
    }

    /** Twenty conditions on the value of one property have twenty cases, not two to the power of twenty. */
    @Test
    void conditionsOnOnePropertyAreToldApart() {
        Grammar grammar = compiled(new GrammarForm.Schema("{\"required\":[\"k\"],\"properties\":{\"k\":{\"enum\":["
                + list(20, i -> "\"k" + i + "\"") + "]}," + list(20, i -> "\"p" + i + "\":{}") + "},\"allOf\":["
                + list(
                        20,
                        i -> "{\"if\":{\"properties\":{\"k\":{\"const\":\"k%d\"}}},\"then\":{\"required\":[\"p%d\"]}}"
                                .formatted(i, i))
                + "]}"));
        assertTrue(TestVocabulary.accepts(grammar, "{\"k\":\"k7\",\"p7\":1}"));
        assertFalse(TestVocabulary.accepts(grammar, "{\"k\":\"k7\",\"p8\":1}"));
    }

    @Test
    void anInterruptEndsTheDivisionIntoCases() {
        String pairs = list(30, i -> "{\"anyOf\":[{\"required\":[\"a%d\"]},{\"required\":[\"b%d\"]}]}".formatted(i, i));
        Thread.currentThread().interrupt();
        try {
            assertThrows(
                    CancellationException.class, () -> new GrammarForm.Schema("{\"allOf\":[" + pairs + "]}").compile());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void anInterruptEndsACompilation() {
        Thread.currentThread().interrupt();
        try {
            assertThrows(
                    CancellationException.class, () -> new GrammarForm.Regex("(((){10000}){10000}){10000}").compile());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void theBudgetIsOneForTheWholeGrammar() {
        long steps = Budget.run(1_000_000, () -> {
            assertTrue(TestVocabulary.accepts(Grammar.regex("[a-z]{2}"), "ab"));
            return 1_000_000 - Budget.current().left();
        });
        assertTrue(steps > 100, steps + " steps");
        var refusal = assertThrows(
                GrammarException.class,
                () -> Budget.run(
                        steps + steps / 2, () -> List.of(Grammar.regex("[a-z]{2}"), Grammar.regex("[0-9]{2}"))));
        assertTrue(refusal.getMessage().contains("it takes too much work to compile"), refusal.getMessage());
    }
}
