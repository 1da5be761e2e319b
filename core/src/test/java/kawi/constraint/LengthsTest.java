package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits on the lengths of texts cost no states and no work. */
class LengthsTest {

    private static final String OPENING = "\n<function=t>\n<parameter=x>\n";
    private static final String CLOSING = "\n</parameter>\n</function>\n";

    private static Grammar tool(String parameter) {
        return Grammar.toolCalls(
                TestVocabulary.QWEN,
                List.of(new ToolSignature(
                        "t", "{\"properties\":{\"x\":%s},\"required\":[\"x\"]}".formatted(parameter))),
                false);
    }

    private static Grammar json(String schema) {
        return Grammar.jsonSchema(schema);
    }

    private static boolean acceptsValue(Grammar tool, String text) {
        Constrained answer = opened(tool);
        for (byte b : (text + CLOSING).getBytes(StandardCharsets.UTF_8)) {
            if (!answer.allows(b & 0xFF)) {
                return false;
            }
            answer.accept(b & 0xFF);
        }
        answer.accept(marker("</tool_call>"));
        return answer.mayEnd();
    }

    private static int marker(String text) {
        return TestVocabulary.SMALL.tokenizer().id(text).orElseThrow();
    }

    /** A call up to the value of its parameter. */
    private static Constrained opened(Grammar tool) {
        var answer = new Constrained(tool, TestVocabulary.SMALL.trie());
        answer.accept(marker("<tool_call>"));
        for (byte b : OPENING.getBytes(StandardCharsets.UTF_8)) {
            answer.accept(b & 0xFF);
        }
        return answer;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"string\",\"maxLength\":%d}",
                "{\"type\":\"string\",\"minLength\":%1$d,\"maxLength\":%1$d}",
                "{\"type\":\"string\",\"minLength\":%d}",
                "{\"type\":\"string\",\"format\":\"uri\",\"minLength\":1,\"maxLength\":%d}",
                "{\"type\":\"string\",\"pattern\":\"^.{1,%d}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9_-]{0,%d}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?=.{1,%d}$)[a-z]+(?:[.][a-z]+)*$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?!.*--)[a-z-]{1,%d}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?:ab|cde)*$\",\"minLength\":%d}",
                "{\"type\":\"string\",\"format\":\"email\",\"maxLength\":%d}",
                "{\"type\":\"string\",\"pattern\":\"^https?://.{1,%d}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?:[a-z]{1,%1$d}[.])*[a-z]{2,%1$d}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^a{%d}(?:b|cd)$\"}",
                "{\"type\":\"string\",\"pattern\":\"^[a-z]{%d,}[0-9]?$\"}"
            })
    void neitherStatesNorWorkGrowWithTheLimit(String schema) {
        for (boolean raw : new boolean[] {false, true}) {
            Cost least = cost(schema.formatted(1_000), raw);
            for (int limit : new int[] {2_083, 10_000}) {
                Cost cost = cost(schema.formatted(limit), raw);
                assertEquals(least.states, cost.states, schema + " with " + limit);
                assertTrue(
                        cost.steps <= 1.1 * least.steps,
                        "%s: %s, and with %d %s".formatted(schema, least, limit, cost));
            }
        }
    }

    private record Cost(int states, long steps) {}

    private static Cost cost(String schema, boolean raw) {
        return Budget.run(10_000_000, () -> {
            int states = (raw ? tool(schema) : json(schema)).states;
            return new Cost(states, 10_000_000 - Budget.current().left());
        });
    }

    @Test
    void everyLengthIsPossible() {
        for (int limit = 0; limit <= 10_000; limit += limit < 300 ? 1 : 97) {
            String schema = "{\"type\":\"string\",\"maxLength\":%d}".formatted(limit);
            assertTrue(tool(schema).states < 150, schema);
        }
        assertTrue(acceptsValue(tool("{\"type\":\"string\",\"maxLength\":2147483647}"), "a"));
        assertTrue(acceptsValue(tool("{\"type\":\"string\",\"maxLength\":1e30}"), "a"));
        assertThrows(
                GrammarException.class,
                () -> json("{\"type\":\"string\",\"pattern\":\"a\",\"minLength\":2147483646}"),
                "more tokens than can be counted");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 127, 500, 2083})
    void theLimitIsExact(int limit) {
        Grammar tool = tool("{\"type\":\"string\",\"maxLength\":%d}".formatted(limit));
        Grammar email =
                json("{\"type\":\"string\",\"pattern\":\"^(?:é|\\\\n)*$\",\"minLength\":%1$d,\"maxLength\":%1$d}"
                        .formatted(limit));
        for (int length : new int[] {0, limit - 1, limit, limit + 1}) {
            if (length >= 0) {
                assertEquals(length <= limit, acceptsValue(tool, "é".repeat(length)), length + " of " + limit);
                assertEquals(length <= limit, acceptsValue(tool, "\n".repeat(length)), length + " lines of " + limit);
                String text = "\"" + "\\n".repeat(length / 2) + "é".repeat(length - length / 2) + "\"";
                assertEquals(length == limit, TestVocabulary.accepts(email, text), length + " of " + limit);
            }
        }
    }

    @Test
    void formatsAndPatternsWithLengths() {
        Grammar email = json("{\"type\":\"string\",\"format\":\"email\",\"maxLength\":254}");
        assertTrue(TestVocabulary.accepts(email, "\"a@x.org\""));
        assertFalse(TestVocabulary.accepts(email, "\"x\""));
        Grammar small = json("{\"type\":\"string\",\"format\":\"email\",\"maxLength\":8}");
        assertTrue(TestVocabulary.accepts(small, "\"ab@x.org\""));
        assertFalse(TestVocabulary.accepts(small, "\"abc@x.org\""));
        assertFalse(TestVocabulary.accepts(small, "\"abcde"), "no domain fits any more");
        Grammar either =
                json("{\"type\":\"string\",\"pattern\":\"[a-z]+@[a-z]+\",\"minLength\":1000,\"maxLength\":5000}");
        assertTrue(TestVocabulary.accepts(either, "\"a@b" + "\\n".repeat(997) + "\""));
        assertFalse(TestVocabulary.accepts(either, "\"a@b" + "\\n".repeat(996) + "\""));
        assertFalse(TestVocabulary.accepts(either, "\"a@b" + "-".repeat(4998) + "\""));
        Grammar name = Grammar.regex("[A-Z][a-z]{2,3000}");
        assertTrue(TestVocabulary.accepts(name, "A" + "b".repeat(3000)));
        assertFalse(TestVocabulary.accepts(name, "A" + "b".repeat(3001)));
        assertFalse(TestVocabulary.accepts(name, "Ab"));
    }

    @Test
    void repetitionsInsideOfPatterns() {
        Grammar url = json("{\"type\":\"string\",\"pattern\":\"^https?://.{2,2000}$\"}");
        Grammar urlOfTool = tool("{\"type\":\"string\",\"pattern\":\"^https?://.{2,2000}$\"}");
        for (int length : new int[] {0, 1, 2, 3, 1999, 2000, 2001}) {
            String text = "https://" + "é".repeat(length);
            boolean expected = length >= 2 && length <= 2000;
            assertEquals(expected, TestVocabulary.accepts(url, "\"" + text + "\""), length + " characters");
            assertEquals(expected, acceptsValue(urlOfTool, text), length + " characters of a tool");
        }
        Grammar names = json("{\"type\":\"string\",\"pattern\":\"^(?:[a-z]{1,300}[.])*[a-z]{2,300}$\"}");
        String longest = "a".repeat(300);
        assertTrue(TestVocabulary.accepts(names, "\"" + longest + "." + longest + "." + longest + "\""));
        assertFalse(TestVocabulary.accepts(names, "\"" + longest + ".a" + longest + "\""));
        assertFalse(TestVocabulary.accepts(names, "\"a.b\""));
        Grammar ambiguous = json("{\"type\":\"string\",\"pattern\":\"^[a-z]{2,300}[a-y]?z$\"}");
        assertTrue(TestVocabulary.accepts(ambiguous, "\"abzaz\""));
        assertTrue(TestVocabulary.accepts(ambiguous, "\"" + longest + "az\""));
        assertFalse(TestVocabulary.accepts(ambiguous, "\"" + longest + "aaz\""));
        Grammar least = json("{\"type\":\"string\",\"pattern\":\"^[a-z]{500,}[0-9]?$\"}");
        assertFalse(TestVocabulary.accepts(least, "\"" + "a".repeat(499) + "1\""));
        assertTrue(TestVocabulary.accepts(least, "\"" + "a".repeat(9999) + "1\""));
        var random = new Random(1);
        for (Grammar grammar : List.of(url, names, least, Grammar.regex("x(?:a{2,300}b?){2}"))) {
            for (int extra = 0; extra < 60; extra += 7) {
                RandomAnswer.of(grammar, TestVocabulary.SMALL, random, extra);
            }
        }
    }

    @Test
    void lengthsThatNoTextHasAreContradictions() {
        for (String schema : List.of(
                "{\"type\":\"string\",\"pattern\":\"^(?:ab)*$\",\"minLength\":1001,\"maxLength\":1001}",
                "{\"type\":\"string\",\"format\":\"uuid\",\"minLength\":37}",
                "{\"type\":\"string\",\"format\":\"email\",\"maxLength\":3}",
                "{\"type\":\"string\",\"pattern\":\"^.{5,9}$\",\"maxLength\":4}")) {
            assertTrue(assertThrows(GrammarException.class, () -> json(schema))
                    .getMessage()
                    .contains("no string can satisfy pattern, format and lengths together"));
            assertTrue(assertThrows(GrammarException.class, () -> tool(schema))
                    .getMessage()
                    .contains("no string can satisfy pattern, format and lengths together"));
        }
    }

    /** A mask has exactly the tokens whose bytes can be followed, at every distance from the limits. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"string\",\"pattern\":\"^(?:é|[a-z]{3})*$\",\"minLength\":20,\"maxLength\":60}",
                "{\"type\":\"string\",\"pattern\":\"^(?:ab|\\n)*$\",\"minLength\":25}",
                "{\"type\":\"string\",\"pattern\":\"^.{0,50}$\"}",
                "{\"type\":\"string\",\"minLength\":30,\"maxLength\":31}",
                "{\"type\":\"string\",\"pattern\":\"^(?:ab|cde)*-?$\",\"minLength\":37,\"maxLength\":80}",
                "{\"type\":\"string\",\"pattern\":\"^x?-.{2,70}$\"}"
            })
    void masksAgreeWithTheMachine(String schema) {
        var random = new Random(7);
        for (Grammar grammar : List.of(tool(schema), json("{\"type\":\"array\",\"items\":" + schema + "}"))) {
            for (int round = 0; round < 3; round++) {
                agree(grammar, random);
            }
        }
        agree(Grammar.regex("[ab]{2,60}é?"), random);
    }

    private static void agree(Grammar grammar, Random random) {
        var answer = new Constrained(grammar, TestVocabulary.SMALL.trie());
        float[] logits = new float[TestVocabulary.SMALL.tokenizer().vocabularySize()];
        for (int step = 0; step < 120 && !answer.mustEnd(); step++) {
            Arrays.fill(logits, 1);
            answer.mask(logits, 1 << 20);
            List<Integer> allowed = new ArrayList<>();
            for (int token = 0; token < logits.length; token++) {
                assertEquals(answer.allows(token), logits[token] == 1, "token " + token + " at step " + step);
                if (logits[token] == 1) {
                    allowed.add(token);
                }
            }
            answer.accept(allowed.get(random.nextInt(allowed.size())));
        }
    }

    @Test
    void textsOfAnyLengthAreNotCounted() {
        for (Grammar grammar : List.of(
                tool("{\"type\":\"string\"}"),
                tool("{\"type\":\"string\",\"pattern\":\"^[a-z]*$\"}"),
                json("{\"type\":\"string\",\"pattern\":\"^.*$\"}"))) {
            assertTrue(Arrays.stream(grammar.lengths).allMatch(Objects::isNull));
        }
    }

    /** In the middle of a text, all counts share one mask. */
    @Test
    void masksAreKeptForFewCounts() {
        for (Grammar grammar : List.of(
                tool("{\"type\":\"string\",\"maxLength\":5000}"),
                json("{\"type\":\"string\",\"maxLength\":5000}"),
                json("{\"type\":\"string\",\"pattern\":\"^[a-z ]*$\",\"minLength\":3000,\"maxLength\":5000}"))) {
            Masks masks = grammar.over(TestVocabulary.SMALL.trie());
            var answer = new Constrained(grammar, TestVocabulary.SMALL.trie());
            float[] logits = new float[TestVocabulary.SMALL.tokenizer().vocabularySize()];
            if (!answer.allows('"')) {
                answer = opened(grammar);
            } else {
                answer.accept('"');
            }
            int kept = 0;
            for (int i = 0; i < 2500; i++) {
                answer.accept('a');
                answer.mask(logits, 1 << 20);
                if (i == 500) {
                    kept = masks.kept();
                }
            }
            assertEquals(kept, masks.kept());
        }
    }
}
