package kawi.constraint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The automaton of arrays whose possible elements depend on a state: for each state there are elements that may come
 * next, each a call of a rule, and the states after them.
 *
 * @param <S> the states, with a suitable {@code equals}
 */
final class ElementWalk<S> {

    /** An element, and the state after it. */
    record Step<S>(int rule, S to) {}

    private final Function<S, List<Step<S>>> steps;
    private final Predicate<S> mayEnd;

    ElementWalk(Function<S, List<Step<S>>> steps, Predicate<S> mayEnd) {
        this.steps = steps;
        this.mayEnd = mayEnd;
    }

    Automaton automaton(S start) {
        var builder = new Automaton.Builder();
        int opening = builder.addState(false);
        int opened = builder.addState(false);
        int closed = builder.addState(true);
        builder.addBytes(opening, '[', '[', opened);
        Map<S, Integer> states = new HashMap<>();
        List<S> found = new ArrayList<>();
        call(builder, opened, start, states, found);
        boolean ends = mayEnd.test(start);
        if (ends) {
            builder.addBytes(opened, ']', ']', closed);
        }
        for (int i = 0; i < found.size(); i++) {
            S state = found.get(i);
            int after = states.get(state);
            if (mayEnd.test(state)) {
                ends = true;
                builder.addBytes(after, ']', ']', closed);
            }
            int comma = builder.addState(false);
            int space = builder.addState(false);
            builder.addBytes(after, ',', ',', comma);
            builder.addBytes(comma, ' ', ' ', space);
            call(builder, comma, state, states, found);
            call(builder, space, state, states, found);
        }
        return ends ? builder.build() : Nfa.automaton(Expression.nothing());
    }

    private void call(Automaton.Builder builder, int from, S state, Map<S, Integer> states, List<S> found) {
        for (Step<S> step : steps.apply(state)) {
            Integer to = states.get(step.to);
            if (to == null) {
                to = builder.addState(false);
                states.put(step.to, to);
                found.add(step.to);
            }
            builder.addCall(from, step.rule, to);
        }
    }
}
