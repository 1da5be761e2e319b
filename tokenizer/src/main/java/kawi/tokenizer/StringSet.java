package kawi.tokenizer;

import java.util.BitSet;
import java.util.Collection;

/**
 * A set of non-empty strings that is searched for at positions of a text.
 *
 * <p>The strings are sorted, so those with a given prefix form a range. Each character of the input narrows that range
 * until it is empty; the last string that was complete at that point is the longest match. At most positions the first
 * character already rules out a match.
 */
final class StringSet {

    private final String[] strings; // sorted, without duplicates
    private final BitSet firsts = new BitSet();

    StringSet(Collection<String> strings) {
        this.strings = strings.stream().sorted().distinct().toArray(String[]::new);
        for (String string : this.strings) {
            firsts.set(string.charAt(0));
        }
    }

    boolean isEmpty() {
        return strings.length == 0;
    }

    /** The strings in ascending order. */
    String get(int index) {
        return strings[index];
    }

    int size() {
        return strings.length;
    }

    /** Whether some string begins with {@code c}. */
    boolean mayBegin(char c) {
        return firsts.get(c);
    }

    /** The index of the longest string that is in {@code text[at..to)} at offset {@code at}, or -1. */
    int longestAt(String text, int at, int to) {
        if (at >= to || !firsts.get(text.charAt(at))) {
            return -1;
        }
        int low = 0;
        int high = strings.length;
        int found = -1;
        for (int depth = 0; at + depth < to; depth++) {
            char c = text.charAt(at + depth);
            low = firstNotBelow(c, depth, low, high);
            high = firstNotBelow(c + 1, depth, low, high);
            if (low == high) {
                return found;
            }
            if (strings[low].length() == depth + 1) {
                found = low;
            }
        }
        return found;
    }

    /**
     * Returns the index of the first of the strings {@code [low, high)}, which have the same first {@code depth} chars,
     * whose next char is at least {@code c}, or {@code high}.
     */
    private int firstNotBelow(int c, int depth, int low, int high) {
        while (low < high) {
            int middle = (low + high) >>> 1;
            String string = strings[middle];
            if (string.length() <= depth || string.charAt(depth) < c) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
