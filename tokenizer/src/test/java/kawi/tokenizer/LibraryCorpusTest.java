package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares ids and texts of variants of a small tokenizer with those of the Hugging Face <i>tokenizers</i> library
 * 0.23.2. The README next to the data says how it was made.
 */
class LibraryCorpusTest {

    private static final byte[] BASE = TestTokenizers.resource("corpus/base.json");
    private static final JsonNode CORPUS = TestTokenizers.JSON.readTree(TestTokenizers.resource("corpus/corpus.json"));

    static Stream<Arguments> variants() {
        return CORPUS.get("variants").values().stream()
                .map(variant -> Arguments.argumentSet(variant.get("name").stringValue(), variant));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void encodesAndDecodesAsTheLibraryDoes(JsonNode variant) {
        var tokenizer = tokenizer(variant);
        var texts = CORPUS.get("texts");
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).get("text").stringValue();
            var result = texts.get(i)
                    .get("results")
                    .get(variant.get("results").get(i).intValue());
            int[] ids = TestTokenizers.ints(result.get("ids"));
            assertArrayEquals(ids, tokenizer.encodeWithSpecials(text), text);
            if (result.has("decoded")) {
                String decoded = result.get("decoded").stringValue(text);
                assertEquals(decoded, tokenizer.decode(ids), text);
                String without = result.has("without_special")
                        ? result.get("without_special").stringValue()
                        : decoded;
                assertEquals(without, tokenizer.decode(ids, true), text);
            }
        }
    }

    @Test
    void isComplete() {
        assertTrue(CORPUS.get("variants").size() >= 140);
        assertTrue(CORPUS.get("texts").size() >= 58);
    }

    private static Tokenizer tokenizer(JsonNode variant) {
        var json = (ObjectNode) TestTokenizers.JSON.readTree(BASE);
        for (var change : variant.get("patch").properties()) {
            String key = change.getKey();
            var target = key.startsWith("model.") ? (ObjectNode) json.get("model") : json;
            target.set(key.substring(key.indexOf('.') + 1), change.getValue());
        }
        return Tokenizer.fromJson(TestTokenizers.JSON.writeValueAsBytes(json), null, "base.json");
    }
}
