package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kawi.tokenizer.TestTokenizers.GgufArrays;
import org.junit.jupiter.api.Test;

class TokenizerGgufTest {

    private static final GgufArrays SMALL =
            TestTokenizers.small("qwen35", List.of("a b", "ab c"), List.of("<x>", "<xy>"));

    @Test
    void readsTheTypesOfTokens() {
        var tokens = new ArrayList<>(SMALL.tokens());
        var types = new ArrayList<>(SMALL.types());
        tokens.addAll(List.of("[PAD260]", "<|end|>", "[PAD262]"));
        types.addAll(List.of(5, 3, 5));
        var tokenizer = new GgufArrays("qwen35", tokens, types, SMALL.merges()).tokenizer();
        assertEquals(262, tokenizer.vocabularySize(), "padding at the end is not part of the vocabulary");
        assertTrue(tokenizer.isUnused(260), "padding in the middle is unused");
        assertTrue(tokenizer.isSpecial(261));
        assertTrue(tokenizer.id("[PAD260]").isEmpty());
        assertArrayEquals(new int[] {257, 259, 261}, tokenizer.encodeWithSpecials("abc<xy><|end|>"));
        assertEquals("abc<xy>", tokenizer.decode(new int[] {257, 259, 261, 260}, true));
    }

    @Test
    void aVocabularyMayBeMostlyPadding() {
        var tokens = new ArrayList<>(SMALL.tokens());
        var types = new ArrayList<>(SMALL.types());
        while (tokens.size() < 248_000) {
            tokens.add("[PAD" + tokens.size() + "]");
            types.add(5);
        }
        tokens.add("<|end|>");
        types.add(3);
        var tokenizer = new GgufArrays("qwen35", tokens, types, SMALL.merges()).tokenizer();
        assertEquals(248_001, tokenizer.vocabularySize());
        assertArrayEquals(new int[] {248_000}, tokenizer.encodeWithSpecials("<|end|>"));
    }

    @Test
    void textIsNormalized() {
        var tokenizer = SMALL.tokenizer();
        assertArrayEquals(tokenizer.encode("\u00E9"), tokenizer.encode("e\u0301"));
    }

    @Test
    void rejectsUnsupportedModels() {
        assertRejected(
                "test.gguf: tokenizer.ggml.model is \"llama\", but only gpt2",
                "llama",
                "qwen35",
                SMALL.tokens(),
                SMALL.types(),
                SMALL.merges());
        assertRejected(
                "test.gguf: tokenizer.ggml.pre is \"llama-bpe\", but only qwen2, qwen35 are supported",
                "gpt2",
                "llama-bpe",
                SMALL.tokens(),
                SMALL.types(),
                SMALL.merges());
    }

    @Test
    void rejectsInconsistentArrays() {
        assertRejected(
                "tokenizer.ggml.token_type has 259 entries, but tokenizer.ggml.tokens has 260",
                "gpt2",
                "qwen35",
                SMALL.tokens(),
                SMALL.types().subList(0, 259),
                SMALL.merges());
        assertRejected(
                "tokenizer.ggml.tokens: expected at least one token, found none",
                "gpt2",
                "qwen35",
                List.of(),
                List.of(),
                List.of());
        assertRejected(
                "tokenizer.ggml.token_type[3] is 6, expected a type from 1 to 5",
                "gpt2",
                "qwen35",
                SMALL.tokens(),
                with(SMALL.types(), 3, 6),
                SMALL.merges());
        assertRejected(
                "tokenizer.ggml.token_type[3] is -1",
                "gpt2",
                "qwen35",
                SMALL.tokens(),
                with(SMALL.types(), 3, -1),
                SMALL.merges());
        assertRejected(
                "tokenizer.ggml.tokens: token \"<x>\" with id 259: the same token has id 258",
                "gpt2",
                "qwen35",
                with(SMALL.tokens(), 259, "<x>"),
                SMALL.types(),
                SMALL.merges());
        assertRejected(
                "token \"ab\" with id 257: the same token has id 256",
                "gpt2",
                "qwen35",
                with(SMALL.tokens(), 257, "ab"),
                SMALL.types(),
                SMALL.merges());
        assertRejected(
                "token \"a c\" with id 257: expected only the 256 characters",
                "gpt2",
                "qwen35",
                with(SMALL.tokens(), 257, "a c"),
                SMALL.types(),
                SMALL.merges());
        assertRejected(
                "tokenizer.ggml.merges[2] b c: the vocabulary has no ordinary token \"bc\"",
                "gpt2",
                "qwen35",
                SMALL.tokens(),
                SMALL.types(),
                List.of("a b", "ab c", "b c"));
        assertRejected(
                "tokenizer.ggml.merges[0] a b: the vocabulary has no ordinary token \"ab\"",
                "gpt2",
                "qwen35",
                SMALL.tokens(),
                with(SMALL.types(), 256, 3),
                SMALL.merges());
    }

    private static void assertRejected(
            String message, String model, String pre, List<String> tokens, List<Integer> types, List<String> merges) {
        int[] array = types.stream().mapToInt(t -> t).toArray();
        var e = assertThrows(
                TokenizerException.class,
                () -> Tokenizer.fromGguf(
                        "test.gguf", model, pre, GgufStrings.of(tokens), array, GgufStrings.of(merges)));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private static <T> List<T> with(List<T> list, int index, T value) {
        var copy = new ArrayList<>(list);
        copy.set(index, value);
        return copy;
    }
}
