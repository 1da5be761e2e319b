package kawi.constraint;

import org.jspecify.annotations.Nullable;

/**
 * A call that has not returned yet: where the caller goes on, and below it the caller's own caller. Stacks share their
 * lower frames, and a {@link Machine} makes no two frames that say the same, so that identity is equality.
 */
final class Frame {

    final int state;
    final int count;
    final @Nullable Frame below;

    /** Tokens needed from the return on, to the end of the whole answer. */
    final int cost;

    /** How many frames there are, this one included. */
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
