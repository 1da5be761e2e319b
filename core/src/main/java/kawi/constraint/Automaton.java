package kawi.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A deterministic automaton over bytes. State 0 is the initial state. Some transitions may be calls of other rules. A
 * final state is reachable from every state: states without a path to a final state have been removed, so following the
 * transitions never leads to a dead end.
 */
final class Automaton {

    static final int DEAD = -1;
    static final int BYTES = 256;

    private static final int MAX_STATES = 12_000;

    /** The length of texts that are listed; listing recurses over them. */
    private static final int MAX_TEXT = 1_000;

    private static final byte[] ALL_BYTES = allBytes();

    private final List<int[]> rows;
    private final List<int[]> calls;
    private final boolean[] accepts;

    private Automaton(List<int[]> rows, List<int[]> calls, boolean[] accepts) {
        this.rows = rows;
        this.calls = calls;
        this.accepts = accepts;
    }

    private static byte[] allBytes() {
        byte[] all = new byte[BYTES];
        for (int b = 0; b < BYTES; b++) {
            all[b] = (byte) b;
        }
        return all;
    }

    int states() {
        return rows.size();
    }

    /** The state after {@code state} and a byte, or {@link #DEAD}. */
    int next(int state, int b) {
        return rows.get(state)[b];
    }

    boolean accepts(int state) {
        return accepts[state];
    }

    /** The calls that {@code state} may make: for each, the rule and then the state after it. */
    int[] calls(int state) {
        return calls.get(state);
    }

    /** Whether the accepted set is empty. */
    boolean isEmpty() {
        return rows.size() == 1
                && !accepts[0]
                && calls.get(0).length == 0
                && Arrays.stream(rows.get(0)).allMatch(t -> t == DEAD);
    }

    boolean accepts(byte[] text) {
        int state = 0;
        for (byte b : text) {
            state = next(state, b & 0xFF);
            if (state == DEAD) {
                return false;
            }
        }
        return accepts[state];
    }

    /** The intersection of two automata that make no calls. */
    Automaton intersect(Automaton other) {
        record Pair(int mine, int others) {}
        return explore(
                new Pair(0, 0),
                (pair, b) -> {
                    int a = next(pair.mine, b);
                    int c = other.next(pair.others, b);
                    return a == DEAD || c == DEAD ? null : new Pair(a, c);
                },
                pair -> accepts[pair.mine] && other.accepts[pair.others]);
    }

    /** The difference: what this automaton accepts and {@code other} does not. Neither makes calls. */
    Automaton minus(Automaton other) {
        record Pair(int mine, int others) {}
        return explore(
                new Pair(0, 0),
                (pair, b) -> {
                    int a = next(pair.mine, b);
                    int c = pair.others == DEAD ? DEAD : other.next(pair.others, b);
                    return a == DEAD ? null : new Pair(a, c);
                },
                pair -> accepts[pair.mine] && (pair.others == DEAD || !other.accepts[pair.others]));
    }

    /**
     * All accepted texts, in the order of their bytes, or null if there are more than {@code limit}. This automaton
     * makes no calls.
     */
    @Nullable List<byte[]> texts(int limit) {
        List<byte[]> found = new ArrayList<>();
        return collect(0, new byte[16], 0, limit, found) ? found : null;
    }

    /** A path longer than the number of states has a cycle, from which a final state is reachable. */
    private boolean collect(int state, byte[] path, int length, int limit, List<byte[]> found) {
        Budget.current().spend(4 + BYTES / 8);
        if (length > Math.min(rows.size(), MAX_TEXT)) {
            return false;
        }
        if (accepts[state]) {
            if (found.size() == limit) {
                return false;
            }
            found.add(Arrays.copyOf(path, length));
        }
        byte[] longer = length == path.length ? Arrays.copyOf(path, 2 * length) : path;
        for (int b = 0; b < BYTES; b++) {
            int to = next(state, b);
            if (to != DEAD) {
                longer[length] = (byte) b;
                if (!collect(to, longer, length + 1, limit, found)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Maps a state and a byte to the next state, or null. */
    interface Step<S> {
        @Nullable S next(S state, int b);
    }

    /** The automaton of all states that are reachable from {@code start}. */
    static <S> Automaton explore(S start, Step<S> step, Predicate<S> accepts) {
        return explore(start, ALL_BYTES, step, accepts);
    }

    /** The same, for automata with transitions on {@code letters} only. */
    static <S> Automaton explore(S start, byte[] letters, Step<S> step, Predicate<S> accepts) {
        var builder = new Builder();
        Map<S, Integer> numbers = new HashMap<>();
        List<S> found = new ArrayList<>();
        numbers.put(start, builder.addState(accepts.test(start)));
        found.add(start);
        var budget = Budget.current();
        for (int from = 0; from < found.size(); from++) {
            S state = found.get(from);
            budget.spend(letters.length / 4);
            for (byte letter : letters) {
                int b = letter & 0xFF;
                S next = step.next(state, b);
                if (next == null) {
                    continue;
                }
                budget.spend(5);
                Integer to = numbers.get(next);
                if (to == null) {
                    to = builder.addState(accepts.test(next));
                    numbers.put(next, to);
                    found.add(next);
                }
                builder.addBytes(from, b, b, to);
            }
        }
        return builder.build();
    }

    /** Collects states and transitions. */
    static final class Builder {

        private final Budget budget = Budget.current();
        private final List<int[]> rows = new ArrayList<>();
        private final List<int[]> calls = new ArrayList<>();
        private final List<Boolean> accepts = new ArrayList<>();

        int addState(boolean accepting) {
            if (rows.size() == MAX_STATES) {
                throw new GrammarException(
                        "too complex: it takes more than %,d states to recognize it".formatted(MAX_STATES));
            }
            budget.spend(20);
            int[] row = new int[BYTES];
            Arrays.fill(row, DEAD);
            rows.add(row);
            calls.add(new int[0]);
            accepts.add(accepting);
            return rows.size() - 1;
        }

        void addBytes(int from, int first, int last, int to) {
            Arrays.fill(rows.get(from), first, last + 1, to);
        }

        void addCall(int from, int rule, int to) {
            budget.spend(1 + calls.get(from).length / 32);
            int[] longer = Arrays.copyOf(calls.get(from), calls.get(from).length + 2);
            longer[longer.length - 2] = rule;
            longer[longer.length - 1] = to;
            calls.set(from, longer);
        }

        /** Removes the states from which no final state is reachable, and preserves the order of the others. */
        Automaton build() {
            budget.spend(40L * rows.size()); // the work below is linear
            boolean[] alive = alive();
            int[] numbers = new int[rows.size()];
            List<int[]> keptRows = new ArrayList<>();
            List<int[]> keptCalls = new ArrayList<>();
            for (int s = 0; s < numbers.length; s++) {
                numbers[s] = alive[s] || s == 0 ? keptRows.size() : DEAD;
                if (numbers[s] != DEAD) {
                    keptRows.add(rows.get(s));
                    keptCalls.add(calls.get(s));
                }
            }
            boolean[] keptAccepts = new boolean[keptRows.size()];
            for (int s = 0; s < numbers.length; s++) {
                if (numbers[s] != DEAD) {
                    keptAccepts[numbers[s]] = accepts.get(s);
                }
            }
            for (int[] row : keptRows) {
                for (int b = 0; b < BYTES; b++) {
                    row[b] = row[b] == DEAD || !alive[row[b]] ? DEAD : numbers[row[b]];
                }
            }
            keptCalls.replaceAll(list -> {
                int[] kept = new int[list.length];
                int length = 0;
                for (int i = 0; i < list.length; i += 2) {
                    if (alive[list[i + 1]]) {
                        kept[length++] = list[i];
                        kept[length++] = numbers[list[i + 1]];
                    }
                }
                return Arrays.copyOf(kept, length);
            });
            return new Automaton(keptRows, keptCalls, keptAccepts);
        }

        private boolean[] alive() {
            List<List<Integer>> before = new ArrayList<>();
            rows.forEach(row -> before.add(new ArrayList<>(2)));
            for (int s = 0; s < rows.size(); s++) {
                int previous = DEAD;
                for (int to : rows.get(s)) {
                    if (to != DEAD && to != previous) {
                        before.get(to).add(s);
                    }
                    previous = to;
                }
                for (int i = 1; i < calls.get(s).length; i += 2) {
                    before.get(calls.get(s)[i]).add(s);
                }
            }
            boolean[] alive = new boolean[rows.size()];
            var pending = new ArrayDeque<Integer>();
            for (int s = 0; s < alive.length; s++) {
                if (accepts.get(s)) {
                    alive[s] = true;
                    pending.add(s);
                }
            }
            while (!pending.isEmpty()) {
                for (int s : before.get(pending.remove())) {
                    if (!alive[s]) {
                        alive[s] = true;
                        pending.add(s);
                    }
                }
            }
            return alive;
        }
    }
}
