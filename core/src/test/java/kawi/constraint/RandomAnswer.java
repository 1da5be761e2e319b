package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/**
 * The answer of a model with random weights: at each step the token with the highest of random logits, within a budget.
 */
final class RandomAnswer {

    private RandomAnswer() {}

    /** An answer of at most {@code extra} tokens more than it needs. */
    static byte[] of(Grammar grammar, TestVocabulary vocabulary, Random random, int extra) {
        var answer = new Constrained(grammar, vocabulary.trie());
        int budget = answer.minimumTokens() + extra;
        int end = vocabulary.tokenizer().vocabularySize();
        float[] logits = new float[end + 1];
        var written = new ByteArrayOutputStream();
        for (int remaining = budget; !answer.mustEnd(); remaining--) {
            for (int id = 0; id < logits.length; id++) {
                logits[id] = random.nextFloat();
            }
            logits[end] -= 0.5f;
            assertTrue(remaining >= answer.minimumTokens(), "the budget does not suffice any more");
            answer.mask(logits, remaining, end);
            int best = 0;
            for (int id = 0; id < logits.length; id++) {
                best = logits[id] > logits[best] ? id : best;
            }
            if (logits[best] == Float.NEGATIVE_INFINITY) {
                assertTrue(answer.mayEnd() && remaining == 0, "nothing may follow, and this is no end: " + written);
                break;
            }
            if (best == end) {
                assertTrue(answer.mayEnd());
                break;
            }
            answer.accept(best);
            written.writeBytes(vocabulary.tokenizer().bytes(best));
        }
        assertTrue(answer.mayEnd(), "incomplete: " + written);
        return written.toByteArray();
    }

    /** Accepts every token of a text that is an answer, each with the mask before it. */
    static void follow(Grammar grammar, TestVocabulary vocabulary, int[] tokens, String text) {
        var answer = new Constrained(grammar, vocabulary.trie());
        float[] logits = new float[vocabulary.tokenizer().vocabularySize()];
        for (int token : tokens) {
            Arrays.fill(logits, 1);
            answer.mask(logits, 1 << 20);
            assertTrue(
                    logits[token] == 1,
                    () -> "refused \"" + vocabulary.tokenizer().text(token) + "\" in " + text);
            answer.accept(token);
        }
        assertTrue(answer.mayEnd(), () -> "incomplete: " + text);
    }
}
