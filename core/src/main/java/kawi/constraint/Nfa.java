package kawi.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kawi.regex.CodePoints;

/**
 * Thompson's construction followed by the subset construction: from an {@link Expression} to an {@link Automaton}.
 *
 * <p>Every construct becomes a few states with empty transitions between them; a set of characters becomes one path of
 * byte ranges for each form of its UTF-8 encoding. Calls are letters like bytes, so an object with thirty optional
 * properties is one deterministic automaton over bytes and calls, and the current property is never ambiguous.
 *
 * <p>The number of states is limited during construction, and so is the total size of all subsets during
 * determinization: {@code (a{1000}){1000}} and {@code (a|b)*a(a|b){30}} are rejected and do not exhaust the heap. [1]
 * K. Thompson, Regular expression search algorithm, CACM 11(6), 1968.
 */
final class Nfa {

    private static final int MAX_STATES = 60_000;
    private static final long MAX_SUBSET_WORK = 6_000_000;

    private static final int BYTES = 256;
    private static final int FINAL = 0;

    /** Letters of {@code edges} from here on are calls of rule {@code letter - FIRST_CALL}. */
    private static final int FIRST_CALL = BYTES;

    private record Edge(int first, int last, int to) {}

    private record Built(int start, int end) {}

    private final Budget budget = Budget.current();
    private final List<List<Edge>> edges = new ArrayList<>();

    /** The targets of empty transitions of each state; the lists of most states have one entry or none. */
    private final List<List<Integer>> empty = new ArrayList<>();

    private final IdentityHashMap<Expression.Choice, Built> choices = new IdentityHashMap<>();

    private Nfa() {
        newState();
    }

    static Automaton automaton(Expression expression) {
        var nfa = new Nfa();
        int start = nfa.build(expression, FINAL);
        return nfa.determinize(start);
    }

    private int newState() {
        if (edges.size() == MAX_STATES) {
            throw new GrammarException(
                    "too large: it takes more than %,d states to recognize it".formatted(MAX_STATES));
        }
        budget.spend(4);
        edges.add(new ArrayList<>(1));
        empty.add(List.of());
        return edges.size() - 1;
    }

    private void addEmpty(int from, int to) {
        List<Integer> targets = empty.get(from);
        if (targets.isEmpty()) {
            targets = new ArrayList<>(1);
            empty.set(from, targets);
        }
        targets.add(to);
    }

    /** Adds states for {@code expression} that continue at {@code end}, and returns the first. */
    private int build(Expression expression, int end) {
        budget.spend(4);
        return switch (expression) {
            case Expression.Text(String text) -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                int at = end;
                for (int i = bytes.length - 1; i >= 0; i--) {
                    at = edgeTo(at, bytes[i] & 0xFF, bytes[i] & 0xFF);
                }
                yield at;
            }
            case Expression.OneOf(CodePoints set) -> {
                int start = newState();
                for (int r = 0; r < set.ranges(); r++) {
                    addUtf8(start, set.first(r), set.last(r), end);
                }
                yield start;
            }
            case Expression.Sequence(List<Expression> parts) -> {
                int at = end;
                for (Expression part : parts.reversed()) {
                    at = build(part, at);
                }
                yield at;
            }
            case Expression.Choice choice -> buildChoice(choice, end);
            case Expression.Repeat(Expression body, int min, int max) -> buildRepeat(body, min, max, end);
            case Expression.Counted(Expression character, int min, int max) -> buildRepeat(character, min, max, end);
            case Expression.Call(int rule) -> edgeTo(end, FIRST_CALL + rule, FIRST_CALL + rule);
            case Expression.Graph graph -> buildGraph(graph, end);
            case Expression.Recognized(Automaton automaton) -> buildCopy(automaton, end);
        };
    }

    /** The continuation of an optional property is shared by both alternatives, so the same choice is built once. */
    private int buildChoice(Expression.Choice choice, int end) {
        Built built = choices.get(choice);
        if (built != null && built.end == end) {
            return built.start;
        }
        int start = newState();
        for (Expression option : choice.options()) {
            addEmpty(start, build(option, end));
        }
        choices.put(choice, new Built(start, end));
        return start;
    }

    private int edgeTo(int end, int first, int last) {
        int state = newState();
        edges.get(state).add(new Edge(first, last, end));
        return state;
    }

    private int buildRepeat(Expression body, int min, int max, int end) {
        int at = end;
        if (max == Expression.UNBOUNDED) {
            at = newState();
            addEmpty(at, end);
            addEmpty(at, build(body, at));
        } else {
            // All exits lead to the end directly: a chain of empty transitions would make the subsets large.
            for (int i = min; i < max; i++) {
                int here = newState();
                addEmpty(here, end);
                addEmpty(here, build(body, at));
                at = here;
            }
        }
        for (int i = 0; i < min; i++) {
            at = build(body, at);
        }
        return at;
    }

    private int buildGraph(Expression.Graph graph, int end) {
        int base = edges.size();
        for (int s = 0; s < graph.moves().size(); s++) {
            newState();
        }
        var built = new HashMap<Map.Entry<Integer, Expression>, Integer>();
        for (int s = 0; s < graph.moves().size(); s++) {
            for (var move : graph.moves().get(s).entrySet()) {
                Integer known = built.get(move);
                int start = known == null ? build(move.getValue(), base + move.getKey()) : known;
                built.put(Map.entry(move.getKey(), move.getValue()), start);
                addEmpty(base + s, start);
            }
            if (graph.accepts().get(s)) {
                addEmpty(base + s, end);
            }
        }
        return base;
    }

    private int buildCopy(Automaton automaton, int end) {
        budget.spend(16L * automaton.states());
        int base = edges.size();
        for (int s = 0; s < automaton.states(); s++) {
            newState();
        }
        for (int s = 0; s < automaton.states(); s++) {
            for (int first = 0; first < BYTES; ) {
                int to = automaton.next(s, first);
                int last = first;
                while (last + 1 < BYTES && automaton.next(s, last + 1) == to) {
                    last++;
                }
                if (to >= 0) {
                    edges.get(base + s).add(new Edge(first, last, base + to));
                }
                first = last + 1;
            }
            if (automaton.accepts(s)) {
                addEmpty(base + s, end);
            }
        }
        return base;
    }

    /**
     * Adds paths from {@code start} to {@code end} for the characters {@code first} to {@code last}: the range is split
     * where the number of bytes changes, and further until all bytes except the leading ones have their full range.
     * Surrogates have no encoding.
     */
    private void addUtf8(int start, int first, int last, int end) {
        if (first <= Character.MAX_SURROGATE && last >= Character.MIN_SURROGATE) {
            if (first < Character.MIN_SURROGATE) {
                addUtf8(start, first, Character.MIN_SURROGATE - 1, end);
            }
            if (last > Character.MAX_SURROGATE) {
                addUtf8(start, Character.MAX_SURROGATE + 1, last, end);
            }
            return;
        }
        for (int limit : new int[] {0x7F, 0x7FF, 0xFFFF}) {
            if (first <= limit && last > limit) {
                addUtf8(start, first, limit, end);
                addUtf8(start, limit + 1, last, end);
                return;
            }
        }
        if (last <= 0x7F) {
            edges.get(start).add(new Edge(first, last, end));
            return;
        }
        int length = last <= 0x7FF ? 2 : last <= 0xFFFF ? 3 : 4;
        for (int i = 1; i < length; i++) {
            int low = (1 << (6 * i)) - 1;
            if ((first & ~low) != (last & ~low)) {
                if ((first & low) != 0) {
                    addUtf8(start, first, first | low, end);
                    addUtf8(start, (first | low) + 1, last, end);
                    return;
                }
                if ((last & low) != low) {
                    addUtf8(start, first, (last & ~low) - 1, end);
                    addUtf8(start, last & ~low, last, end);
                    return;
                }
            }
        }
        int at = end;
        for (int i = 0; i < length - 1; i++) {
            at = edgeTo(at, 0x80 | (first >> (6 * i) & 0x3F), 0x80 | (last >> (6 * i) & 0x3F));
        }
        int mark = 0xFF00 >> length & 0xFF;
        int shift = 6 * (length - 1);
        edges.get(start).add(new Edge(mark | first >> shift, mark | last >> shift, at));
    }

    /** The significant states of a subset, in order: those with edges, and the final state. */
    private record Subset(int[] members) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Subset subset && Arrays.equals(members, subset.members);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(members);
        }
    }

    /** The transitions in flat arrays, for the inner loop of the subset construction. */
    private static final class Moves {

        final int[] edgesFrom;
        final int[] firsts;
        final int[] lasts;
        final int[] targets;
        final int[] emptyFrom;
        final int[] emptyTargets;

        Moves(List<List<Edge>> edges, List<List<Integer>> empty) {
            int states = edges.size();
            edgesFrom = new int[states + 1];
            emptyFrom = new int[states + 1];
            for (int s = 0; s < states; s++) {
                edgesFrom[s + 1] = edgesFrom[s] + edges.get(s).size();
                emptyFrom[s + 1] = emptyFrom[s] + empty.get(s).size();
            }
            firsts = new int[edgesFrom[states]];
            lasts = new int[edgesFrom[states]];
            targets = new int[edgesFrom[states]];
            emptyTargets = new int[emptyFrom[states]];
            for (int s = 0; s < states; s++) {
                int e = edgesFrom[s];
                for (Edge edge : edges.get(s)) {
                    firsts[e] = edge.first;
                    lasts[e] = edge.last;
                    targets[e++] = edge.to;
                }
                int t = emptyFrom[s];
                for (int target : empty.get(s)) {
                    emptyTargets[t++] = target;
                }
            }
        }
    }

    private final class Determinization {

        private final Moves moves = new Moves(edges, empty);
        private final Map<Subset, Integer> numbers = new HashMap<>();
        private final List<Subset> subsets = new ArrayList<>();
        private final Automaton.Builder builder = new Automaton.Builder();
        private final int[] seen = new int[edges.size()];
        private int[] pending = new int[64];
        private int[] members = new int[64];
        private int[] outgoing = new int[64];
        private int[] cuts = new int[128];
        private int[] reached = new int[64];
        private int round;
        private long work;

        int number(int[] starts, int count) {
            Subset subset = closure(starts, count);
            Integer known = numbers.get(subset);
            if (known != null) {
                return known;
            }
            boolean accepts = Arrays.binarySearch(subset.members(), FINAL) >= 0;
            int number = builder.addState(accepts);
            numbers.put(subset, number);
            subsets.add(subset);
            return number;
        }

        private Subset closure(int[] starts, int count) {
            round++;
            int top = 0;
            int size = 0;
            int visited = count;
            for (int i = 0; i < count; i++) {
                top = push(starts[i], top);
            }
            while (top > 0) {
                int state = pending[--top];
                if (state == FINAL || moves.edgesFrom[state] < moves.edgesFrom[state + 1]) {
                    members = size == members.length ? Arrays.copyOf(members, 2 * size) : members;
                    members[size++] = state;
                }
                visited++;
                for (int t = moves.emptyFrom[state]; t < moves.emptyFrom[state + 1]; t++) {
                    top = push(moves.emptyTargets[t], top);
                }
            }
            pay(visited / 2 + size);
            int[] sorted = Arrays.copyOf(members, size);
            Arrays.sort(sorted);
            return new Subset(sorted);
        }

        private void pay(long steps) {
            work += steps;
            if (work > MAX_SUBSET_WORK) {
                throw new GrammarException("too complex: its alternatives overlap in too many ways to follow");
            }
            budget.spend(1 + steps / 2);
        }

        private int push(int state, int top) {
            if (seen[state] == round) {
                return top;
            }
            seen[state] = round;
            pending = top == pending.length ? Arrays.copyOf(pending, 2 * top) : pending;
            pending[top] = state;
            return top + 1;
        }

        Automaton run(int start) {
            number(new int[] {start}, 1);
            for (int s = 0; s < subsets.size(); s++) {
                expand(s);
            }
            return builder.build();
        }

        /** Splits the letters at every end of a range, and follows one letter of each piece. */
        private void expand(int s) {
            int edgeCount = 0;
            for (int member : subsets.get(s).members()) {
                for (int e = moves.edgesFrom[member]; e < moves.edgesFrom[member + 1]; e++) {
                    if (edgeCount == outgoing.length) {
                        outgoing = Arrays.copyOf(outgoing, 2 * edgeCount);
                        cuts = Arrays.copyOf(cuts, 4 * edgeCount);
                        reached = Arrays.copyOf(reached, 2 * edgeCount);
                    }
                    cuts[2 * edgeCount] = moves.firsts[e];
                    cuts[2 * edgeCount + 1] = moves.lasts[e] + 1;
                    outgoing[edgeCount++] = e;
                }
            }
            pay(edgeCount / 2);
            Arrays.sort(cuts, 0, 2 * edgeCount);
            for (int c = 0; c + 1 < 2 * edgeCount; c++) {
                int letter = cuts[c];
                if (letter == cuts[c + 1]) {
                    continue;
                }
                int count = 0;
                for (int i = 0; i < edgeCount; i++) {
                    int e = outgoing[i];
                    if (moves.firsts[e] <= letter && letter <= moves.lasts[e]) {
                        reached[count++] = moves.targets[e];
                    }
                }
                pay(edgeCount / 4);
                if (count > 0) {
                    addMove(s, letter, cuts[c + 1] - 1, number(reached, count));
                }
            }
        }

        private void addMove(int from, int first, int last, int to) {
            if (first >= FIRST_CALL) {
                builder.addCall(from, first - FIRST_CALL, to);
            } else {
                builder.addBytes(from, first, last, to);
            }
        }
    }

    private Automaton determinize(int start) {
        return new Determinization().run(start);
    }
}
