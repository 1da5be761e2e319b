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
                "test.gguf: tokenizer.ggml.pre is \"falcon\", but only qwen2, qwen35, llama-bpe, llama3, llama-v3, gpt-2, ",
                "gpt2",
                "falcon",
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
                "tokenizer.ggml.token_type[3] is 6, expected a type from 0 to 5",
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
                "tokenizer.ggml.merges[1] ab c: the vocabulary has no ordinary token \"abc\"",
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
    }

    @Test
    void readsIncompleteTypes() {
        var tokens = new ArrayList<>(SMALL.tokens());
        var types = new ArrayList<>(SMALL.types());
        tokens.addAll(List.of("", "x y"));
        types.addAll(List.of(1, 0));
        var tokenizer = new GgufArrays("qwen35", tokens, types, SMALL.merges()).tokenizer();
        assertTrue(tokenizer.isUnused(260), "empty");
        assertEquals("x y", tokenizer.text(261));
        assertEquals(3, tokenizer.encodeWithSpecials("x y").length);
    }

    @Test
    void textIsNotEncodedAsAControlTokenByMerging() {
        var tokenizer =
                new GgufArrays("qwen35", SMALL.tokens(), with(SMALL.types(), 257, 3), SMALL.merges()).tokenizer();
        assertArrayEquals(new int[] {256, 'c' - '!' + 33}, tokenizer.encode("abc"));
        assertArrayEquals(new int[] {257}, tokenizer.encodeWithSpecials("abc"));
        var userDefined = new GgufArrays("qwen35", SMALL.tokens(), with(SMALL.types(), 257, 4), SMALL.merges());
        assertArrayEquals(new int[] {257}, userDefined.tokenizer().encode("abc"));
    }

    @Test
    void namesStandForOtherSettings() {
        var arrays = new GgufArrays("llama-bpe", SMALL.tokens(), SMALL.types(), List.of("a b"));
        assertArrayEquals(new int[] {257}, arrays.tokenizer().encode("abc"), "merges are ignored");
        assertEquals("e\u0301", arrays.tokenizer().decode(arrays.tokenizer().encode("e\u0301")));
        var qwen = new GgufArrays("qwen2", SMALL.tokens(), SMALL.types(), List.of("a b"));
        assertArrayEquals(new int[] {256, 'c'}, qwen.tokenizer().encode("abc"));
    }

    @Test
    void addsTheTokensThatTheFileNames() {
        assertArrayEquals(new int[] {258, 256}, withSpecials("llama-bpe", new GgufSpecials(258, null, 259, null)));
        assertArrayEquals(new int[] {256}, withSpecials("llama-bpe", new GgufSpecials(258, false, 259, null)));
        assertArrayEquals(new int[] {256}, withSpecials("llama-bpe", new GgufSpecials(-1, null, -1, null)));
        assertArrayEquals(new int[] {256}, withSpecials("qwen35", new GgufSpecials(258, null, 259, null)));
        assertArrayEquals(new int[] {258, 256, 259}, withSpecials("qwen35", new GgufSpecials(258, true, 259, true)));
        var e = assertThrows(
                TokenizerException.class, () -> withSpecials("qwen35", new GgufSpecials(300, true, -1, null)));
        assertEquals(
                "test.gguf: the id 300 of the token that is added to texts is not that of a token", e.getMessage());
    }

    private static int[] withSpecials(String pre, GgufSpecials specials) {
        int[] types = SMALL.types().stream().mapToInt(t -> t).toArray();
        return Tokenizer.fromGguf(
                        "test.gguf",
                        "gpt2",
                        pre,
                        GgufStrings.of(SMALL.tokens()),
                        types,
                        GgufStrings.of(SMALL.merges()),
                        specials)
                .encodeWithSpecials("ab");
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
