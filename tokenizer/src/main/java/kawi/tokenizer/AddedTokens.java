package kawi.tokenizer;

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
    private final AddedTokenMatcher literal;
    private final AddedTokenMatcher normalized;
    private final UnaryOperator<String> normalization;

    /** @param normalization that of the text in which {@linkplain AddedToken#normalized normalized} tokens are found */
    AddedTokens(List<AddedToken> tokens, UnaryOperator<String> normalization) {
        this.normalization = normalization;
        this.tokens =
                tokens.stream().sorted(Comparator.comparing(AddedToken::text)).toList();
        var literalTokens = new HashMap<String, AddedToken>();
        var normalizedTokens = new HashMap<String, AddedToken>();
        for (AddedToken token : this.tokens) {
            byText.put(token.text(), token);
            if (!token.normalized()) {
                literalTokens.put(token.text(), token);
            } else {
                String form = normalization.apply(token.text());
                if (!form.isEmpty()) {
                    normalizedTokens.put(form, token);
                }
            }
        }
        literal = new AddedTokenMatcher(literalTokens);
        normalized = new AddedTokenMatcher(normalizedTokens);
    }

    /** The tokens in ascending order of their texts. */
    List<AddedToken> all() {
        return tokens;
    }

    /** Returns those that are not {@linkplain AddedToken#special special}. */
    AddedTokens ordinary() {
        return new AddedTokens(tokens.stream().filter(token -> !token.special()).toList(), normalization);
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
}
