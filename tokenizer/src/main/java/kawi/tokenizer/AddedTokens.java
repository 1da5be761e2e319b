package kawi.tokenizer;

import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The added tokens of a vocabulary, and where they are in a text.
 *
 * <p>The texts are sorted, so those that begin with a given string stand together. Walking along a text narrows that
 * range character by character until it is empty; the last token that ended on the way is the longest. Most places of a
 * text are passed over by their first character alone.
 */
final class AddedTokens {

    private final List<AddedToken> tokens; // in order of their text
    private final Map<String, AddedToken> byText = new HashMap<>();
    private final BitSet firsts = new BitSet();
    private final BitSet inners = new BitSet();
    private final int longest;

    AddedTokens(List<AddedToken> tokens) {
        this.tokens =
                tokens.stream().sorted(Comparator.comparing(AddedToken::text)).toList();
        for (AddedToken token : tokens) {
            byText.put(token.text(), token);
            firsts.set(token.text().charAt(0));
            token.text().chars().skip(1).forEach(inners::set);
        }
        longest = tokens.stream().mapToInt(t -> t.text().length()).max().orElse(0);
    }

    List<AddedToken> all() {
        return tokens;
    }

    OptionalInt id(String text) {
        var token = byText.get(text);
        return token == null ? OptionalInt.empty() : OptionalInt.of(token.id());
    }

    /** The length in characters of the longest token. */
    int longest() {
        return longest;
    }

    /** Whether some token begins with {@code c}. */
    boolean mayBegin(char c) {
        return firsts.get(c);
    }

    /** The index in {@link #all} of the longest token that is in {@code text} at {@code at}, or -1. */
    int longestAt(String text, int at) {
        return mayBegin(text.charAt(at)) ? walk(text, at, text.length(), true) : -1;
    }

    /** Whether some token is in {@code text} at {@code at}, or begins with all of {@code text[at..to)}. */
    boolean beginsAt(String text, int at, int to) {
        return mayBegin(text.charAt(at)) && walk(text, at, to, false) >= 0;
    }

    /**
     * Whether {@code text} could be the continuation, from its second character or later, of a token begun before
     * {@code at}: either the rest of the token is in {@code text} at {@code at}, or all of {@code text[at..to)} is
     * inside the token.
     */
    boolean continuesAt(String text, int at, int to) {
        if (!inners.get(text.charAt(at))) {
            return false;
        }
        for (AddedToken token : tokens) {
            String t = token.text();
            for (int skip = t.indexOf(text.charAt(at), 1); skip >= 0; skip = t.indexOf(text.charAt(at), skip + 1)) {
                if (t.regionMatches(skip, text, at, Math.min(t.length() - skip, to - at))) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * With {@code complete}, the index of the longest token at {@code at}; without, that of any token there or of one
     * that the text, ending at {@code to}, breaks off; -1 when there is none.
     */
    private int walk(String text, int at, int to, boolean complete) {
        int low = 0;
        int high = tokens.size();
        int found = -1;
        for (int depth = 0; at + depth < to; depth++) {
            char c = text.charAt(at + depth);
            low = firstNotBelow(c, depth, low, high);
            high = firstNotBelow(c + 1, depth, low, high);
            if (low == high) {
                return found;
            }
            if (tokens.get(low).text().length() == depth + 1) {
                found = low;
                if (!complete) {
                    return found;
                }
            }
        }
        return complete ? found : low;
    }

    /**
     * Among the tokens {@code low..high}, which agree in their first {@code depth} characters, the first whose next one
     * is not below.
     */
    private int firstNotBelow(int c, int depth, int low, int high) {
        while (low < high) {
            int middle = (low + high) >>> 1;
            String text = tokens.get(middle).text();
            if (text.length() <= depth || text.charAt(depth) < c) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
