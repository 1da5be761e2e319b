package kawi.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** The added tokens of a vocabulary, with methods that find them in text. */
final class AddedTokens {

    private final List<AddedToken> tokens; // sorted by text
    private final Map<String, AddedToken> byText = new HashMap<>();
    private final StringSet texts;
    private final BitSet inners = new BitSet();
    private final AddedTokenMatcher literal;
    private final AddedTokenMatcher normalized;

    /** @param normalization that of the text in which {@linkplain AddedToken#normalized normalized} tokens are found */
    AddedTokens(List<AddedToken> tokens, UnaryOperator<String> normalization) {
        this.tokens =
                tokens.stream().sorted(Comparator.comparing(AddedToken::text)).toList();
        var literalTokens = new HashMap<String, AddedToken>();
        var normalizedTokens = new HashMap<String, AddedToken>();
        var names = new ArrayList<String>();
        for (AddedToken token : this.tokens) {
            byText.put(token.text(), token);
            names.add(token.text());
            token.text().chars().skip(1).forEach(inners::set);
            if (!token.normalized()) {
                literalTokens.put(token.text(), token);
            } else {
                String form = normalization.apply(token.text());
                if (!form.isEmpty()) {
                    normalizedTokens.put(form, token);
                }
            }
        }
        texts = new StringSet(names);
        literal = new AddedTokenMatcher(literalTokens);
        normalized = new AddedTokenMatcher(normalizedTokens);
    }

    /** The tokens in ascending order of their texts. */
    List<AddedToken> all() {
        return tokens;
    }

    /** Finds the tokens that occur in the text as it is. */
    AddedTokenMatcher literal() {
        return literal;
    }

    /** Finds the {@linkplain AddedToken#normalized normalized} tokens in normalized text. */
    AddedTokenMatcher normalized() {
        return normalized;
    }

    OptionalInt id(String text) {
        var token = byText.get(text);
        return token == null ? OptionalInt.empty() : OptionalInt.of(token.id());
    }

    /** Whether some token begins with {@code c}. */
    boolean mayBegin(char c) {
        return texts.mayBegin(c);
    }

    /**
     * Whether some token occurs in {@code text[at..to)} at offset {@code at}, or has all of {@code text[at..to)} as a
     * prefix.
     */
    boolean beginsAt(String text, int at, int to) {
        return texts.beginsAt(text, at, to);
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
}
