package kawi.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import kawi.TokenLogprob;

/**
 * Finds the tokens of which an answer's text consists.
 *
 * <p>The text is what remains of the generated text without thoughts, calls and the white space next to them, and it is
 * emitted later than it is generated. Each emitted character is therefore the next one of the pending tokens; a token
 * that does not continue with it after white space is not part of the text. Tokens without text of their own are
 * pieces of a character, and belong to the token that completes it.
 */
final class TextTokens {

    private final Deque<Pending> pending = new ArrayDeque<>();

    private static final class Pending {
        private final TokenLogprob token;
        private String piece;
        private int used;
        private boolean taken;

        private Pending(TokenLogprob token, String piece) {
            this.token = token;
            this.piece = piece;
        }

        /** Uses the next character, if it is {@code c}. */
        private boolean use(char c) {
            for (int i = used; i < piece.length(); i++) {
                if (piece.charAt(i) == c) {
                    used = i + 1;
                    return true;
                }
                if (!Character.isWhitespace(piece.charAt(i))) {
                    return false;
                }
            }
            return false;
        }
    }

    /**
     * Adds a token of the answer.
     *
     * @param piece the text that it completes
     */
    void add(TokenLogprob token, String piece) {
        pending.add(new Pending(token, piece));
    }

    /** Adds text to the last token: that of a character that remained incomplete. */
    void complete(String piece) {
        if (!pending.isEmpty()) {
            pending.getLast().piece += piece;
        }
    }

    /** Drops all tokens but the last. They belong to a call that has just ended. */
    void dropBeforeLast() {
        while (pending.size() > 1) {
            pending.removeFirst();
        }
    }

    /** Returns the tokens that begin in the next piece of the text. */
    List<TokenLogprob> take(String text) {
        List<TokenLogprob> tokens = new ArrayList<>();
        List<TokenLogprob> incomplete = new ArrayList<>();
        int at = 0;
        while (at < text.length() && !pending.isEmpty()) {
            Pending next = pending.getFirst();
            if (next.piece.isEmpty()) {
                incomplete.add(next.token);
                pending.removeFirst();
            } else if (next.use(text.charAt(at))) {
                at++;
                if (!next.taken) {
                    tokens.addAll(incomplete);
                    tokens.add(next.token);
                    next.taken = true;
                }
                incomplete.clear();
            } else {
                incomplete.clear();
                pending.removeFirst();
            }
        }
        return tokens;
    }
}
