package kawi.engine;

import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import kawi.dialect.Dialect;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a model with a meaning of their own.
 *
 * @param ends end an answer
 * @param messageStarts begin a message in a conversation
 * @param forbidden ids that are not tokens and must not be generated
 * @param tags were added to the vocabulary, such as those that begin and end thoughts and tool calls
 */
record SpecialTokens(Set<Integer> ends, BitSet messageStarts, BitSet forbidden, BitSet tags) {

    /** @param rows the number of logits, which may exceed the number of tokens */
    static SpecialTokens of(@Nullable Tokenizer tokenizer, Dialect dialect, int rows, Set<Integer> ends) {
        BitSet forbidden = new BitSet();
        if (tokenizer == null) {
            return new SpecialTokens(Set.copyOf(ends), new BitSet(), forbidden, new BitSet());
        }
        int known = tokenizer.vocabularySize();
        forbidden.or(tokenizer.unusedIds());
        forbidden.set(Math.min(known, rows), rows);
        forbidden.clear(rows, Math.max(known, rows));
        BitSet tags = new BitSet();
        tokenizer.addedTokens().forEach(token -> tags.set(token.id()));
        return new SpecialTokens(Set.copyOf(ends), ids(tokenizer, dialect.messageStarts()), forbidden, tags);
    }

    private static BitSet ids(Tokenizer tokenizer, List<String> tokens) {
        BitSet ids = new BitSet();
        tokens.forEach(token -> tokenizer.id(token).ifPresent(ids::set));
        return ids;
    }

    /** Tokens that are frequent in answers, whatever their rank in the vocabulary, and have a logit. */
    int[] frequent(int rows) {
        return IntStream.concat(ends.stream().mapToInt(Integer::intValue), tags.stream())
                .filter(id -> id >= 0 && id < rows)
                .toArray();
    }
}
