package kawi.constraint;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Follows a grammar byte by byte: a pushdown automaton that is made deterministic at run time.
 *
 * <p>A step advances every position of a {@link Configuration} by a byte, and then over all calls and returns that
 * consume no byte. The result is looked up among the known configurations and cached at its predecessor, so a walk over
 * hundreds of thousands of tokens costs one array access per byte: inside a string there are about a dozen
 * configurations regardless of its content. A return from the bottom of the stack has no successor; it marks the
 * configuration as complete.
 *
 * <p>Two limits bound the cost of hostile grammars, and both only remove alternatives, so that an answer can still be
 * completed. Of more than {@value #MAX_POSITIONS} positions, those nearest to an ending are kept: each of them can be
 * completed by itself. Stacks deeper than {@link Grammar#MAX_DEPTH} are not entered, and a position that can be
 * completed only by a deeper stack is excluded in advance ({@link Distances#depth}).
 *
 * <p>The caches are bounded too: when they are full they are cleared. Answers in progress keep their configurations.
 */
final class Machine {

    private static final int MAX_POSITIONS = 256;
    private static final int MAX_CONFIGURATIONS = 20_000;
    private static final int MAX_FRAMES = 100_000;

    /** The size of a configuration at two positions with its key and entry, without the table of successors. */
    private static final long CONFIGURATION_BYTES = 320;

    /** The size of a frame with its key and entry. */
    private static final long FRAME_BYTES = 120;

    final Grammar grammar;
    final Distances distances;

    private final int[] next;

    /** Whether {@link #next} is a copy, because added tokens replace some texts. */
    private final boolean marked;

    /** The added token that each state precedes, or {@link TokenTrie#NONE}. */
    private final int[] markers;

    private final int[] closeClass;

    /** States without a transition on a byte or an added token: only calls, or the end of the rule. */
    private final boolean[] passedThrough;

    private final Map<Configuration.Key, Configuration> configurations = new ConcurrentHashMap<>();
    private final Map<Position, Frame> frames = new ConcurrentHashMap<>();

    Machine(Grammar grammar, TokenTrie trie) {
        this.grammar = grammar;
        distances = new Distances(grammar, trie);
        markers = new int[grammar.states];
        closeClass = new int[grammar.states];
        // A marker is always written as its token: its text spelled in ordinary tokens means something else to the
        // model.
        marked = Arrays.stream(grammar.markers).anyMatch(m -> m != null && trie.added(m) != TokenTrie.NONE);
        next = marked ? grammar.next.clone() : grammar.next;
        for (int s = 0; s < grammar.states; s++) {
            String marker = grammar.markers[s];
            markers[s] = marker == null ? TokenTrie.NONE : trie.added(marker);
            if (markers[s] != TokenTrie.NONE) {
                Arrays.fill(next, s * grammar.classes, (s + 1) * grammar.classes, Automaton.DEAD);
            }
            Loop loop = grammar.loops[s];
            closeClass[s] = loop == null || loop.isOpen() ? Loop.NONE : grammar.classOf(loop.close());
        }
        passedThrough = new boolean[grammar.states];
        for (int s = 0; s < passedThrough.length; s++) {
            passedThrough[s] = leadsNowhere(s);
        }
    }

    /** The initial configuration. */
    Configuration start() {
        return at(grammar.start, 0, null);
    }

    /** The configuration with {@code counts} for those of {@code of}. */
    Configuration counting(Configuration of, int[] counts) {
        var positions = new Positions();
        for (int i = 0; i < of.size; i++) {
            positions.put(of.states[i], counts[i], of.frames[i]);
        }
        positions.complete = of.complete;
        return positions.configuration();
    }

    /** One position, and where calls and returns lead from it. */
    Configuration at(int state, int count, @Nullable Frame frame) {
        var positions = new Positions();
        positions.add(state, count, frame);
        return positions.configuration();
    }

    /** The return state of {@code frame}. */
    Configuration after(Frame frame) {
        var positions = new Positions();
        positions.leave(frame);
        return positions.configuration();
    }

    /** The configuration after one more byte, given by its class. */
    Configuration step(Configuration from, int byteClass) {
        Configuration to = from.next[byteClass];
        if (to == null) {
            to = compute(from, byteClass);
            from.next[byteClass] = to;
        }
        return to;
    }

    private Configuration compute(Configuration from, int byteClass) {
        var positions = new Positions();
        for (int i = 0; i < from.size; i++) {
            int state = from.states[i];
            int count = from.counts[i];
            Loop loop = grammar.loops[state];
            if (loop != null && grammar.points[state]) {
                boolean closing = byteClass == closeClass[state];
                if (closing ? count < loop.min() : count >= loop.max()) {
                    continue;
                }
            }
            int to = next[state * grammar.classes + byteClass];
            if (to < 0) {
                continue;
            }
            Lengths lengths = grammar.lengths[state];
            if (lengths == null) {
                boolean opening = grammar.firsts[state] && closeClass[state] != Loop.NONE;
                positions.add(to, arrived(to, opening ? -1 : count), from.frames[i]);
                continue;
            }
            int length = lengths.normalized(grammar.missing[state] == 0 ? count + 1 : count);
            if (distances.cost(to, length) < Distances.NEVER) {
                positions.add(to, length, from.frames[i]);
            }
        }
        return positions.configuration();
    }

    /** The configuration after an added token; only positions before a rule for this token remain. */
    Configuration stepAdded(Configuration from, int token) {
        var positions = new Positions();
        for (int i = 0; i < from.size; i++) {
            if (token != TokenTrie.NONE && markers[from.states[i]] == token) {
                positions.leaveRule(from.frames[i]);
            }
        }
        return positions.configuration();
    }

    /** The added token that may come next at a state, or {@link TokenTrie#NONE}. */
    int marker(int state) {
        return markers[state];
    }

    /**
     * Sets {@code live} to the byte classes that have a transition at one of the positions; counts may exclude some.
     *
     * @return their number; 0 if an added token may come next
     */
    int live(Configuration at, boolean[] live) {
        Arrays.fill(live, false);
        int count = 0;
        for (int i = 0; i < at.size; i++) {
            int state = at.states[i];
            if (markers[state] != TokenTrie.NONE) {
                return 0;
            }
            for (int c = 0; c < grammar.classes; c++) {
                if (next[state * grammar.classes + c] >= 0 && !live[c]) {
                    live[c] = true;
                    count++;
                }
            }
        }
        return count;
    }

    /** The number of rounds on arrival at {@code state} from a state with {@code count} rounds. */
    private int arrived(int state, int count) {
        Loop loop = grammar.loops[state];
        if (loop == null) {
            return 0;
        }
        return grammar.points[state] ? loop.normalized(count + 1) : Math.max(count, 0);
    }

    private Frame frame(int state, int count, @Nullable Frame below) {
        var position = new Position(state, count, below);
        Frame known = frames.get(position);
        if (known != null) {
            return known;
        }
        int returned = arrived(state, count);
        long cost = (long) Frame.costOf(below) + distances.cost(state, returned);
        if (Frame.depthOf(below) + distances.depth(state, returned) > Grammar.MAX_DEPTH) {
            cost = Distances.NEVER;
        }
        if (frames.size() > MAX_FRAMES) {
            frames.clear();
        }
        var frame = new Frame(state, count, below, (int) Math.min(cost, Distances.NEVER));
        Frame other = frames.putIfAbsent(position, frame);
        return other == null ? frame : other;
    }

    private record Position(int state, int count, @Nullable Frame frame) {}

    /** Collects the positions of a configuration. */
    private final class Positions {

        private int[] states = new int[4];
        private int[] counts = new int[4];
        private @Nullable Frame[] stacks = new Frame[4];
        private int size;
        private boolean complete;
        private final Set<Position> visited = new HashSet<>();

        void add(int state, int count, @Nullable Frame frame) {
            if (passedThrough[state] && !visited.add(new Position(state, count, frame))) {
                return;
            }
            if (mayEnd(state, count)) {
                leaveRule(frame);
            }
            int[] calls = grammar.calls[state];
            for (int i = 0; i < calls.length; i += 2) {
                int back = calls[i + 1];
                if (isEnd(back)) {
                    add(calls[i], 0, frame);
                } else if (Frame.depthOf(frame) < Grammar.MAX_DEPTH) {
                    add(calls[i], 0, frame(back, count, frame));
                }
            }
            if (!passedThrough[state] && mayGoOn(state, count)) {
                put(state, count, frame);
            }
        }

        void leaveRule(@Nullable Frame frame) {
            if (frame == null) {
                complete = true;
            } else {
                leave(frame);
            }
        }

        void leave(Frame frame) {
            add(frame.state, arrived(frame.state, frame.count), frame.below);
        }

        private void put(int state, int count, @Nullable Frame frame) {
            for (int i = 0; i < size; i++) {
                if (states[i] == state && counts[i] == count && stacks[i] == frame) {
                    return;
                }
            }
            if (size == 4 * MAX_POSITIONS) {
                keepNearest();
            }
            if (size == states.length) {
                states = Arrays.copyOf(states, 2 * size);
                counts = Arrays.copyOf(counts, 2 * size);
                stacks = Arrays.copyOf(stacks, 2 * size);
            }
            states[size] = state;
            counts[size] = count;
            stacks[size++] = frame;
        }

        private long distance(int i) {
            int depth = Frame.depthOf(stacks[i]) + distances.depth(states[i], counts[i]);
            return depth > Grammar.MAX_DEPTH
                    ? Distances.NEVER
                    : (long) distances.cost(states[i], counts[i]) + Frame.costOf(stacks[i]);
        }

        private void keepNearest() {
            Integer[] order = new Integer[size];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, Comparator.comparingLong(this::distance));
            int[] oldStates = states.clone();
            int[] oldCounts = counts.clone();
            @Nullable Frame[] oldStacks = stacks.clone();
            for (int i = 0; i < MAX_POSITIONS; i++) {
                states[i] = oldStates[order[i]];
                counts[i] = oldCounts[order[i]];
                stacks[i] = oldStacks[order[i]];
            }
            size = MAX_POSITIONS;
        }

        Configuration configuration() {
            if (size == 0 && !complete) {
                return Configuration.DEAD;
            }
            if (size > MAX_POSITIONS) {
                keepNearest();
            }
            long nearest = complete ? 0 : Distances.NEVER;
            int deepest = 0;
            for (int i = 0; i < size; i++) {
                nearest = Math.min(nearest, distance(i));
                deepest = Math.max(deepest, Frame.depthOf(stacks[i]) + distances.depth(states[i], counts[i]));
            }
            var made =
                    new Configuration(size, states, counts, stacks, complete, (int) nearest, deepest, grammar.classes);
            if (configurations.size() > MAX_CONFIGURATIONS) {
                configurations.clear();
            }
            Configuration known = configurations.putIfAbsent(new Configuration.Key(made), made);
            return known == null ? made : known;
        }
    }

    /** Whether the rule may end at a state. */
    private boolean mayEnd(int state, int count) {
        Loop loop = grammar.loops[state];
        Lengths lengths = grammar.lengths[state];
        return grammar.accepts[state]
                && (loop == null || !loop.isOpen() || count >= loop.min())
                && (lengths == null || lengths.contain(count));
    }

    /** Whether a further byte may follow in the rule, as far as that depends on what it counts. */
    private boolean mayGoOn(int state, int count) {
        if (!grammar.accepts[state]) {
            return true;
        }
        Loop loop = grammar.loops[state];
        LengthCosts byLength = distances.byLength(state);
        return (loop == null || !loop.isOpen() || count < loop.max())
                && (byLength == null || byLength.goesOn(state, count));
    }

    /** Whether nothing can follow in the rule, so that a call before it need not return. */
    private boolean isEnd(int state) {
        return grammar.accepts[state] && passedThrough[state] && grammar.calls[state].length == 0;
    }

    private boolean leadsNowhere(int state) {
        if (markers[state] != TokenTrie.NONE) {
            return false;
        }
        for (int c = 0; c < grammar.classes; c++) {
            if (next[state * grammar.classes + c] >= 0) {
                return false;
            }
        }
        return true;
    }

    /** The approximate number of bytes of memory. */
    long bytes() {
        long perState = 4 + 4 + 1 + Distances.BYTES_PER_STATE + (marked ? 4L * grammar.classes : 0);
        return perState * grammar.states
                + configurations.size() * (CONFIGURATION_BYTES + 4L * grammar.classes)
                + frames.size() * FRAME_BYTES;
    }

    /** Clears the caches; answers in progress keep their configurations. */
    void forget() {
        configurations.clear();
        frames.clear();
    }
}
