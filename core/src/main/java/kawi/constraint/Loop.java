package kawi.constraint;

/**
 * How often a rule goes round: the characters of a string, the items of an array. Counting beside the automaton lets
 * {@code maxLength: 5000} cost as many states as no bound.
 *
 * <p>A state from which {@code close} leads to the end of the rule is a point; every arrival at one, but from the first
 * state, is a round. At a point with fewer than {@code min} rounds the rule cannot close, with {@code max} it can only
 * close.
 *
 * @param max {@link Expression#UNBOUNDED} for any number
 * @param countsAlone whether the rule calls no other
 */
record Loop(int min, int max, int close, boolean countsAlone) {

    /** The count that stands for {@code count}: without an upper bound, all from the lower one on are alike. */
    int normalized(int count) {
        return max == Expression.UNBOUNDED ? Math.min(count, min) : count;
    }
}
