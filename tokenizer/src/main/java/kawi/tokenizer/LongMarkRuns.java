package kawi.tokenizer;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Takes {@link Normalizer}'s quadratic time from it, which it needs for long runs of combining marks.
 *
 * <p>Normalizing sorts each run of marks by canonical combining class. {@link Normalizer} does that by insertion: a
 * million marks in falling order keep it busy for half an hour. Real text has runs of three or four; hostile text has
 * what it likes. So a run longer than {@link #LONG} is decomposed and sorted here first, by counting, which yields a
 * canonically equivalent text (so the same normal form) on which {@link Normalizer} is linear.
 *
 * <p>The JDK does not tell combining classes, but {@link Normalizer} tells their order: it swaps two marks exactly if
 * the class of the first is greater than that of the second and neither is zero.
 */
final class LongMarkRuns {

    private static final int LONG = 256;

    private static final char FIRST_MARK = 0x300;

    /** Tilde overlay, class 1, the lowest above zero. */
    private static final int LOWEST_CLASS = 0x334;

    /** Acute accent, class 230. */
    private static final int HIGH_CLASS = 0x301;

    private LongMarkRuns() {}

    /** {@code text} with each long run of marks decomposed and in canonical order. */
    static String sort(String text) {
        StringBuilder sorted = null;
        int copied = 0;
        for (int at = 0; at < text.length(); ) {
            int end = endOfMarks(text, at);
            if (end - at > LONG) {
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

    /** Every character of a combining class other than zero is a mark. */
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

    /**
     * Decomposes {@code marks} and sorts each stretch between two starters, by counting: equal classes keep their
     * order.
     */
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

    /** The combining classes in increasing order, numbered from 1; made when the first long run is met. */
    private static final class CombiningOrder {

        private static final Map<Integer, Integer> RANKS = new HashMap<>();
        static final int HIGHEST;

        static {
            List<Integer> marks = IntStream.rangeClosed(FIRST_MARK, Character.MAX_CODE_POINT)
                    .filter(c -> isMark(c) && decompose(c).equals(Character.toString(c)))
                    .filter(c -> swaps(c, LOWEST_CLASS) || swaps(HIGH_CLASS, c))
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

        /** 0 for a starter. */
        static int rank(int c) {
            return RANKS.getOrDefault(c, 0);
        }

        private static boolean swaps(int first, int second) {
            String pair = Character.toString(first) + Character.toString(second);
            return !Normalizer.normalize(pair, Normalizer.Form.NFD).equals(pair);
        }
    }
}
