package kawi.tokenizer;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Sorts long runs of combining marks, for which {@link Normalizer} takes quadratic time.
 *
 * <p>Normalization sorts each run of marks by canonical combining class. {@link Normalizer} uses insertion sort: a
 * million marks in descending order take it half an hour. Real text has runs of three or four marks, but input is not
 * trusted. Therefore a run longer than {@value #MAX_RUN_LENGTH} chars is first decomposed and sorted here, with a
 * counting sort. The result is canonically equivalent, so it has the same normal form, and {@link Normalizer} processes
 * it in linear time.
 *
 * <p>The JDK has no API for combining classes, but {@link Normalizer} reveals their order: it swaps two marks if and
 * only if the class of the first is greater than that of the second and neither is zero.
 */
final class LongMarkRuns {

    private static final int MAX_RUN_LENGTH = 256;

    private static final char FIRST_MARK = 0x300;

    /** Combining tilde overlay, of class 1, the lowest class above zero. */
    private static final int MARK_OF_CLASS_1 = 0x334;

    /** Combining acute accent, of class 230. */
    private static final int MARK_OF_CLASS_230 = 0x301;

    private LongMarkRuns() {}

    /** Returns {@code text} with each long run of marks decomposed and in canonical order. */
    static String sort(String text) {
        StringBuilder sorted = null;
        int copied = 0;
        for (int at = 0; at < text.length(); ) {
            int end = endOfMarks(text, at);
            if (end - at > MAX_RUN_LENGTH) {
                sorted = sorted == null ? new StringBuilder(text.length() + 16) : sorted;
                sorted.append(text, copied, at);
                appendSorted(text.substring(at, end), sorted);
                copied = end;
            }
            at = end == at ? at + Character.charCount(text.codePointAt(at)) : end;
        }
        return sorted == null
                ? text
                : sorted.append(text, copied, text.length()).toString();
    }

    /**
     * Returns the end of the run of marks at {@code at}. Every character of a combining class other than zero is a
     * mark.
     */
    private static int endOfMarks(String text, int at) {
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (c < FIRST_MARK || !isMark(c)) {
                break;
            }
            at += Character.charCount(c);
        }
        return at;
    }

    private static boolean isMark(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
            default -> false;
        };
    }

    /** Decomposes {@code marks} and sorts the marks between two starters, with a stable counting sort. */
    private static void appendSorted(String marks, StringBuilder out) {
        int[] run = marks.codePoints().flatMap(c -> decompose(c).codePoints()).toArray();
        int[] ranks = IntStream.of(run).map(CombiningOrder::rank).toArray();
        int begin = 0;
        for (int i = 0; i <= run.length; i++) {
            if (i == run.length || ranks[i] == 0) {
                appendByRank(run, ranks, begin, i, out);
                if (i < run.length) {
                    out.appendCodePoint(run[i]);
                }
                begin = i + 1;
            }
        }
    }

    private static void appendByRank(int[] run, int[] ranks, int from, int to, StringBuilder out) {
        int[] next = new int[CombiningOrder.HIGHEST + 2];
        for (int i = from; i < to; i++) {
            next[ranks[i] + 1]++;
        }
        for (int rank = 1; rank < next.length; rank++) {
            next[rank] += next[rank - 1];
        }
        int[] sorted = new int[to - from];
        for (int i = from; i < to; i++) {
            sorted[next[ranks[i]]++] = run[i];
        }
        for (int c : sorted) {
            out.appendCodePoint(c);
        }
    }

    private static String decompose(int c) {
        return Normalizer.normalize(Character.toString(c), Normalizer.Form.NFD);
    }

    /** The combining classes in increasing order, numbered from 1; computed when the first long run occurs. */
    private static final class CombiningOrder {

        private static final Map<Integer, Integer> RANKS = new HashMap<>();
        static final int HIGHEST;

        static {
            List<Integer> marks = IntStream.rangeClosed(FIRST_MARK, Character.MAX_CODE_POINT)
                    .filter(c -> isMark(c) && decompose(c).equals(Character.toString(c)))
                    .filter(c -> swaps(c, MARK_OF_CLASS_1) || swaps(MARK_OF_CLASS_230, c))
                    .boxed()
                    .sorted((a, b) -> swaps(a, b) ? 1 : swaps(b, a) ? -1 : 0)
                    .toList();
            int rank = 0;
            for (int i = 0; i < marks.size(); i++) {
                rank += i == 0 || swaps(marks.get(i), marks.get(i - 1)) ? 1 : 0;
                RANKS.put(marks.get(i), rank);
            }
            HIGHEST = rank;
        }

        /** The number of the combining class of {@code c}; 0 for a starter. */
        static int rank(int c) {
            return RANKS.getOrDefault(c, 0);
        }

        private static boolean swaps(int first, int second) {
            String pair = Character.toString(first) + Character.toString(second);
            return !Normalizer.normalize(pair, Normalizer.Form.NFD).equals(pair);
        }
    }
}
