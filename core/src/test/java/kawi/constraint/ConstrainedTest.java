package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ConstrainedTest {

    private static final String PERSON = """
            {"type":"object","properties":{"name":{"type":"string","maxLength":30},"age":{"type":"integer","minimum":0},
             "tags":{"type":"array","items":{"type":"string"}},"when":{"type":"string","format":"date"}},
             "required":["name","age","tags"]}""";

    private static final TestVocabulary SMALL = TestVocabulary.SMALL;

    @Test
    void endTokensStayOnlyWhereTheAnswerMayEnd() {
        int end = SMALL.tokenizer().id("<|im_end|>").orElseThrow();
        var answer = new Constrained(Grammar.regex("ab?"), SMALL.trie());
        float[] logits = new float[end + 40];
        answer.mask(logits, 5, end);
        assertEquals(Float.NEGATIVE_INFINITY, logits[end]);
        assertEquals(0, logits['a']);
        answer.accept('a');
        assertTrue(answer.mayEnd());
        assertFalse(answer.mustEnd());
        Arrays.fill(logits, 2);
        answer.mask(logits, 5, end);
        assertEquals(2, logits[end]);
        assertEquals(2, logits['b']);
        assertEquals(Float.NEGATIVE_INFINITY, logits['a']);
        assertEquals(Float.NEGATIVE_INFINITY, logits[end + 39], "beyond the vocabulary");
        Arrays.fill(logits, 2);
        answer.mask(logits, 0, end);
        assertEquals(Float.NEGATIVE_INFINITY, logits['b'], "no token is left for it");
        answer.accept('b');
        assertTrue(answer.mustEnd());
    }

    @Test
    void aBudgetTooSmallIsRefused() {
        var answer = new Constrained(Grammar.choice(List.of("abcabc")), SMALL.trie());
        int needed = answer.minimumTokens();
        assertTrue(needed > 1 && needed <= 6, "needed " + needed);
        float[] logits = new float[SMALL.tokenizer().vocabularySize()];
        var e = assertThrows(IllegalArgumentException.class, () -> answer.mask(logits, needed - 1));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains((needed - 1) + " remain, and " + needed + " are needed"), message);
        answer.mask(logits, needed);
    }

    @Test
    void whatMayNotComeIsNotAccepted() {
        var answer = new Constrained(Grammar.json(), SMALL.trie());
        assertThrows(IllegalArgumentException.class, () -> answer.accept('x'));
        assertThrows(IllegalArgumentException.class, () -> answer.accept(-1));
        assertThrows(IllegalArgumentException.class, () -> answer.accept(1 << 30));
        answer.accept('1');
    }

    @Test
    void addedTokensAreNoText() {
        var answer = new Constrained(Grammar.json(), SMALL.trie());
        answer.accept('"');
        for (String added : List.of("<think>", "<tool_call>", "<|im_end|>")) {
            assertFalse(answer.allows(SMALL.tokenizer().id(added).orElseThrow()), added);
            for (byte b : added.getBytes(StandardCharsets.UTF_8)) {
                answer.accept(b);
            }
        }
    }

    /**
     * The walk over states, exits and stacks gives the same result as trying every token, with and without a budget.
     */
    @Test
    void masksAreWhatTryingEveryTokenGives() {
        var random = new Random(5);
        for (Grammar grammar : List.of(
                Grammar.jsonSchema(PERSON),
                Grammar.json(),
                Grammar.jsonSchema(
                        "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":5},\"minItems\":2}"),
                Grammar.regex("(?:[ab\": ]{2,5}|name\"?)+(?:é|🪁){0,3}"),
                Grammar.toolCalls(TestVocabulary.QWEN, List.of(new ToolSignature("t", PERSON)), true))) {
            for (int run = 0; run < 8; run++) {
                List<Integer> written = new ArrayList<>();
                var answer = new Constrained(grammar, SMALL.trie());
                int budget = answer.minimumTokens() + random.nextInt(25);
                while (!answer.mustEnd() && written.size() < budget) {
                    int remaining = budget - written.size();
                    float[] logits = new float[SMALL.tokenizer().vocabularySize()];
                    answer.mask(logits, remaining);
                    List<Integer> allowed = new ArrayList<>();
                    for (int id = 0; id < logits.length; id++) {
                        boolean fits =
                                answer.allows(id) && after(grammar, written, id).minimumTokens() < remaining;
                        assertEquals(fits, logits[id] == 0, () -> "after " + written);
                        if (fits) {
                            allowed.add(id);
                        }
                    }
                    if (allowed.isEmpty()) {
                        assertTrue(answer.mayEnd());
                        break;
                    }
                    int token = allowed.get(random.nextInt(allowed.size()));
                    answer.accept(token);
                    written.add(token);
                }
            }
        }
    }

    private static Constrained after(Grammar grammar, List<Integer> written, int last) {
        var answer = new Constrained(grammar, SMALL.trie());
        written.forEach(answer::accept);
        answer.accept(last);
        return answer;
    }

    @Test
    void neverNestsDeeperThanParsersRead() {
        var answer = new Constrained(Grammar.json(), SMALL.trie());
        int depth = 0;
        for (float[] logits = new float[SMALL.tokenizer().vocabularySize()]; ; depth++) {
            Arrays.fill(logits, 0);
            answer.mask(logits, 10_000);
            if (logits['['] != 0) {
                break;
            }
            answer.accept('[');
        }
        assertTrue(depth > 50 && depth <= Grammar.MAX_DEPTH + 1, "depth " + depth);
        assertTrue(answer.minimumTokens() <= depth);
    }

    @Test
    void threadsShareAGrammar() throws Exception {
        Grammar shared = Grammar.jsonSchema(PERSON);
        List<Callable<String>> runs = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            int seed = i;
            runs.add(() -> new String(RandomAnswer.of(shared, SMALL, new Random(seed), 40), StandardCharsets.UTF_8));
        }
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<String> together = new ArrayList<>();
            for (var future : threads.invokeAll(runs)) {
                together.add(future.get());
            }
            Grammar alone = Grammar.jsonSchema(PERSON);
            for (int i = 0; i < runs.size(); i++) {
                assertEquals(
                        new String(RandomAnswer.of(alone, SMALL, new Random(i), 40), StandardCharsets.UTF_8),
                        together.get(i));
            }
        }
    }

    @Test
    void theTreeHoldsEveryOrdinaryToken() {
        TokenTrie trie = SMALL.trie();
        int found = 0;
        for (int node = 0; node < trie.tokens.length; node++) {
            int id = trie.token(node);
            if (id != TokenTrie.NONE) {
                found++;
                assertEquals(trie.length(id), trie.depths[node]);
                int walked = TokenTrie.ROOT;
                for (byte b : SMALL.tokenizer().bytes(id)) {
                    walked = trie.child(walked, b & 0xFF);
                }
                assertEquals(node, walked);
            }
        }
        assertEquals(SMALL.tokenizer().vocabularySize() - 4, found);
        assertNotEquals(TokenTrie.NONE, trie.added("<think>"));
        assertEquals(TokenTrie.NONE, trie.added("<|im_end|>"));
        for (int b = 0; b < 256; b++) {
            assertTrue(trie.hasByte(b));
        }
    }

    /**
     * With the real vocabulary: answers can be parsed, contain no special token, and a warm mask is a small part of a
     * step.
     */
    @Test
    void qwensVocabulary() throws IOException {
        TestVocabulary qwen = TestVocabulary.qwen();
        Grammar grammar = Grammar.jsonSchema(PERSON);
        var random = new Random(3);
        var json = JsonMapper.builder().build();
        for (int i = 0; i < 6; i++) {
            byte[] answer = RandomAnswer.of(grammar, qwen, random, 10 * i);
            assertTrue(json.readTree(answer).get("age").isIntegralNumber());
        }
        String text = "{\"name\": \"Zoë 🪁\", \"age\": 42, \"tags\": [\"a\", \"日本\"], \"when\": \"2024-02-29\"}";
        RandomAnswer.follow(grammar, qwen, qwen.tokenizer().encode(text), text);
        Grammar tools = Grammar.toolCalls(TestVocabulary.QWEN, List.of(new ToolSignature("t", PERSON)), false);
        var call = new Constrained(tools, qwen.trie());
        assertTrue(call.allows(qwen.tokenizer().id("<tool_call>").orElseThrow()));
        assertFalse(call.allows(qwen.tokenizer().id("<").orElseThrow()));
    }
}
