package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of a pre-tokenizer or normalizer.
 *
 * <p>The time for a well-known expression is proportional to the length of the text. For any other, which may come from
 * an untrusted file, the number of characters that it examines is limited to a multiple of the length of the text.
 */
final class Expression {

    private static final long STEPS_PER_CHARACTER = 256;
    private static final long MIN_STEPS = 1 << 16;

    private final String source;
    private final String translated;
    private final boolean linear;
    private volatile @Nullable Pattern pattern;

    private Expression(String source, String translated, boolean linear) {
        this.source = source;
        this.translated = translated;
        this.linear = linear;
    }

    /** Creates an expression in the syntax of Oniguruma. */
    static Expression of(String source) throws OnigurumaSyntax.UnsupportedException {
        return new Expression(source, OnigurumaSyntax.translate(source), PreTokenizerFamily.isLinear(source));
    }

    /** Creates an expression of this program, for which the time is proportional to the length of the text. */
    static Expression known(String source) {
        try {
            return new Expression(source, OnigurumaSyntax.translate(source), true);
        } catch (OnigurumaSyntax.UnsupportedException e) {
            throw new IllegalArgumentException(source, e);
        }
    }

    /** Returns a matcher for {@code text}; its {@code group} methods must not be used. */
    Matcher matcher(String text) {
        Pattern compiled = pattern;
        if (compiled == null) { // takes several milliseconds
            compiled = Pattern.compile(translated, Pattern.UNICODE_CHARACTER_CLASS);
            pattern = compiled;
        }
        return compiled.matcher(linear ? text : new Limited(text));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Expression expression && expression.source.equals(source);
    }

    @Override
    public int hashCode() {
        return source.hashCode();
    }

    @Override
    public String toString() {
        return quote(source);
    }

    /** A text of which a limited number of characters can be examined. */
    private final class Limited implements CharSequence {

        private final String text;
        private final long limit;
        private long steps;

        Limited(String text) {
            this.text = text;
            this.limit = MIN_STEPS + STEPS_PER_CHARACTER * text.length();
        }

        @Override
        public char charAt(int index) {
            if (++steps > limit) {
                throw new TokenizerException(
                        "the expression %s of the tokenizer takes more than %d steps for a text of %d characters"
                                .formatted(quote(source), limit, text.length()));
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
