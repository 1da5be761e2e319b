package kawi.constraint;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Repetitions of one character as calls of rules that count their rounds ({@link Loop}), so that {@code x{1,5000}}
 * needs no 5,000 states.
 *
 * <p>That is done only if the first byte of each character decides whether a repetition begins, goes on or has ended:
 * then those that are being counted at any time have begun at the same place. Otherwise each round needs states of its
 * own.
 */
final class CountedRepetitions {

    private final Rules rules;

    /** The rules of repetitions. */
    private final Map<Expression.Counted, Integer> numbers = new HashMap<>();

    /** The bytes with which a character of each rule begins. */
    private final Map<Integer, BitSet> first = new HashMap<>();

    CountedRepetitions(Rules rules) {
        this.rules = rules;
    }

    /**
     * The rule for {@code texts} between two others, or null if there is nothing to count or it cannot be told.
     *
     * @param notFirst a byte with which the rule must not begin, or {@link Automaton#DEAD}
     */
    @Nullable Integer rule(Expression before, Expression texts, Expression after, int notFirst) {
        Expression calling = calling(texts);
        if (numbers.isEmpty()) {
            return null;
        }
        Automaton automaton = Nfa.automaton(Expression.sequence(before, calling, after));
        boolean excluded =
                notFirst == Automaton.DEAD || !beginnings(automaton, 0).get(notFirst);
        return excluded && isDecided(automaton) ? rules.add(automaton) : null;
    }

    private Expression calling(Expression expression) {
        Budget.current().spend(4);
        return switch (expression) {
            case Expression.Counted counted -> {
                Expression call = new Expression.Call(numbers.computeIfAbsent(counted, this::rule));
                yield counted.min() == 0 ? Expression.optional(call) : call;
            }
            case Expression.Sequence(List<Expression> parts) ->
                new Expression.Sequence(parts.stream().map(this::calling).toList());
            case Expression.Choice(List<Expression> options) ->
                new Expression.Choice(options.stream().map(this::calling).toList());
            case Expression.Repeat(Expression body, int min, int max) -> new Expression.Repeat(calling(body), min, max);
            case Expression.Text _,
                    Expression.OneOf _,
                    Expression.Call _,
                    Expression.Graph _,
                    Expression.Recognized _ -> expression;
        };
    }

    private int rule(Expression.Counted counted) {
        Automaton repeated = Nfa.automaton(new Expression.Repeat(counted.character(), 1, Expression.UNBOUNDED));
        int rule = rules.declare();
        rules.define(rule, repeated, new Loop(Math.max(1, counted.min()), counted.max(), Loop.NONE, false));
        first.put(rule, bytes(repeated, 0));
        return rule;
    }

    private boolean isDecided(Automaton automaton) {
        for (int s = 0; s < automaton.states(); s++) {
            int[] calls = automaton.calls(s);
            var within = new BitSet();
            for (int i = 0; i < calls.length; i += 2) {
                within.or(of(calls[i]));
            }
            boolean decided = !bytes(automaton, s).intersects(within);
            for (int i = 0; i < calls.length; i += 2) {
                decided &= !beginnings(automaton, calls[i + 1]).intersects(within);
            }
            if (!decided) {
                return false;
            }
        }
        return true;
    }

    private BitSet of(int rule) {
        return first.getOrDefault(rule, new BitSet());
    }

    /** The bytes with which a text may go on at {@code state}. */
    private BitSet beginnings(Automaton automaton, int state) {
        BitSet all = bytes(automaton, state);
        int[] calls = automaton.calls(state);
        for (int i = 0; i < calls.length; i += 2) {
            all.or(of(calls[i]));
        }
        return all;
    }

    /** The bytes with transitions from {@code state}. */
    private static BitSet bytes(Automaton automaton, int state) {
        Budget.current().spend(Automaton.BYTES / 4);
        var bytes = new BitSet();
        for (int b = 0; b < Automaton.BYTES; b++) {
            bytes.set(b, automaton.next(state, b) != Automaton.DEAD);
        }
        return bytes;
    }
}
