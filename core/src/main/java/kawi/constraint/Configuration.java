package kawi.constraint;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The set of positions in the grammar that are possible after the text written so far: usually one, more where
 * alternatives have a common prefix. A position consists of a state, the number of rounds of its rule, and the call
 * stack. Immutable except for cached values, which several threads may compute redundantly.
 */
final class Configuration {

    /** The empty configuration: the text is not a prefix of any answer. */
    static final Configuration DEAD = new Configuration(0);

    final int size;
    final int[] states;
    final int[] counts;
    final @Nullable Frame[] frames;

    /** Whether the text written so far may be the whole answer. */
    final boolean complete;

    /** Tokens needed to complete the answer; at least {@link Distances#NEVER} if the nesting is too deep. */
    final int distance;

    /** The maximum stack depth, including that of the cheapest ending. */
    final int depth;

    /** Cached successors by byte class. */
    final @Nullable Configuration[] next;

    /** The cached set of tokens that may come next with a sufficient budget. */
    @Nullable Allowed allowed;

    /** What {@link ForcedText} found here; 0 if it has not been used here. */
    int forced;

    private Configuration(int classes) {
        this(0, new int[0], new int[0], new Frame[0], false, Distances.NEVER, 0, classes);
    }

    Configuration(
            int size,
            int[] states,
            int[] counts,
            @Nullable Frame[] frames,
            boolean complete,
            int distance,
            int depth,
            int classes) {
        this.size = size;
        this.states = Arrays.copyOf(states, size);
        this.counts = Arrays.copyOf(counts, size);
        this.frames = Arrays.copyOf(frames, size);
        this.complete = complete;
        this.distance = distance;
        this.depth = depth;
        next = new Configuration[classes];
    }

    boolean isDead() {
        return size == 0 && !complete;
    }

    /** The key that identifies a configuration. */
    static final class Key {

        private final Configuration of;
        private final int hash;

        Key(Configuration of) {
            this.of = of;
            int h = of.complete ? 1 : 0;
            for (int i = 0; i < of.size; i++) {
                h = ((h * 31 + of.states[i]) * 31 + of.counts[i]) * 31 + System.identityHashCode(of.frames[i]);
            }
            hash = h;
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            if (!(other instanceof Key key) || key.of.size != of.size || key.of.complete != of.complete) {
                return false;
            }
            for (int i = 0; i < of.size; i++) {
                if (of.states[i] != key.of.states[i]
                        || of.counts[i] != key.of.counts[i]
                        || of.frames[i] != key.of.frames[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
