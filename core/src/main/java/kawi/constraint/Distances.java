package kawi.constraint;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The minimum number of tokens from each state of a grammar to the end of its rule. Generation uses it to finish an
 * answer within its budget.
 *
 * <p>For a state s that is not final,
 *
 * <pre>
 *     cost(s) = min over  1 + cost(t)                  a token leads from s to t along the way cheapest by bytes
 *                         cost(rule) + cost(t)         s calls a rule and goes on at t
 * </pre>
 *
 * and 0 for a final state. Tokens are tried along one path only, so the cost is an upper bound of the minimum, but an
 * attainable one: from each state some token leads to a state of lower cost. All costs are finite if the vocabulary has
 * a token for each byte. Rules may be recursive, so costs are a least fixed point, computed by iterating over the
 * states of a rule until nothing changes, and again over the rules that call a changed one. [1] D. E. Knuth, A
 * generalization of Dijkstra's algorithm, IPL 6(1), 1977.
 *
 * <p>In rules that count rounds, costs are those to the next point, and each missing round costs as much as the
 * cheapest round. The costs of rules that count characters are {@link LengthCosts}. {@link #depth} is the number of
 * nested calls of the cheapest ending.
 */
final class Distances {

    /** The cost where there is no ending; sums of several such costs do not overflow. */
    static final int NEVER = 1 << 28;

    static final int BYTES_PER_STATE = 4 * Integer.BYTES;

    private static final int NONE = -1;

    private final Grammar grammar;
    private final int[] costs;
    private final int[] depths;

    /** For the states of rules that count their characters. */
    private final @Nullable LengthCosts[] lengthCosts;

    /** For initial states of rules that count: the point after the state, and the point to which rounds return. */
    private final int[] entries;

    private final int[] homes;

    /** The initial state of each rule in order, and the number of states after them. */
    private final int[] ruleStarts;

    /** The callers of each rule. */
    private final int[][] callers;

    /** The rank of each rule in a topological order of calls, as far as rules are not mutually recursive. */
    private final int[] order;

    /** A byte of each class that is a token by itself, or {@link #NONE}. */
    private final int[] sample;

    /** Costs in bytes, as if each byte were a token. */
    Distances(Grammar grammar) {
        this(grammar, null);
    }

    Distances(Grammar grammar, @Nullable TokenTrie trie) {
        this.grammar = grammar;
        costs = new int[grammar.states];
        depths = new int[grammar.states];
        entries = new int[grammar.states];
        homes = new int[grammar.states];
        lengthCosts = new LengthCosts[grammar.states];
        sample = new int[grammar.classes];
        Arrays.fill(sample, NONE);
        for (int b = 0; b < Automaton.BYTES; b++) {
            if (sample[grammar.classOf(b)] == NONE && (trie == null || trie.hasByte(b))) {
                sample[grammar.classOf(b)] = b;
            }
        }
        ruleStarts = ruleStarts(grammar);
        callers = callers();
        order = order();
        findPoints();
        findLengthCosts();
        Arrays.fill(costs, NEVER);
        Arrays.fill(depths, NEVER);
        solve(s -> lower(costs, s, costByBytes(s, trie)));
        if (trie != null) {
            int[] ways = ways();
            solve(s -> lower(costs, s, Math.min(costByBytes(s, trie), costByTokens(s, ways, trie))));
            solve(s -> lower(depths, s, Math.min(depthByBytes(s, trie), depthByTokens(s, ways, trie))));
        }
    }

    /**
     * The tokens from {@code state}, after {@code count} rounds, to the end of its rule; at least {@link #NEVER} if the
     * end cannot be reached.
     */
    int cost(int state, int count) {
        Loop loop = grammar.loops[state];
        if (loop == null) {
            LengthCosts byLength = lengthCosts[state];
            return byLength == null ? costs[state] : byLength.cost(state, count);
        }
        if (grammar.accepts[state] && !loop.isOpen()) {
            return 0;
        }
        int missing = loop.min() - count;
        int closing = loop.isOpen() ? 0 : sample[grammar.classOf(loop.close())] == NONE ? NEVER : 1;
        long cost;
        if (grammar.firsts[state] && !loop.isOpen()) {
            cost = costs[state] + (long) cost(entries[state], 0);
        } else if (grammar.points[state]) {
            cost = missing <= 0 ? closing : costs[state] + rounds(homes[state], missing - 1) + closing;
        } else {
            cost = costs[state] + rounds(homes[state], missing - 1) + closing;
        }
        return (int) Math.min(cost, NEVER);
    }

    /** The costs of the rule of {@code state}, or null if it does not count its characters. */
    @Nullable LengthCosts byLength(int state) {
        return lengthCosts[state];
    }

    /** The number of nested calls of the ending that {@link #cost} counts. */
    int depth(int state, int count) {
        Loop loop = grammar.loops[state];
        if (loop == null) {
            return depths[state];
        }
        if (grammar.accepts[state]) {
            return 0;
        }
        int missing = loop.min() - count;
        if (grammar.firsts[state] && !loop.isOpen()) {
            return depth(entries[state], 0);
        }
        if (grammar.points[state] && missing <= 0) {
            return 0;
        }
        return missing > 1 ? Math.max(depths[state], depths[homes[state]]) : depths[state];
    }

    private long rounds(int home, int missing) {
        return missing <= 0 ? 0 : (long) missing * costs[home];
    }

    private static int[] ruleStarts(Grammar grammar) {
        return IntStream.concat(
                        IntStream.range(0, grammar.states).filter(s -> grammar.firsts[s]), IntStream.of(grammar.states))
                .toArray();
    }

    private int[][] callers() {
        var found = new HashMap<Integer, Set<Integer>>();
        for (int rule = 0; rule + 1 < ruleStarts.length; rule++) {
            for (int s = ruleStarts[rule]; s < ruleStarts[rule + 1]; s++) {
                for (int i = 0; i < grammar.calls[s].length; i += 2) {
                    int called = Arrays.binarySearch(ruleStarts, grammar.calls[s][i]);
                    found.computeIfAbsent(called, _ -> new LinkedHashSet<>()).add(rule);
                }
            }
        }
        int[][] all = new int[ruleStarts.length][];
        Arrays.setAll(
                all,
                rule -> found.getOrDefault(rule, Set.of()).stream()
                        .mapToInt(Integer::intValue)
                        .toArray());
        return all;
    }

    /** A topological order of the rules, callees before callers: the reverse postorder of a traversal to callers. */
    private int[] order() {
        int rules = ruleStarts.length - 1;
        int[] order = new int[rules];
        int[] next = new int[rules];
        boolean[] entered = new boolean[rules];
        int number = rules;
        var path = new ArrayDeque<Integer>();
        for (int root = 0; root < rules; root++) {
            if (!entered[root]) {
                entered[root] = true;
                path.push(root);
            }
            while (!path.isEmpty()) {
                int rule = path.element();
                if (next[rule] == callers[rule].length) {
                    order[path.pop()] = --number;
                } else {
                    int caller = callers[rule][next[rule]++];
                    if (!entered[caller]) {
                        entered[caller] = true;
                        path.push(caller);
                    }
                }
            }
        }
        return order;
    }

    private void findPoints() {
        for (int s = 0; s < grammar.states; s++) {
            if (grammar.loops[s] == null || !grammar.firsts[s]) {
                continue;
            }
            int home = s;
            int end = s + 1;
            while (end < grammar.states && !grammar.firsts[end]) {
                home = grammar.points[end] ? end : home;
                end++;
            }
            Arrays.fill(homes, s, end, home);
            for (int c = 0; c < grammar.classes; c++) {
                int to = grammar.next[s * grammar.classes + c];
                entries[s] = to >= 0 ? to : entries[s];
            }
        }
    }

    private void findLengthCosts() {
        boolean[] possible = new boolean[sample.length];
        for (int c = 0; c < possible.length; c++) {
            possible[c] = sample[c] != NONE;
        }
        for (int rule = 0; rule + 1 < ruleStarts.length; rule++) {
            int from = ruleStarts[rule];
            int to = ruleStarts[rule + 1];
            Lengths lengths = grammar.lengths[from];
            if (lengths != null) {
                Arrays.fill(lengthCosts, from, to, LengthCosts.of(grammar, lengths, from, to, possible));
            }
        }
    }

    /** Tries to lower the value of a state, and returns whether it did. */
    private interface Lowering {
        boolean lowers(int state);
    }

    private void solve(Lowering lowering) {
        var budget = Budget.current();
        var pending = new TreeSet<Integer>(Comparator.comparingInt(rule -> order[rule]));
        for (int rule = 0; rule + 1 < ruleStarts.length; rule++) {
            pending.add(rule);
        }
        while (!pending.isEmpty()) {
            int rule = pending.removeFirst();
            int from = ruleStarts[rule];
            int to = ruleStarts[rule + 1];
            boolean lowered = false;
            for (boolean again = true; again; lowered |= again) {
                budget.spend((to - from) * (2L + grammar.classes / 4));
                again = false;
                for (int s = to - 1; s >= from; s--) {
                    again |= lowering.lowers(s);
                }
            }
            for (int caller : lowered ? callers[rule] : new int[0]) {
                pending.add(caller);
            }
        }
    }

    private static boolean lower(int[] values, int state, int value) {
        if (value >= values[state]) {
            return false;
        }
        values[state] = value;
        return true;
    }

    private boolean isMarker(int state, @Nullable TokenTrie trie) {
        String marker = grammar.markers[state];
        return marker != null && trie != null && trie.added(marker) >= 0;
    }

    /** Whether a byte of class {@code c} leads on from {@code state} and does not close a loop. */
    private boolean leadsOn(int state, int c) {
        Loop loop = grammar.loops[state];
        return sample[c] != NONE
                && grammar.next[state * grammar.classes + c] >= 0
                && (loop == null || loop.isOpen() || !grammar.points[state] || c != grammar.classOf(loop.close()));
    }

    /** The remaining cost at a state that was just reached. */
    private int rest(int[] values, int state) {
        return grammar.points[state] ? 0 : values[state];
    }

    private int costByBytes(int state, @Nullable TokenTrie trie) {
        if (lengthCosts[state] != null) {
            return NEVER; // not used
        }
        if (grammar.accepts[state] && !isOpenLoop(state)) {
            return 0;
        }
        if (isMarker(state, trie)) {
            return 1;
        }
        int best = NEVER;
        for (int c = 0; c < grammar.classes; c++) {
            if (leadsOn(state, c)) {
                best = Math.min(best, 1 + rest(costs, grammar.next[state * grammar.classes + c]));
            }
        }
        int[] calls = grammar.calls[state];
        for (int i = 0; i < calls.length; i += 2) {
            best = Math.min(best, cost(calls[i], 0) + rest(costs, calls[i + 1]));
        }
        return best;
    }

    /** The class of the cheapest byte of each state outside loops, or {@link #NONE}. */
    private int[] ways() {
        int[] ways = new int[grammar.states];
        for (int s = 0; s < ways.length; s++) {
            ways[s] = NONE;
            for (int c = 0; c < grammar.classes && grammar.loops[s] == null && !grammar.accepts[s]; c++) {
                if (leadsOn(s, c) && costs[s] == 1 + costs[grammar.next[s * grammar.classes + c]]) {
                    ways[s] = c;
                    break;
                }
            }
        }
        return ways;
    }

    private int costByTokens(int state, int[] ways, TokenTrie trie) {
        if (isMarker(state, trie)) {
            return 1;
        }
        int best = NEVER;
        int node = TokenTrie.ROOT;
        for (int s = state; ways[s] != NONE; ) {
            node = trie.child(node, sample[ways[s]]);
            if (node == TokenTrie.NONE) {
                break;
            }
            s = grammar.next[s * grammar.classes + ways[s]];
            if (trie.token(node) != TokenTrie.NONE) {
                best = Math.min(best, 1 + costs[s]);
            }
        }
        return best;
    }

    private boolean isOpenLoop(int state) {
        Loop loop = grammar.loops[state];
        return loop != null && loop.isOpen();
    }

    private int depthByBytes(int state, TokenTrie trie) {
        if (grammar.accepts[state] || lengthCosts[state] != null || isMarker(state, trie)) {
            return 0;
        }
        int best = NEVER;
        for (int c = 0; c < grammar.classes; c++) {
            if (leadsOn(state, c)) {
                int to = grammar.next[state * grammar.classes + c];
                best = costs[state] == 1 + rest(costs, to) ? Math.min(best, rest(depths, to)) : best;
            }
        }
        int[] calls = grammar.calls[state];
        for (int i = 0; i < calls.length; i += 2) {
            if (costs[state] == cost(calls[i], 0) + rest(costs, calls[i + 1])) {
                best = Math.min(best, Math.max(1 + depth(calls[i], 0), rest(depths, calls[i + 1])));
            }
        }
        return best;
    }

    private int depthByTokens(int state, int[] ways, TokenTrie trie) {
        int best = NEVER;
        int node = TokenTrie.ROOT;
        for (int s = state; ways[s] != NONE; ) {
            node = trie.child(node, sample[ways[s]]);
            if (node == TokenTrie.NONE) {
                break;
            }
            s = grammar.next[s * grammar.classes + ways[s]];
            if (trie.token(node) != TokenTrie.NONE && costs[state] == 1 + costs[s]) {
                best = Math.min(best, depths[s]);
            }
        }
        return best;
    }
}
