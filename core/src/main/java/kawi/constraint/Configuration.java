package kawi.constraint;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All places in the grammar at which an answer may be after what has been written: usually one, more where alternatives
 * begin alike. A place is a state, the rounds counted in its rule, and the stack of calls. Immutable but for what is
 * remembered, which threads may compute twice.
 */
final class Configuration {

    /** Nowhere: what was written is no beginning of an answer. */
    static final Configuration DEAD = new Configuration(0);

    final int size;
    final int[] states;
    final int[] counts;
    final @Nullable Frame[] frames;

    /** Whether what has been written may be all. */
    final boolean complete;

    /** Tokens needed to complete the answer; {@link Distances#NEVER} or more if the nesting is too deep for that. */
    final int distance;

    /** Frames in use at most, with those of the cheapest ending. */
    final int depth;

    /** Where each class of bytes leads, as far as known. */
    final @Nullable Configuration[] next;

    /** What may come next if the budget is ample, once it is known. */
    @Nullable Allowed allowed;

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

    /** What makes two configurations the same. */
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
