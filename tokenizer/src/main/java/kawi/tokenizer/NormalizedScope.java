package kawi.tokenizer;

import java.util.function.UnaryOperator;
import kawi.tokenizer.AddedTokenMatcher.Scope;

/**
 * The part of a normalized text that corresponds to a {@link Scope} of the original.
 *
 * <p>The text is cut at the bounds of the scope, and the parts are normalized. If their concatenation is the normalized
 * text, these are the corresponding parts. Otherwise a character of one part has changed one of another; no token is
 * recognized in such a text, because its characters cannot be attributed.
 */
final class NormalizedScope {

    private NormalizedScope() {}

    static Scope of(String text, String normal, Scope scope, UnaryOperator<String> normalization) {
        if (scope.end(0) >= text.length() || text.equals(normal)) {
            return scope;
        }
        var ends = new int[normal.length()];
        int done = 0;
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(scope.end(at), text.length());
            boolean inside = end > at;
            for (end = Math.max(end, at + 1); !inside && end < text.length() && scope.end(end) <= end; end++) {}
            String part = normalization.apply(text.substring(at, end));
            if (!normal.startsWith(part, done)) {
                return offset -> offset;
            }
            for (int i = done; i < done + part.length(); i++) {
                ends[i] = inside ? done + part.length() : i;
            }
            done += part.length();
            at = end;
        }
        return done < normal.length() ? offset -> offset : offset -> ends[offset];
    }
}
