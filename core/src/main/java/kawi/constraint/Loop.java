package kawi.constraint;

/**
 * The bounds on the number of rounds of a rule: the characters of a string, the items of an array. The count is kept
 * outside of the automaton, so {@code maxLength: 5000} needs no more states than an unbounded string.
 *
 * <p>A state from which {@code close} leads to the end of the rule is a point. Every arrival at a point, except from
 * the initial state, is a round. At a point with fewer than {@code min} rounds the rule cannot close; with {@code max}
 * rounds it can only close. A rule may also close without a byte: then its final states are the points, and the first
 * arrival at one is a round too.
 *
 * @param max {@link Expression#UNBOUNDED} for any number
 * @param close the byte that closes, or {@link #NONE}
 * @param countsAlone whether the rule makes no calls
 */
record Loop(int min, int max, int close, boolean countsAlone) {

    static final int NONE = -1;

    /** Whether no byte closes the rule. */
    boolean isOpen() {
        return close == NONE;
    }

    /**
     * The representative of {@code count}: without an upper bound, all counts from the lower bound on are equivalent.
     */
    int normalized(int count) {
        return max == Expression.UNBOUNDED ? Math.min(count, min) : count;
    }
}
