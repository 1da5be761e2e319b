package kawi.constraint;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which tokens a grammar allows: the work over a whole vocabulary, and what is kept of it.
 *
 * <p>A token is allowed if the {@link Machine} can follow all its bytes. Walking the whole {@link TokenTrie} says that
 * for all tokens in a few milliseconds, which is too much for each token of an answer, and in a string or a number most
 * of it does not depend on where the string stands. So the walk is made once for each state by itself, with nothing
 * below on the stack: it gives the tokens that stay within the rule, and the nodes at which the rule is left with bytes
 * of tokens still to come, such as after the quote of {@code x",}. For a configuration, what stays within the rules of
 * its places is put together, and only what is below those nodes is walked anew, with the true stack. The result is
 * kept at the configuration. [1] Y. Dong et al., XGrammar: Flexible and efficient structured generation engine for
 * large language models, 2024 (the split in tokens that depend on the context and those that do not).
 *
 * <p>Rounds of loops, the characters of a string, matter only as far as a token reaches: with more room left than the
 * longest token has bytes, all counts share one walk.
 *
 * <p>Every configuration knows how many tokens it still needs ({@link Configuration#distance}). Where the budget is not
 * ample for every allowed token, a walk takes only those after which it still suffices.
 */
final class Masks {

    private static final long MOST_MEMORY = 48L << 20;

    private static final int AMPLE = Distances.NEVER - 1;

    final Machine machine;
    final TokenTrie trie;

    /** @param exits nodes at which the rule can be left, when tokens go on below them */
    private record Local(Allowed allowed, int[] exits, int depth) {}

    private record Place(int state, int count) {}

    private record Limited(Configuration configuration, int limit) {}

    private final Map<Place, Local> locals = new ConcurrentHashMap<>();
    private final Map<Limited, Allowed> limited = new ConcurrentHashMap<>();
    private final AtomicLong memory = new AtomicLong();

    Masks(Grammar grammar, TokenTrie trie) {
        this.trie = trie;
        machine = new Machine(grammar, trie);
    }

    /**
     * The tokens that may come next.
     *
     * @param remaining tokens that may be written, the next one included
     */
    Allowed allowed(Configuration at, int remaining) {
        Allowed allowed = at.allowed;
        if (allowed == null) {
            allowed = compute(at);
            at.allowed = allowed;
            account(allowed.memory());
        }
        int limit = Math.max(remaining - 1, -1);
        if (allowed.farthest <= limit) {
            return allowed;
        }
        var key = new Limited(at, limit);
        Allowed within = limited.get(key);
        if (within == null) {
            within = walkAll(at, limit);
            limited.put(key, within);
            account(within.memory() + 48);
        }
        return within;
    }

    private void account(long bytes) {
        if (memory.addAndGet(bytes) > MOST_MEMORY) {
            locals.clear();
            limited.clear();
            machine.forget();
            memory.set(0);
        }
    }

    private Allowed compute(Configuration at) {
        var walk = new Walk(AMPLE);
        for (int i = 0; i < at.size; i++) {
            Frame frame = at.frames[i];
            int state = at.states[i];
            int count = at.counts[i];
            int alike = alike(state, count);
            Local local = local(state, alike);
            if (Frame.depthOf(frame) + local.depth > Grammar.DEEPEST || Frame.costOf(frame) >= Distances.NEVER) {
                return walkAll(at, AMPLE);
            }
            local.allowed.addTo(walk.bits);
            int further = machine.distances.cost(state, count) - machine.distances.cost(state, alike);
            walk.reach(local.allowed.farthest + further + Frame.costOf(frame));
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

    private Local local(int state, int count) {
        var place = new Place(state, count);
        Local local = locals.get(place);
        if (local == null) {
            var walk = new Walk(AMPLE);
            walk.exits = new int[64];
            walk.below(TokenTrie.ROOT, machine.at(state, count, null));
            local = new Local(walk.allowed(), Arrays.copyOf(walk.exits, walk.exitCount), walk.depth);
            locals.put(place, local);
            account(local.allowed.memory() + 4L * local.exits.length);
        }
        return local;
    }

    /** A count that has the same tokens as {@code count}: neither bound is within a token's reach of either. */
    private int alike(int state, int count) {
        Loop loop = machine.grammar.loops[state];
        if (loop == null) {
            return count;
        }
        int reach = trie.deepest + 1;
        if (loop.min() - count >= reach) {
            return 0;
        }
        boolean free = count >= loop.min() && loop.max() - count >= reach;
        return free ? loop.min() : count;
    }

    /** One walk down the tree, and what it finds. */
    private final class Walk {

        final long[] bits = new long[(trie.vocabularySize() + 63) / 64];
        int[] exits = new int[0];
        int exitCount;
        int depth;

        private final int limit;
        private final Configuration[] path = new Configuration[trie.deepest + 1];
        private int farthest;

        Walk(int limit) {
            this.limit = limit;
        }

        void reach(int distance) {
            farthest = Math.max(farthest, distance);
        }

        /** All tokens that go on below {@code root}, up to which the grammar has come to {@code from}. */
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
                if (token >= 0 && to.distance <= limit) {
                    bits[token >>> 6] |= 1L << token;
                    farthest = Math.max(farthest, to.distance);
                }
                depth = Math.max(depth, to.depth);
                if (to.complete && exits.length > 0 && ends[node] > node + 1) {
                    addExit(node);
                }
                node = to.size == 0 ? ends[node] : node + 1;
            }
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
                        bits[token >>> 6] |= 1L << token;
                        reach(to.distance);
                    }
                }
            }
        }

        Allowed allowed() {
            return Allowed.of(bits, farthest);
        }
    }
}
