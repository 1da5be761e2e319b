package kawi.speculation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.constraint.Constrained;
import kawi.constraint.Grammar;
import kawi.constraint.TokenTrie;
import kawi.tokenizer.GgufStrings;
import kawi.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

class ForcedTokensTest {

    /** The bytes and a token that may end in the middle of what is forced. */
    private static final Tokenizer TOKENIZER = tokenizer();

    private static Tokenizer tokenizer() {
        List<String> letters =
                IntStream.rangeClosed('!', '~').mapToObj(Character::toString).toList();
        List<String> tokens = new ArrayList<>(letters);
        tokens.addAll(List.of("Ġ", ":\"", "<|im_end|>"));
        int[] types = new int[tokens.size()];
        Arrays.fill(types, 1);
        types[types.length - 1] = 3;
        return Tokenizer.fromGguf(
                "test", "gpt2", "qwen35", GgufStrings.of(tokens), types, GgufStrings.of(List.of(": \"")));
    }

    private final Grammar grammar = Grammar.jsonSchema(
            "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[1,2,\"x\"]}},"
                    + "\"required\":[\"a\"],\"additionalProperties\":false},\"minItems\":40}");
    private final Constrained answer = new Constrained(grammar, new TokenTrie(TOKENIZER));
    private final ForcedTokens forced = new ForcedTokens();
    private final int[] out = new int[8];

    private void accept(String text) {
        for (int token : TOKENIZER.encode(text)) {
            forced.accept(answer, token);
            answer.accept(token);
        }
    }

    private int[] guesses() {
        return Arrays.copyOf(out, forced.forced(answer, out, 8));
    }

    private static int[] tokens(String text) {
        return text.chars()
                .map(c -> TOKENIZER.id(c == ' ' ? "Ġ" : Character.toString(c)).orElseThrow())
                .toArray();
    }

    @Test
    void spacesAreGuessedAsTheAnswerWritesThem() {
        assertArrayEquals(tokens("[{\"a\": "), guesses());
        accept("[{\"a\":2}");
        guesses();
        accept(",{\"a\":");
        accept("2}");
        assertArrayEquals(tokens(",{\"a\":"), guesses());
        accept(", {\"a\": 2}");
        assertArrayEquals(tokens(", {\"a\": "), guesses());
    }

    @Test
    void whetherTheLastGuessIsCorrectIsLearned() {
        accept("[{\"a\":2}");
        for (int i = 0; i < 12; i++) {
            // The colon may be the beginning of the token :".
            int count = guesses().length;
            assertTrue(forced.confidence(count - 2) > 0.9, "certain");
            accept(",{\"a\":\"x\"}");
        }
        int count = guesses().length;
        assertTrue(forced.confidence(count - 1) < 0.2, "confidence " + forced.confidence(count - 1));
        assertTrue(forced.confidence(count - 2) > 0.9, "certain");
    }
}
