package kawi.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A deterministic automaton for a pattern with lookaround, one state at a time.
 *
 * <p>After the characters read so far, a state has for each state q of the {@link Program} that a match in progress may
 * be in the condition on the rest of the text under which it may be, and the condition under which a match has been
 * found. A condition is a Boolean function of variables; variable a stands for "the rest of the text has a prefix that
 * leads from state a of the program to the end of its part", where the part is the body of a lookahead. So
 *
 * <pre>
 *     (?=X)Y    Y under the condition x
 *     (?!X)Y    Y under the condition not x
 *     (?&lt;=X)Y   Y under the condition under which X, which is followed from every place like a pattern, ends here
 * </pre>
 *
 * and a character c turns a condition into one on what follows c by replacing each variable: a becomes the disjunction
 * of the variables that a transition on c leads to, each with the conditions on the way ({@link Step#after}). At the
 * end of the text a variable is true if its part can end without a character. Without lookahead all conditions are
 * true, and this is the subset construction. The number of states is finite, because the number of functions is. [1] A.
 * K. Chandra, D. C. Kozen, L. J. Stockmeyer, Alternation, JACM 28(1), 1981.
 */
final class StateMachine {

    /** The state after a match has been found, whatever follows. */
    static final int FOUND = 0;

    private static final int UNKNOWN = -1;

    /** What the states known at one time may take: numbers of states of the program, and transitions. */
    private static final int MAX_SIZE = 4_000_000;

    private final Program program;
    private final Steps steps;
    private final Formulas formulas;

    /** @param places states of the program, each with its condition */
    private record State(boolean first, List<Integer> places, List<Integer> conditions, int found) {}

    private final List<State> states = new ArrayList<>();
    private final Map<State, Integer> numbers = new HashMap<>();
    private final List<int[]> transitions = new ArrayList<>();
    private int size;

    /** The state whose empty transitions have been followed last. */
    private int expanded = UNKNOWN;

    private @Nullable Expansion expansion;

    StateMachine(Program program, Steps steps) {
        this.program = program;
        this.steps = steps;
        formulas = new Formulas(steps);
        forget();
    }

    private void forget() {
        states.clear();
        numbers.clear();
        transitions.clear();
        size = 0;
        expanded = UNKNOWN;
        number(new State(false, List.of(), List.of(), Formulas.TRUE));
    }

    /** The state before the first character. */
    int start() {
        return number(new State(true, List.of(), List.of(), Formulas.FALSE));
    }

    private int number(State state) {
        Integer known = numbers.get(state);
        if (known != null) {
            return known;
        }
        int[] next = new int[program.alphabet.size()];
        Arrays.fill(next, UNKNOWN);
        size += next.length + 8 * state.places.size() + 16;
        steps.spend(4L + next.length / 4 + state.places.size());
        states.add(state);
        transitions.add(next);
        numbers.put(state, states.size() - 1);
        return states.size() - 1;
    }

    /** Whether the states known take much memory. */
    boolean isLarge() {
        return size > MAX_SIZE;
    }

    /** Forgets all states except {@code state}, and returns its new number. */
    int restart(int state) {
        State kept = states.get(state);
        forget();
        return number(kept);
    }

    /** The state after a character of a class. */
    int next(int state, int characterClass) {
        int to = transitions.get(state)[characterClass];
        if (to == UNKNOWN) {
            to = state == FOUND ? FOUND : number(new Step(expansion(state), characterClass).state());
            transitions.get(state)[characterClass] = to;
        }
        return to;
    }

    /** Whether a text that ends at {@code state} has a match. */
    boolean accepts(int state) {
        return state == FOUND || expansion(state).atEnd(expansion(state).found);
    }

    private Expansion expansion(int state) {
        Expansion known = expansion;
        if (known == null || expanded != state) {
            known = new Expansion(states.get(state));
            expansion = known;
            expanded = state;
        }
        return known;
    }

    /** The places that are reached without a character from others, with their conditions. */
    private final class Reached {

        private final Map<Integer, Integer> conditions = new HashMap<>();
        private final List<Integer> order = new ArrayList<>();
        private final Expansion in;

        Reached(Expansion in) {
            this.in = in;
        }

        int condition(int place) {
            return conditions.getOrDefault(place, Formulas.FALSE);
        }

        void add(int start, int condition) {
            var pending = new ArrayList<int[]>();
            pending.add(new int[] {start, condition});
            while (!pending.isEmpty()) {
                int[] last = pending.removeLast();
                int place = last[0];
                int before = condition(place);
                if (formulas.implies(last[1], before)) {
                    continue;
                }
                steps.spend(4);
                if (before == Formulas.FALSE) {
                    order.add(place);
                }
                conditions.put(place, formulas.or(before, last[1]));
                int way = formulas.and(
                        last[1],
                        switch (program.kinds[place]) {
                            case EMPTY -> Formulas.TRUE;
                            case GUARD -> in.holds(program.arguments[place]);
                            case BEGIN -> in.of.first ? Formulas.TRUE : Formulas.FALSE;
                            case END -> formulas.ofVariable(program.states);
                            case CHARACTER, FINAL -> Formulas.FALSE;
                        });
                for (int target : way == Formulas.FALSE ? new int[0] : program.targets[place]) {
                    pending.add(new int[] {target, way});
                }
            }
        }
    }

    /** A state with its empty transitions. */
    private final class Expansion {

        final State of;

        /** The places of all parts that look behind. */
        final Reached behind = new Reached(this);

        /** What variables lead to. */
        final Map<Integer, Reached> ahead = new HashMap<>();

        final int found;

        Expansion(State of) {
            this.of = of;
            for (Program.Part part : program.parts) {
                if (!part.ahead()) {
                    behind.add(part.start(), Formulas.TRUE);
                    for (int i = 0; i < of.places.size(); i++) {
                        int place = of.places.get(i);
                        if (program.ends[place] == part.end()) {
                            behind.add(place, of.conditions.get(i));
                        }
                    }
                }
            }
            int end = program.parts.get(program.main()).end();
            found = formulas.or(of.found, behind.condition(end));
        }

        /** The condition under which a lookaround holds here. */
        int holds(int number) {
            Program.Part part = program.parts.get(number);
            int positive = part.ahead() ? formulas.ofVariable(part.start()) : behind.condition(part.end());
            return part.negative() ? formulas.not(positive) : positive;
        }

        Reached ahead(int variable) {
            Reached known = ahead.get(variable);
            if (known == null) {
                known = new Reached(this);
                ahead.put(variable, known);
                known.add(variable, Formulas.TRUE);
            }
            return known;
        }

        /** Whether {@code condition} holds if the text ends here. */
        boolean atEnd(int condition) {
            int formula = condition;
            while (!formulas.isConstant(formula)) {
                int variable = formulas.variable(formula);
                boolean value =
                        variable == program.states || atEnd(ahead(variable).condition(program.ends[variable]));
                formula = value ? formulas.high(formula) : formulas.low(formula);
            }
            return formula == Formulas.TRUE;
        }
    }

    /** What a character makes of conditions. */
    private final class Step {

        private final Expansion from;
        private final int characterClass;
        private final Map<Integer, Integer> known = new HashMap<>();
        private final Map<Integer, Integer> variables = new HashMap<>();

        Step(Expansion from, int characterClass) {
            this.from = from;
            this.characterClass = characterClass;
        }

        State state() {
            int found = after(from.found);
            if (found == Formulas.TRUE) {
                return states.get(FOUND);
            }
            var reached = new HashMap<Integer, Integer>();
            for (int place : from.behind.order) {
                steps.spend(2);
                if (consumes(place)) {
                    int condition = after(from.behind.condition(place));
                    if (condition != Formulas.FALSE) {
                        reached.merge(program.targets[place][0], condition, formulas::or);
                    }
                }
            }
            List<Integer> places = reached.keySet().stream().sorted().toList();
            return new State(false, places, places.stream().map(reached::get).toList(), found);
        }

        private boolean consumes(int place) {
            return program.kinds[place] == Program.Kind.CHARACTER
                    && program.alphabet.contains(program.arguments[place], characterClass);
        }

        private int after(int condition) {
            if (formulas.isConstant(condition)) {
                return condition;
            }
            Integer done = known.get(condition);
            if (done == null) {
                int high = after(formulas.high(condition));
                int low = after(formulas.low(condition));
                done = formulas.choose(afterVariable(formulas.variable(condition)), high, low);
                known.put(condition, done);
            }
            return done;
        }

        private int afterVariable(int variable) {
            if (variable == program.states) {
                return Formulas.FALSE;
            }
            Integer done = variables.get(variable);
            if (done == null) {
                Reached reached = from.ahead(variable);
                done = after(reached.condition(program.ends[variable]));
                for (int place : reached.order) {
                    if (consumes(place)) {
                        int target = program.targets[place][0];
                        int on = program.kinds[target] == Program.Kind.FINAL
                                ? Formulas.TRUE
                                : formulas.ofVariable(target);
                        done = formulas.or(done, formulas.and(after(reached.condition(place)), on));
                    }
                }
                variables.put(variable, done);
            }
            return done;
        }
    }
}
