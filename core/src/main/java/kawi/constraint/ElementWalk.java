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
        return new Walk().from(start);
    }

    private final class Walk {

        private final Automaton.Builder builder = new Automaton.Builder();
        private final Map<S, Integer> numbers = new HashMap<>();
        private final List<S> found = new ArrayList<>();
        private final List<Integer> after = new ArrayList<>();

        Automaton from(S start) {
            int opening = builder.addState(false);
            int opened = builder.addState(false);
            int closed = builder.addState(true);
            builder.addBytes(opening, '[', '[', opened);
            call(opened, start);
            boolean ends = close(opened, start, closed);
            for (int i = 0; i < found.size(); i++) {
                S state = found.get(i);
                ends |= close(after.get(i), state, closed);
                int comma = builder.addState(false);
                int space = builder.addState(false);
                builder.addBytes(after.get(i), ',', ',', comma);
                builder.addBytes(comma, ' ', ' ', space);
                call(comma, state);
                call(space, state);
            }
            return ends ? builder.build() : Nfa.automaton(Expression.nothing());
        }

        private boolean close(int from, S state, int closed) {
            boolean ends = mayEnd.test(state);
            if (ends) {
                builder.addBytes(from, ']', ']', closed);
            }
            return ends;
        }

        private void call(int from, S state) {
            for (Step<S> step : steps.apply(state)) {
                Integer to = numbers.get(step.to);
                if (to == null) {
                    to = builder.addState(false);
                    numbers.put(step.to, to);
                    found.add(step.to);
                    after.add(to);
                }
                builder.addCall(from, step.rule, to);
            }
        }
    }
}
