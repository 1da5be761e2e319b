package kawi.tokenizer;

import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The added tokens of a vocabulary, with methods that find them in text.
 *
 * <p>The tokens are sorted by their text, so the tokens with a given prefix form a range. Each character of the input
 * narrows that range until it is empty; the last token that was complete at that point is the longest match. At most
 * positions the first character already rules out a match.
 */
final class AddedTokens {

    private final List<AddedToken> tokens; // sorted by text
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

    /** The length of the longest token in chars. */
    int longest() {
        return longest;
    }

    /** Whether some token begins with {@code c}. */
    boolean mayBegin(char c) {
        return firsts.get(c);
    }

    /** The index in {@link #all} of the longest token that occurs in {@code text} at offset {@code at}, or -1. */
    int longestAt(String text, int at) {
        return mayBegin(text.charAt(at)) ? search(text, at, text.length(), true) : -1;
    }

    /**
     * Whether some token occurs in {@code text[at..to)} at offset {@code at}, or has all of {@code text[at..to)} as a
     * prefix.
     */
    boolean beginsAt(String text, int at, int to) {
        return mayBegin(text.charAt(at)) && search(text, at, to, false) >= 0;
    }

    /**
     * Whether {@code text[at..to)} could continue a token that began before {@code at}, that is, whether for some
     * proper suffix of a token either the suffix occurs in {@code text} at offset {@code at}, or all of
     * {@code text[at..to)} is a prefix of the suffix.
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
     * Returns the index of a token at offset {@code at}, or -1 if there is none. If {@code complete}, this is the
     * longest token in {@code text[at..to)}; otherwise any token there, or any token of which {@code text[at..to)} is a
     * prefix.
     */
    private int search(String text, int at, int to, boolean complete) {
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
     * Returns the index of the first of the tokens {@code [low, high)}, which have the same first {@code depth} chars,
     * whose next char is at least {@code c}, or {@code high}.
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
