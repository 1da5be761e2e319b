package kawi.constraint;

import org.jspecify.annotations.Nullable;

/**
 * A call that has not returned: the return state, and the frame of the caller. Stacks share their lower frames. A
 * {@link Machine} creates no two equal frames, so identity is equality.
 */
final class Frame {

    final int state;
    final int count;
    final @Nullable Frame below;

    /** Tokens needed from the return to the end of the whole answer. */
    final int cost;

    /** The number of frames, including this one. */
    final int depth;

    Frame(int state, int count, @Nullable Frame below, int cost) {
        this.state = state;
        this.count = count;
        this.below = below;
        this.cost = cost;
        depth = depthOf(below) + 1;
    }

    static int costOf(@Nullable Frame frame) {
        return frame == null ? 0 : frame.cost;
    }

    static int depthOf(@Nullable Frame frame) {
        return frame == null ? 0 : frame.depth;
    }
}
