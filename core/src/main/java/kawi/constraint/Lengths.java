package kawi.constraint;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The bounds on the number of characters in the text of a rule that makes no calls. Like the rounds of a {@link Loop},
 * the count is kept outside of the automaton, which need not be of any special form: {@link LengthCosts} knows from
 * which of its states an end is still within reach.
 *
 * @param max {@link Expression#UNBOUNDED} for any number
 * @param escapes whether the text is the unique spelling of a JSON string, in which an escape is one character
 */
record Lengths(int min, int max, boolean escapes) {

    private static final int UNKNOWN = -1;

    /** After the backslash of an escape; greater than any number of missing letters. */
    static final int AFTER_BACKSLASH = 5;

    /** These bounds for texts with {@code characters} more; none if these are none. */
    Lengths plus(int characters) {
        return areFree() ? this : new Lengths(clamped(min, characters), clamped(max, characters), escapes);
    }

    private static int clamped(int bound, int more) {
        return (int) Math.min((long) bound + more, Expression.UNBOUNDED);
    }

    Lengths intersect(Lengths other) {
        int least = Math.max(min, other.min);
        int most = Math.min(max, other.max);
        return new Lengths(least, most, escapes);
    }

    boolean areFree() {
        return min == 0 && max == Expression.UNBOUNDED;
    }

    /** Whether a text of {@code count} characters may end. */
    boolean contain(int count) {
        return count >= min && count <= max;
    }

    /**
     * The representative of {@code count}: without an upper bound, all counts from the lower bound on are equivalent.
     */
    int normalized(int count) {
        return max == Expression.UNBOUNDED ? Math.min(count, min) : count;
    }

    /** For each state of {@code automaton}, what is missing from the current character: bytes or letters. */
    byte[] missing(Automaton automaton) {
        byte[] missing = new byte[automaton.states()];
        Arrays.fill(missing, (byte) UNKNOWN);
        missing[0] = 0;
        var pending = new ArrayDeque<Integer>();
        pending.add(0);
        while (!pending.isEmpty()) {
            int state = pending.remove();
            Budget.current().spend(Automaton.BYTES / 4);
            for (int b = 0; b < Automaton.BYTES; b++) {
                int to = automaton.next(state, b);
                if (to == Automaton.DEAD) {
                    continue;
                }
                byte after = (byte) missingAfter(missing[state], b);
                if (missing[to] == UNKNOWN) {
                    missing[to] = after;
                    pending.add(to);
                } else if (missing[to] != after) {
                    throw new IllegalArgumentException("a state is reached both within and between characters");
                }
            }
        }
        return missing;
    }

    /** What is missing after byte {@code b}, which was missing or begins a character. */
    int missingAfter(int missing, int b) {
        if (missing == AFTER_BACKSLASH) {
            return b == 'u' ? 4 : 0;
        }
        if (missing > 0) {
            return missing - 1;
        }
        if (escapes && b == '\\') {
            return AFTER_BACKSLASH;
        }
        return b < 0x80 ? 0 : b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
    }
}
