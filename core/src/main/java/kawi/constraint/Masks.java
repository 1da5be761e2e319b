package kawi.constraint;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Computes and caches the tokens that a grammar allows, out of a whole vocabulary.
 *
 * <p>A token is allowed if the {@link Machine} can follow all of its bytes. Walking the whole {@link TokenTrie} takes a
 * few milliseconds, which is too long to do for each token of an answer; and in a string or a number most of the result
 * does not depend on the context. So the walk is done once for each state with an empty stack below it: it finds the
 * tokens that stay within the rule, and the nodes at which the rule is left before the end of a token, such as after
 * the quote of {@code x",}. For a configuration, the tokens within the rules of its positions are combined, and only
 * the subtrees of those nodes are walked again, with the actual stack. The result is cached at the configuration. [1]
 * Y. Dong et al., XGrammar: Flexible and efficient structured generation engine for large language models, 2024 (the
 * split into context-independent and context-dependent tokens).
 *
 * <p>The number of rounds of a loop, or of the characters of a string, matters only within the reach of a token: all
 * counts that leave more room than the longest token has bytes share one walk and one result. Within that
 * reach the results are parts of a walk with unlimited room.
 *
 * <p>Every configuration knows how many tokens it still needs ({@link Configuration#distance}). If the budget is not
 * sufficient for every allowed token, a walk takes only the tokens after which it is.
 */
final class Masks {

    private static final long MAX_BYTES = 48L << 20;

    private static final int AMPLE = Distances.NEVER - 1;

    final Machine machine;
    final TokenTrie trie;

    /** @param exits nodes at which the rule can be left and below which there are tokens */
    private record Local(Allowed allowed, int[] exits, int depth) {}

    /**
     * A walk in a rule that counts and makes no calls, with unlimited room.
     *
     * @param rounds how much of the room each token takes, including an unfinished round
     * @param exitRounds the same at each exit
     */
    private record Roomy(Local local, short[] rounds, short[] exitRounds) {}

    private record Place(int state, int count) {}

    private record Limited(Configuration configuration, int limit) {}

    private final Map<Place, Local> locals = new ConcurrentHashMap<>();
    private final Map<Integer, Roomy> roomy = new ConcurrentHashMap<>();

    /**
     * A walk in a rule that counts its characters, with unlimited room.
     *
     * @param states the state after each token, or {@link TokenTrie#NONE} if the rule can only end there
     * @param characters the number of characters that each token begins
     * @param ending the tokens after which the rule may end
     * @param exitCharacters the number of characters at each exit
     */
    private record Unlimited(Local local, int[] states, short[] characters, long[] ending, short[] exitCharacters) {}

    private final Map<Integer, Unlimited> unlimited = new ConcurrentHashMap<>();

    /**
     * For each token, for some configurations, the number of further tokens that the answer needs plus 1; 0 if the
     * token is not allowed.
     */
    private final Map<Configuration, short[]> needed = new ConcurrentHashMap<>();

    private final Map<Limited, Allowed> limited = new ConcurrentHashMap<>();
    private final AtomicLong memory = new AtomicLong();

    Masks(Grammar grammar, TokenTrie trie) {
        this.trie = trie;
        machine = new Machine(grammar, trie);
    }

    /**
     * The tokens that may come next.
     *
     * @param remaining number of tokens that may be written, including the next one
     */
    Allowed allowed(Configuration at, int remaining) {
        Allowed allowed = at.allowed;
        if (allowed == null) {
            allowed = shared(at);
            at.allowed = allowed;
        }
        int limit = Math.max(remaining - 1, -1);
        if (allowed.farthest <= limit) {
            return allowed;
        }
        var key = new Limited(at, limit);
        Allowed within = limited.get(key);
        if (within == null) {
            within = limit < Short.MAX_VALUE - 1 ? needingAtMost(limit, at) : walkAll(at, limit);
            limited.put(key, within);
            account(within.memory() + 48);
        }
        return within;
    }

    /** The number of bytes of memory, including the machine. */
    long bytes() {
        return memory.get() + machine.bytes();
    }

    /** The number of walks whose results are kept, for tests. */
    int kept() {
        return locals.size() + roomy.size() + unlimited.size() + needed.size() + limited.size();
    }

    private void account(long bytes) {
        if (memory.addAndGet(bytes) + machine.bytes() > MAX_BYTES) {
            locals.clear();
            roomy.clear();
            unlimited.clear();
            needed.clear();
            limited.clear();
            machine.forget();
            memory.set(0);
        }
    }

    /** The tokens at {@code at}, which it shares with all configurations with the same representatives of counts. */
    private Allowed shared(Configuration at) {
        int[] alike = new int[at.size];
        int further = at.size == 0 ? 0 : Integer.MIN_VALUE;
        for (int i = 0; i < alike.length; i++) {
            int state = at.states[i];
            alike[i] = representative(state, at.counts[i]);
            further = Math.max(
                    further, machine.distances.cost(state, at.counts[i]) - machine.distances.cost(state, alike[i]));
        }
        if (Arrays.equals(alike, 0, at.size, at.counts, 0, at.size)) {
            Allowed allowed = compute(at);
            account(allowed.memory());
            return allowed;
        }
        Configuration representative = machine.counting(at, alike);
        Allowed allowed = representative.allowed;
        if (allowed == null) {
            allowed = compute(representative);
            representative.allowed = allowed;
            account(allowed.memory());
        }
        return allowed.farther(further);
    }

    private Allowed compute(Configuration at) {
        var walk = new Walk(AMPLE);
        for (int i = 0; i < at.size; i++) {
            Frame frame = at.frames[i];
            int state = at.states[i];
            Local local = local(state, at.counts[i]);
            if (Frame.depthOf(frame) + local.depth > Grammar.MAX_DEPTH || Frame.costOf(frame) >= Distances.NEVER) {
                return walkAll(at, AMPLE);
            }
            local.allowed.addTo(walk.bits);
            walk.reach(local.allowed.farthest + Frame.costOf(frame));
            if (frame != null && local.exits.length > 0) {
                Configuration after = machine.after(frame);
                for (int exit : local.exits) {
                    walk.below(exit, after);
                }
            }
        }
        walk.addedTokens(at);
        return walk.allowed();
    }

    private Allowed walkAll(Configuration at, int limit) {
        var walk = new Walk(limit);
        walk.below(TokenTrie.ROOT, at);
        walk.addedTokens(at);
        return walk.allowed();
    }

    /**
     * One walk serves all budgets, because inside a string the configuration stays the same while the budget shrinks.
     */
    private Allowed needingAtMost(int limit, Configuration at) {
        short[] needs = needed.get(at);
        if (needs == null) {
            var walk = new Walk(AMPLE);
            walk.needed = new short[trie.vocabularySize()];
            walk.below(TokenTrie.ROOT, at);
            walk.addedTokens(at);
            needs = walk.needed;
            needed.put(at, needs);
            account(2L * needs.length);
        }
        long[] bits = new long[(needs.length + 63) / 64];
        for (int id = 0; id < needs.length; id++) {
            if (needs[id] > 0 && needs[id] - 1 <= limit) {
                bits[id >>> 6] |= 1L << id;
            }
        }
        return Allowed.of(bits, limit);
    }

    private Local local(int state, int count) {
        var place = new Place(state, count);
        Local local = locals.get(place);
        if (local == null) {
            Loop loop = machine.grammar.loops[state];
            LengthCosts byLength = machine.distances.byLength(state);
            local = byLength != null && byLength.hasRoom(trie.deepest + 1)
                    ? limited(state, count, byLength)
                    : loop != null && loop.countsAlone() && count > loop.min()
                            ? within(state, loop.min(), loop.max() - count)
                            : walked(new Walk(AMPLE), state, count);
            locals.put(place, local);
            account(local.allowed.memory() + 4L * local.exits.length);
        }
        return local;
    }

    private Local walked(Walk walk, int state, int count) {
        walk.exits = new int[64];
        walk.below(TokenTrie.ROOT, machine.at(state, count, null));
        return new Local(walk.allowed(), Arrays.copyOf(walk.exits, walk.exitCount), walk.depth);
    }

    /**
     * The part of a walk with more room that fits into {@code room}, so the last characters of a string need no walks.
     */
    private Local within(int state, int min, int room) {
        Roomy all = roomy.get(state);
        if (all == null) {
            var walk = new Walk(AMPLE);
            walk.countFrom(min);
            Local local = walked(walk, state, min);
            all = new Roomy(local, walk.rounds, Arrays.copyOf(walk.exitRounds, walk.exitCount));
            roomy.put(state, all);
            account(2L * all.rounds.length + local.allowed.memory());
        }
        long[] bits = new long[(trie.vocabularySize() + 63) / 64];
        all.local.allowed.addTo(bits);
        for (int w = 0; w < bits.length; w++) {
            for (long word = bits[w]; word != 0; word &= word - 1) {
                int token = 64 * w + Long.numberOfTrailingZeros(word);
                if (all.rounds[token] > room) {
                    bits[w] &= ~(1L << token);
                }
            }
        }
        int[] exits = new int[all.local.exits.length];
        int count = 0;
        for (int i = 0; i < exits.length; i++) {
            if (all.exitRounds[i] <= room) {
                exits[count++] = all.local.exits[i];
            }
        }
        return new Local(Allowed.of(bits, all.local.allowed.farthest), Arrays.copyOf(exits, count), all.local.depth);
    }

    /** The part of a walk with unlimited room after which an end is still within reach. */
    private Local limited(int state, int count, LengthCosts costs) {
        Lengths lengths = Objects.requireNonNull(machine.grammar.lengths[state]);
        Unlimited all = unlimited.get(state);
        if (all == null) {
            var walk = new Walk(AMPLE);
            walk.countCharacters();
            Local local = walked(walk, state, lengths.min());
            all = new Unlimited(
                    local, walk.states, walk.rounds, walk.ending, Arrays.copyOf(walk.exitRounds, walk.exitCount));
            unlimited.put(state, all);
            account(6L * all.states.length + local.allowed.memory() + 8L * all.ending.length);
        }
        long[] bits = new long[(trie.vocabularySize() + 63) / 64];
        all.local.allowed.addTo(bits);
        int farthest = 0;
        for (int w = 0; w < bits.length; w++) {
            for (long word = bits[w]; word != 0; word &= word - 1) {
                int token = 64 * w + Long.numberOfTrailingZeros(word);
                int after = lengths.normalized(count + all.characters[token]);
                int to = all.states[token];
                boolean ends = (all.ending[w] >>> token & 1) != 0 && lengths.contain(after);
                int cost = ends ? 0 : to == TokenTrie.NONE ? Distances.NEVER : costs.cost(to, after);
                if (cost >= Distances.NEVER) {
                    bits[w] &= ~(1L << token);
                } else {
                    farthest = Math.max(farthest, cost);
                }
            }
        }
        int[] exits = new int[all.local.exits.length];
        int size = 0;
        for (int i = 0; i < exits.length; i++) {
            if (lengths.contain(lengths.normalized(count + all.exitCharacters[i]))) {
                exits[size++] = all.local.exits[i];
            }
        }
        return new Local(Allowed.of(bits, farthest), Arrays.copyOf(exits, size), all.local.depth);
    }

    /**
     * A representative of {@code count} with the same tokens: neither bound is within the reach of a token from either.
     */
    private int representative(int state, int count) {
        Loop loop = machine.grammar.loops[state];
        int reach = trie.deepest + 1;
        if (loop == null) {
            LengthCosts byLength = machine.distances.byLength(state);
            return byLength == null ? count : byLength.representative(count, reach);
        }
        if (loop.min() - count >= reach) {
            return 0;
        }
        boolean free = count >= loop.min() && loop.max() - count >= reach;
        return free ? loop.min() : count;
    }

    /** One walk over the trie and its results. */
    private final class Walk {

        final long[] bits = new long[(trie.vocabularySize() + 63) / 64];
        int[] exits = new int[0];
        int exitCount;
        int depth;

        /** Set by walks that count. */
        short[] rounds = new short[0];

        short[] exitRounds = new short[0];

        /** Set by walks that count characters: the same as in {@link Unlimited}. */
        int[] states = new int[0];

        long[] ending = new long[0];

        /** The number of characters that each node on the path begins or continues. */
        private short[] characters = new short[0];

        /** Set by walks that use it. */
        short[] needed = new short[0];

        private int firstCount;

        private final int limit;
        private final Configuration[] path = new Configuration[trie.deepest + 1];
        private int farthest;

        Walk(int limit) {
            this.limit = limit;
        }

        /** For a rule that counts and makes no calls, and so is at one position at a time. */
        void countFrom(int count) {
            firstCount = count;
            rounds = new short[trie.vocabularySize()];
            exitRounds = new short[64];
        }

        /** For a rule that counts characters, and so is at one position at a time. */
        void countCharacters() {
            rounds = new short[trie.vocabularySize()];
            exitRounds = new short[64];
            states = new int[trie.vocabularySize()];
            ending = new long[bits.length];
            characters = new short[trie.deepest + 1];
        }

        /** The rounds begun so far; a rule that has just closed keeps its previous count. */
        private short roundsAt(Configuration to, Configuration before) {
            Configuration within = to.size == 0 ? before : to;
            int begun = within.counts[0] - firstCount + (machine.grammar.points[within.states[0]] ? 0 : 1);
            return (short) begun;
        }

        void reach(int distance) {
            farthest = Math.max(farthest, distance);
        }

        private void allow(int token, int distance) {
            bits[token >>> 6] |= 1L << token;
            farthest = Math.max(farthest, distance);
            if (needed.length > 0) {
                needed[token] = (short) Math.min(distance + 1, Short.MAX_VALUE);
            }
        }

        /** Collects all tokens below {@code root}; {@code from} is the configuration at {@code root}. */
        void below(int root, Configuration from) {
            byte[] labels = trie.labels;
            short[] depths = trie.depths;
            int[] ends = trie.ends;
            int[] tokens = trie.tokens;
            Grammar grammar = machine.grammar;
            path[depths[root]] = from;
            int end = ends[root];
            for (int node = root + 1; node < end; ) {
                int at = depths[node];
                Configuration to = machine.step(path[at - 1], grammar.classOf(labels[node] & 0xFF));
                if (to.isDead()) {
                    node = ends[node];
                    continue;
                }
                path[at] = to;
                int token = tokens[node];
                if (states.length > 0) {
                    boolean begins = grammar.missing[path[at - 1].states[0]] == 0;
                    characters[at] = (short) (characters[at - 1] + (begins ? 1 : 0));
                }
                if (token >= 0 && to.distance <= limit) {
                    allow(token, to.distance);
                    if (rounds.length > 0) {
                        rounds[token] = counted(at);
                    }
                    if (states.length > 0) {
                        states[token] = to.size == 0 ? TokenTrie.NONE : to.states[0];
                        ending[token >>> 6] |= to.complete ? 1L << token : 0;
                    }
                }
                depth = Math.max(depth, to.depth);
                if (to.complete && exits.length > 0 && ends[node] > node + 1) {
                    addExit(node);
                    if (rounds.length > 0) {
                        exitRounds =
                                exitCount > exitRounds.length ? Arrays.copyOf(exitRounds, 2 * exitCount) : exitRounds;
                        exitRounds[exitCount - 1] = counted(at);
                    }
                }
                node = to.size == 0 ? ends[node] : node + 1;
            }
        }

        private short counted(int depth) {
            return states.length > 0 ? characters[depth] : roundsAt(path[depth], path[depth - 1]);
        }

        private void addExit(int node) {
            exits = exitCount == exits.length ? Arrays.copyOf(exits, 2 * exitCount) : exits;
            exits[exitCount++] = node;
        }

        void addedTokens(Configuration at) {
            for (int i = 0; i < at.size; i++) {
                int token = machine.marker(at.states[i]);
                if (token != TokenTrie.NONE) {
                    Configuration to = machine.stepAdded(at, token);
                    if (to.distance <= limit) {
                        allow(token, to.distance);
                    }
                }
            }
        }

        Allowed allowed() {
            return Allowed.of(bits, farthest);
        }
    }
}
