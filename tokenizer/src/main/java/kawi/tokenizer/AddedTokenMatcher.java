package kawi.tokenizer;

import java.util.Map;
import java.util.Objects;

/**
 * Divides text into added tokens and the text between them, as the Hugging Face <i>tokenizers</i> library does
 * ({@code added_vocabulary.rs}, {@code find_matches}).
 *
 * <p>Matches are the leftmost ones, the longest of several that begin at the same position, and do not overlap. A match
 * of a {@linkplain AddedToken#singleWord single word} inside a word is text, and the search continues after it. White
 * space that a token {@linkplain AddedToken#lstrip includes} belongs to neither text; what a token has taken on its
 * right, the next one cannot take again on its left.
 */
final class AddedTokenMatcher {

    /** Restricts the search to parts of a text. */
    @FunctionalInterface
    interface Scope {

        /** Tokens are recognized anywhere. */
        Scope ALL = at -> Integer.MAX_VALUE;

        /**
         * Returns the end of the part around offset {@code at} in which a token that begins there is recognized, which
         * may be beyond the end of the text; {@code at} or less if it is not recognized.
         */
        int end(int at);
    }

    /** Receives the parts of a text in order. */
    interface Parts {

        /** The part {@code [from, to)}, not empty, has no added tokens. */
        void text(int from, int to);

        void token(AddedToken token);
    }

    private final StringSet texts;
    private final AddedToken[] tokens;

    /** @param tokens the tokens by the text that is searched for */
    AddedTokenMatcher(Map<String, AddedToken> tokens) {
        this.texts = new StringSet(tokens.keySet());
        this.tokens = new AddedToken[texts.size()];
        for (int i = 0; i < this.tokens.length; i++) {
            this.tokens[i] = Objects.requireNonNull(tokens.get(texts.get(i)));
        }
    }

    /** Whether there is no token to find. */
    boolean isEmpty() {
        return texts.isEmpty();
    }

    /** Passes all parts of {@code text} to {@code parts}. */
    void split(String text, Scope scope, Parts parts) {
        int done = 0;
        int length = text.length();
        for (int at = 0; at < length; ) {
            int found =
                    texts.mayBegin(text.charAt(at)) ? texts.longestAt(text, at, Math.min(length, scope.end(at))) : -1;
            if (found < 0) {
                at++;
                continue;
            }
            AddedToken token = tokens[found];
            int start = at;
            int end = at + texts.get(found).length();
            at = end;
            if (token.singleWord() && !isSingleWord(text, start, end)) {
                continue;
            }
            if (token.lstrip()) {
                start = Math.max(startOfWhiteSpace(text, start), done);
            }
            if (token.rstrip()) {
                end = endOfWhiteSpace(text, end);
            }
            if (done < start) {
                parts.text(done, start);
            }
            parts.token(token);
            done = end;
        }
        if (done < length) {
            parts.text(done, length);
        }
    }

    private static boolean isSingleWord(String text, int start, int end) {
        return (start == 0 || !isWord(text.codePointBefore(start)))
                && (end == text.length() || !isWord(text.codePointAt(end)));
    }

    /** The characters that {@code \w} matches in the Rust crate <i>regex</i> (UTS 18, annex C). */
    static boolean isWord(int c) {
        return Character.isAlphabetic(c)
                || switch (Character.getType(c)) {
                    case Character.NON_SPACING_MARK,
                            Character.COMBINING_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.DECIMAL_DIGIT_NUMBER,
                            Character.CONNECTOR_PUNCTUATION -> true;
                    default -> c == 0x200C || c == 0x200D; // Join_Control
                };
    }

    private static int startOfWhiteSpace(String text, int to) {
        int at = to;
        while (at > 0 && isWhiteSpace(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    private static int endOfWhiteSpace(String text, int from) {
        int at = from;
        while (at < text.length() && isWhiteSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Whether {@code c} has the Unicode property White_Space, for which the JDK has no method. */
    static boolean isWhiteSpace(char c) {
        return (c >= '\t' && c <= '\r') || c == '\u0085' || Character.isSpaceChar(c);
    }
}
