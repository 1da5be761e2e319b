package kawi.tokenizer;

import java.text.Normalizer;
import java.util.List;
import java.util.regex.Matcher;

/** A change of text before it is split: a {@code normalizer} of the <i>tokenizers</i> library. */
sealed interface Normalization {

    /** Returns the normalized form of {@code text}, which has no unpaired surrogates. */
    String apply(String text);

    /** Whether the result is spelled in {@link ByteAlphabet}. */
    default boolean spells() {
        return false;
    }

    /** Applies several in order; none leaves text unchanged. */
    record Sequence(List<Normalization> parts) implements Normalization {

        private static final int MAX_GROWTH = 64;
        private static final int GROWTH_SLACK = 1 << 16;

        public Sequence {
            parts = List.copyOf(parts);
        }

        @Override
        public String apply(String text) {
            String result = text;
            for (Normalization part : parts) {
                result = part.apply(result);
                if (result.length() - GROWTH_SLACK > (long) MAX_GROWTH * text.length()) {
                    throw new TokenizerException("the normalizer of the tokenizer changes %d characters to %d"
                            .formatted(text.length(), result.length()));
                }
            }
            return result;
        }

        @Override
        public boolean spells() {
            return parts.stream().anyMatch(Normalization::spells);
        }
    }

    /** A Unicode normalization form. */
    record Form(Normalizer.Form form) implements Normalization {

        @Override
        public String apply(String text) {
            return NormalForm.normalize(text, form);
        }
    }

    /** Inserts {@code prefix} before text that is not empty. */
    record Prepend(String prefix) implements Normalization {

        @Override
        public String apply(String text) {
            return text.isEmpty() ? text : prefix + text;
        }
    }

    /** Replaces each occurrence of {@code literal}. */
    record ReplaceText(String literal, String replacement) implements Normalization {

        @Override
        public String apply(String text) {
            return text.replace(literal, replacement);
        }
    }

    /** Replaces each match of {@code expression}. */
    record ReplaceMatches(Expression expression, String replacement) implements Normalization {

        @Override
        public String apply(String text) {
            Matcher matcher = expression.matcher(text);
            if (!matcher.find()) {
                return text;
            }
            var result = new StringBuilder(text.length());
            int done = 0;
            do {
                result.append(text, done, matcher.start()).append(replacement);
                done = matcher.end();
            } while (matcher.find());
            return result.append(text, done, text.length()).toString();
        }
    }

    /**
     * Replaces each character by its lower case, without regard to its neighbors: the last sigma of a word is an
     * ordinary one. The library has the tables of Unicode 17.
     */
    record Lowercase() implements Normalization {

        @Override
        public String apply(String text) {
            var lower = new StringBuilder(text.length());
            text.codePoints().forEach(c -> {
                if (c == 0x130) {
                    lower.append("i\u0307");
                } else {
                    lower.appendCodePoint(lower(c));
                }
            });
            return lower.toString();
        }

        private static int lower(int c) {
            return switch (c) {
                case 0xA7CE, 0xA7D2, 0xA7D4 -> c + 1;
                default -> c >= 0x16EA0 && c <= 0x16EB8 ? c + 0x1B : Character.toLowerCase(c);
            };
        }
    }

    /** Removes white space at one or both ends. */
    record Strip(boolean left, boolean right) implements Normalization {

        @Override
        public String apply(String text) {
            int from = 0;
            int to = text.length();
            while (left && from < to && AddedTokenMatcher.isWhiteSpace(text.charAt(from))) {
                from++;
            }
            while (right && to > from && AddedTokenMatcher.isWhiteSpace(text.charAt(to - 1))) {
                to--;
            }
            return text.substring(from, to);
        }
    }

    /** Replaces each byte by a character of {@link ByteAlphabet}. */
    record ByteLevel() implements Normalization {

        @Override
        public String apply(String text) {
            return SplitStep.ByteLevel.spell(text);
        }

        @Override
        public boolean spells() {
            return true;
        }
    }
}
