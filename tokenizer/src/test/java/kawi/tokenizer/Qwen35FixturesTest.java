package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.stream.Stream;
import kawi.tokenizer.TestTokenizers.GgufArrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Compares ids and texts of the Qwen3.5 vocabulary with those of the Hugging Face <i>tokenizers</i> library 0.23.2. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Qwen35FixturesTest {

    private Tokenizer fromJson;
    private Tokenizer fromGguf;
    private JsonNode fixtures;

    @BeforeAll
    void load() throws IOException {
        byte[] json = TestTokenizers.shared("qwen35-tokenizer.json.gz");
        fixtures = TestTokenizers.JSON.readTree(TestTokenizers.shared("qwen35-fixtures.json"));
        fromJson = Tokenizer.fromJson(json, null, "qwen35-tokenizer.json");
        fromGguf = GgufArrays.of(TestTokenizers.JSON.readTree(json), 243).tokenizer();
    }

    Stream<Tokenizer> tokenizers() {
        return Stream.of(fromJson, fromGguf);
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void encodesAndDecodesAllStrings(Tokenizer tokenizer) {
        var cases = fixtures.get("cases");
        assertEquals(378, cases.size());
        for (var c : cases) {
            String text = c.get("text").stringValue();
            int[] ids = TestTokenizers.ints(c.get("ids"));
            assertArrayEquals(ids, tokenizer.encodeWithSpecials(text), text);
            assertEquals(c.get("decoded").stringValue(), tokenizer.decode(ids), text);
            assertEquals(c.get("decoded_skip_special").stringValue(), tokenizer.decode(ids, true), text);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void decodesTruncatedSequences(Tokenizer tokenizer) {
        for (var c : fixtures.get("decode_only")) {
            assertEquals(
                    c.get("decoded").stringValue(), tokenizer.decode(TestTokenizers.ints(c.get("ids"))), c.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void findsTokens(Tokenizer tokenizer) {
        assertEquals(248_077, tokenizer.vocabularySize());
        assertEquals(248_046, tokenizer.id("<|im_end|>").getAsInt());
        assertEquals(248_068, tokenizer.id("<think>").getAsInt());
        assertEquals(198, tokenizer.id("Ċ").getAsInt());
        assertTrue(tokenizer.id("no such token").isEmpty());
        assertTrue(tokenizer.isSpecial(248_046));
        assertFalse(tokenizer.isSpecial(248_068));
        assertFalse(tokenizer.isUnused(248_076));
        assertTrue(tokenizer.isUnused(248_077));
        assertEquals(33, tokenizer.addedTokens().size());
        assertEquals("qwen35", tokenizer.preTokenizer());
    }

    @Test
    void tokenizerConfigAddsTokensThatTokenizerJsonLacks() throws IOException {
        byte[] config = TestTokenizers.shared("qwen35-tokenizer_config-small-default-nothink.json");
        var json = (ObjectNode) TestTokenizers.JSON.readTree(TestTokenizers.shared("qwen35-tokenizer.json.gz"));
        var added = (ArrayNode) json.get("added_tokens");
        while (added.size() > 26) {
            added.remove(added.size() - 1);
        }
        var tokenizer = Tokenizer.fromJson(TestTokenizers.JSON.writeValueAsBytes(json), config, "truncated.json");
        assertEquals(fromJson.addedTokens(), tokenizer.addedTokens());
    }
}
