package kawi.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.regex.Matcher;

/** A step of a {@link PreTokenizer}: divides a piece of text into smaller ones. */
sealed interface SplitStep {

    /** Passes the parts of {@code piece}, which are not empty, to {@code next} in order. */
    void split(String piece, Consumer<String> next);

    /** What becomes of the matches of an expression: {@code SplitDelimiterBehavior} of the library. */
    enum Behavior {
        /** Each match is a piece, and so is the text between two matches. */
        ISOLATED("Isolated"),
        /** Matches are not encoded. */
        REMOVED("Removed"),
        /** Adjacent matches are one piece. */
        CONTIGUOUS("Contiguous"),
        /** A match is joined to the text before it, unless it follows another match. */
        MERGED_WITH_PREVIOUS("MergedWithPrevious"),
        /** A match is joined to the text after it, unless another match follows. */
        MERGED_WITH_NEXT("MergedWithNext");

        /** The name in {@code tokenizer.json}. */
        final String jsonName;

        Behavior(String jsonName) {
            this.jsonName = jsonName;
        }
    }

    /**
     * Splits at the matches of an expression.
     *
     * @param inverted whether the text between matches is treated as matches are, and matches as text
     */
    record AtMatches(Expression expression, Behavior behavior, boolean inverted) implements SplitStep {

        @Override
        public void split(String piece, Consumer<String> next) {
            if (behavior == Behavior.ISOLATED) {
                isolate(piece, expression.matcher(piece), next);
                return;
            }
            var runs = new Runs();
            Matcher matcher = expression.matcher(piece);
            int done = 0;
            while (matcher.find()) {
                runs.add(matcher.start(), inverted);
                runs.add(matcher.end(), !inverted);
                done = matcher.end();
            }
            if (done < piece.length()) {
                runs.add(piece.length(), inverted);
            }
            runs.join(behavior);
            runs.forEach(piece, next, behavior == Behavior.REMOVED);
        }

        private static void isolate(String piece, Matcher matcher, Consumer<String> next) {
            int done = 0;
            while (matcher.find()) {
                if (matcher.start() > done) {
                    next.accept(piece.substring(done, matcher.start()));
                }
                done = matcher.end();
                next.accept(piece.substring(matcher.start(), done));
            }
            if (done < piece.length()) {
                next.accept(piece.substring(done));
            }
        }
    }

    /** Adjacent runs of a text, each of which is a match or not. */
    final class Runs {

        private int[] ends = new int[16];
        private boolean[] matches = new boolean[16];
        private int count;

        /** Adds the run from the end of the last one to {@code end}, unless it is empty. */
        void add(int end, boolean match) {
            if (end == (count == 0 ? 0 : ends[count - 1])) {
                return;
            }
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
                matches = Arrays.copyOf(matches, 2 * count);
            }
            ends[count] = end;
            matches[count++] = match;
        }

        /** Joins the runs that {@code behavior} makes one piece. */
        void join(Behavior behavior) {
            int kept = 0;
            // From the right, a match is joined to its right neighbor; the first of a row of matches is the last here.
            if (behavior == Behavior.MERGED_WITH_NEXT) {
                for (int i = 0; i < count; i++) {
                    boolean joined = matches[i] && i + 1 < count && !matches[i + 1];
                    if (!joined) {
                        ends[kept++] = ends[i];
                    }
                }
                count = kept;
                return;
            }
            if (behavior == Behavior.REMOVED) {
                return;
            }
            for (int i = 0; i < count; i++) {
                boolean joined = i > 0
                        && (behavior == Behavior.CONTIGUOUS
                                ? matches[i] == matches[i - 1]
                                : matches[i] && !matches[i - 1]);
                if (joined) {
                    kept--;
                }
                ends[kept++] = ends[i];
            }
            count = kept;
        }

        void forEach(String text, Consumer<String> next, boolean withoutMatches) {
            int from = 0;
            for (int i = 0; i < count; i++) {
                if (!withoutMatches || !matches[i]) {
                    next.accept(text.substring(from, ends[i]));
                }
                from = ends[i];
            }
        }
    }

    /**
     * The byte-level step. The library replaces each byte of the text by a character of {@link ByteAlphabet} here; this
     * is only done if other steps follow.
     *
     * @param prefixSpace whether a space is inserted before a piece that does not begin with one
     * @param byGpt2 whether the pieces are split by the expression of GPT-2
     * @param spelled whether bytes are replaced
     */
    record ByteLevel(boolean prefixSpace, boolean byGpt2, boolean spelled) implements SplitStep {

        private static final AtMatches GPT2 =
                new AtMatches(Expression.known(PreTokenizerFamily.GPT2_EXPRESSION), Behavior.ISOLATED, false);

        @Override
        public void split(String piece, Consumer<String> next) {
            String text = prefixSpace && !piece.startsWith(" ") ? " " + piece : piece;
            Consumer<String> last = spelled ? part -> next.accept(spell(part)) : next;
            if (byGpt2) {
                GPT2.split(text, last);
            } else {
                last.accept(text);
            }
        }

        /** Replaces each byte of {@code text} in UTF-8 by a character. */
        static String spell(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return ByteAlphabet.encode(utf8, 0, utf8.length);
        }
    }
}
