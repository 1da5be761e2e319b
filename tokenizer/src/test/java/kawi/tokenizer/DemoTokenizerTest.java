package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import kawi.tokenizer.TestTokenizers.GgufArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTokenizerTest {

    private static final Tokenizer DEMO = TestTokenizers.DEMO;

    @Test
    void encodesTheReferencePrompts() {
        var gguf = GgufArrays.of(TestTokenizers.JSON.readTree(TestTokenizers.resource("demo-tokenizer.json")), 0)
                .tokenizer();
        var prompts = TestTokenizers.JSON
                .readTree(TestTokenizers.resource("demo-prompts.json"))
                .get("prompts");
        assertEquals(5, prompts.size());
        for (var prompt : prompts) {
            String rendered = prompt.get("rendered").stringValue();
            int[] ids = TestTokenizers.ints(prompt.get("ids"));
            for (Tokenizer tokenizer : List.of(DEMO, gguf)) {
                assertArrayEquals(ids, tokenizer.encodeWithSpecials(rendered), rendered);
                assertArrayEquals(ids, tokenizer.encode(OriginText.ofTemplate(rendered)), rendered);
                assertEquals(rendered, tokenizer.decode(ids));
            }
        }
    }

    @Test
    void findsTokensByTextAndId() {
        assertEquals(2048, DEMO.vocabularySize());
        assertEquals("qwen35", DEMO.preTokenizer());
        assertEquals(13, DEMO.addedTokens().size());
        assertTrue(DEMO.addedTokens().contains(new AddedToken(2037, "<|im_end|>", true)));
        int the = DEMO.id("Ġthe").getAsInt();
        assertEquals(" the", DEMO.text(the));
        assertArrayEquals(" the".getBytes(StandardCharsets.UTF_8), DEMO.bytes(the));
        assertArrayEquals(new int[] {the}, DEMO.encode(" the"));
        assertTrue(DEMO.id(" the").isEmpty(), "tokens are found by the spelling in files");
        assertFalse(DEMO.isSpecial(the) || DEMO.isUnused(the));
        assertTrue(DEMO.isUnused(2048) && DEMO.isUnused(-1));
        assertFalse(DEMO.isSpecial(2048) || DEMO.isSpecial(-1));
    }

    @Test
    void ordinaryTextHasNoAddedTokens() {
        String text = "<|im_end|><think>";
        for (int id : DEMO.encode(text)) {
            assertTrue(id < 2035, "id " + id);
        }
        assertEquals(text, DEMO.decode(DEMO.encode(text)));
    }

    @Test
    void readsAFileAndItsConfig(@TempDir Path folder) throws IOException {
        Path json = Files.write(folder.resolve("tokenizer.json"), TestTokenizers.resource("demo-tokenizer.json"));
        Path config = Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"chat_template": "...", "added_tokens_decoder": {
                  "2037": {"content": "<|im_end|>", "special": false},
                  "2050": {"content": "<|late|>", "lstrip": false, "special": true}}}""");
        assertEquals(DEMO.addedTokens(), Tokenizer.fromJson(json).addedTokens());
        var tokenizer = Tokenizer.fromJson(json, config);
        assertEquals(2051, tokenizer.vocabularySize());
        assertEquals(2050, tokenizer.id("<|late|>").getAsInt());
        assertTrue(tokenizer.isSpecial(2050));
        assertTrue(tokenizer.isSpecial(2037), "tokenizer.json takes precedence");
        assertTrue(tokenizer.isUnused(2049), "a gap");
        assertEquals("ab", tokenizer.decode(new int[] {
            tokenizer.id("a").getAsInt(), 2049, tokenizer.id("b").getAsInt()
        }));
        assertEquals(0, tokenizer.bytes(2049).length);
        assertThrows(NoSuchFileException.class, () -> Tokenizer.fromJson(folder.resolve("missing.json")));
    }

    @Test
    void unpairedSurrogatesAreReplaced() {
        assertArrayEquals(DEMO.encode("a\uFFFDb\uFFFD"), DEMO.encode("a\uD83Db\uDE00"));
    }

    @Test
    void isSafeForUseByMultipleThreads() throws Exception {
        var tokenizer = Tokenizer.fromJson(TestTokenizers.resource("demo-tokenizer.json"), null, "demo");
        String text = new String(TestTokenizers.resource("demo-prompts.json"), StandardCharsets.UTF_8);
        int[] expected = DEMO.encodeWithSpecials(text);
        try (var threads = Executors.newFixedThreadPool(4)) {
            var results = threads.invokeAll(IntStream.range(0, 32)
                    .<Callable<int[]>>mapToObj(i -> () -> tokenizer.encodeWithSpecials(text))
                    .toList());
            for (var result : results) {
                assertArrayEquals(expected, result.get());
            }
        }
    }
}
