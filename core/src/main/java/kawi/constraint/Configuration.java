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

    private final int hash;

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
        int h = complete ? 1 : 0;
        for (int i = 0; i < size; i++) {
            h = ((h * 31 + states[i]) * 31 + counts[i]) * 31 + System.identityHashCode(frames[i]);
        }
        hash = h;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Configuration c) || c.size != size || c.complete != complete) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (states[i] != c.states[i] || counts[i] != c.counts[i] || frames[i] != c.frames[i]) {
                return false;
            }
        }
        return true;
    }
}
