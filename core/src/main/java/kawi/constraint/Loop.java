package kawi.constraint;

/**
 * The bounds on the number of rounds of a rule: the characters of a string, the items of an array. The count is kept
 * outside of the automaton, so {@code maxLength: 5000} needs no more states than an unbounded string.
 *
 * <p>A state from which {@code close} leads to the end of the rule is a point. Every arrival at a point, except from
 * the initial state, is a round. At a point with fewer than {@code min} rounds the rule cannot close; with {@code max}
 * rounds it can only close.
 *
 * @param max {@link Expression#UNBOUNDED} for any number
 * @param countsAlone whether the rule makes no calls
 */
record Loop(int min, int max, int close, boolean countsAlone) {

    /**
     * The representative of {@code count}: without an upper bound, all counts from the lower bound on are equivalent.
     */
    int normalized(int count) {
        return max == Expression.UNBOUNDED ? Math.min(count, min) : count;
    }
}
