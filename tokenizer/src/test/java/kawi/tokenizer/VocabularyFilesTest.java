package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tokenizers that were saved as {@code vocab.json} and {@code merges.txt}, and tokens named in the configuration. */
class VocabularyFilesTest {

    private static final JsonNode DEMO_JSON =
            TestTokenizers.JSON.readTree(TestTokenizers.resource("demo-tokenizer.json"));

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        write("vocab.json", DEMO_JSON.at("/model/vocab").toString());
        var merges = new StringJoiner("\n", "#version: 0.2\n", "\n");
        for (var merge : DEMO_JSON.at("/model/merges")) {
            merges.add(merge.get(0).stringValue() + " " + merge.get(1).stringValue());
        }
        write("merges.txt", merges.toString());
        var added = TestTokenizers.JSON.createObjectNode();
        for (var token : DEMO_JSON.get("added_tokens")) {
            added.put(token.get("content").stringValue(), token.get("id").intValue());
        }
        write("added_tokens.json", added.toString());
        config("Qwen3_5Tokenizer", "");
    }

    private void config(String type, String more) throws IOException {
        write("tokenizer_config.json", """
                {"tokenizer_class": "%s", "eos_token": "<|im_end|>", "bos_token": null, "add_bos_token": false,
                 "additional_special_tokens": ["<|im_start|>", {"content": "<|endoftext|>"}]%s}""".formatted(type, more));
    }

    @Test
    void isEqualToTheTokenizerOfTokenizerJson() throws IOException {
        var tokenizer = read();
        assertEquals("qwen35", tokenizer.preTokenizer());
        assertEquals(
                TestTokenizers.DEMO.addedTokens().stream().map(AddedToken::id).toList(),
                tokenizer.addedTokens().stream().map(AddedToken::id).toList());
        assertTrue(tokenizer.isSpecial(2035) && tokenizer.isSpecial(2036) && tokenizer.isSpecial(2037));
        assertFalse(tokenizer.isSpecial(2038), "<think>");
        var prompts = TestTokenizers.JSON
                .readTree(TestTokenizers.resource("demo-prompts.json"))
                .get("prompts");
        for (var prompt : prompts) {
            String rendered = prompt.get("rendered").stringValue();
            assertArrayEquals(TestTokenizers.ints(prompt.get("ids")), tokenizer.encodeWithSpecials(rendered));
        }
        assertArrayEquals(tokenizer.encode("\u00E9"), tokenizer.encode("e\u0301"));
    }

    @Test
    void theConfigurationSaysHowTextIsSplit() throws IOException {
        config("Qwen2TokenizerFast", "");
        assertEquals("qwen2", read().preTokenizer());
        config("GPT2Tokenizer", ",\"add_prefix_space\": true");
        assertEquals(" a b", read().decode(read().encode("a b")));
        config("Qwen2Tokenizer", ",\"pretokenize_regex\": \"\\\\p{N}{1,3}|\\\\P{N}+\"");
        assertEquals("custom", read().preTokenizer());
        config("Qwen2Tokenizer", ",\"pretokenize_regex\": \"x*\"");
        assertRejected("tokenizer_config.json: pretokenize_regex.Regex: the expression \"x*\" is not supported");
        config("LlamaTokenizer", "");
        assertRejected("tokenizer_config.json: tokenizer_class: \"LlamaTokenizer\" is not supported without a");
        Files.delete(folder.resolve("tokenizer_config.json"));
        assertRejected("tokenizer_config.json: tokenizer_class: is missing, and there is no tokenizer.json");
    }

    @Test
    void tokenizerJsonTakesPrecedence() throws IOException {
        write("tokenizer.json", DEMO_JSON.toString());
        write("vocab.json", "{}");
        assertEquals(TestTokenizers.DEMO.addedTokens(), read().addedTokens());
    }

    @Test
    void aFolderWithoutBothFilesHasNoTokenizer() throws IOException {
        Files.delete(folder.resolve("merges.txt"));
        assertNull(Tokenizer.fromFolder(folder));
    }

    /** GPT-2's {@code <|endoftext|>} is part of the vocabulary; a word that is named as padding stays a word. */
    @Test
    void namedTokensOfTheVocabularyAreAddedTokens() throws IOException {
        var vocab = DEMO_JSON.at("/model/vocab").toString();
        write("vocab.json", vocab.replaceFirst("}$", ",\"<|end|>\":2048}"));
        config("Qwen3_5Tokenizer", ",\"pad_token\": \"!\", \"unk_token\": \"<|end|>\", \"sep_token\": \"<|none|>\"");
        var tokenizer = read();
        assertTrue(tokenizer.isSpecial(2048));
        assertArrayEquals(new int[] {2048}, tokenizer.encodeWithSpecials("<|end|>"));
        assertEquals(14, tokenizer.addedTokens().size());
        assertFalse(tokenizer.isSpecial(tokenizer.id("!").getAsInt()));
    }

    @Test
    void reportsDamagedFiles() throws IOException {
        write("merges.txt", "#version: 0.2\r\n\r\nt h\r\nxyz\r\n");
        assertRejected("merges.txt: the file[1] \"xyz\": expected two tokens separated by a space");
        write("merges.txt", "a".repeat(200_000));
        assertRejected("merges.txt: a line has more than 131072 characters");
        Files.write(folder.resolve("merges.txt"), new byte[] {'a', ' ', (byte) 0xFF, '\n'});
        assertRejected("merges.txt: the content is not UTF-8");
        write("merges.txt", "");
        write("vocab.json", "[]");
        assertRejected("vocab.json: the file: expected an object, found an array");
    }

    private Tokenizer read() throws IOException {
        var tokenizer = Tokenizer.fromFolder(folder);
        assertNotNull(tokenizer);
        return tokenizer;
    }

    private void assertRejected(String message) {
        var e = assertThrows(TokenizerException.class, this::read);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }
}
