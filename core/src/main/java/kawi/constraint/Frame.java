package kawi.constraint;

import org.jspecify.annotations.Nullable;

/**
 * A call that has not returned yet: where the caller goes on, and below it the caller's own caller. Stacks share their
 * lower frames. Frames are equal by what they say and the identity of what is below, which is enough because a {@link
 * Machine} makes no two equal ones.
 *
 * @param cost tokens needed from the return on, to the end of the whole answer
 * @param depth how many frames there are, this one included
 */
record Frame(int state, int count, @Nullable Frame below, int cost, int depth) {

    @Override
    public boolean equals(Object other) {
        return other instanceof Frame frame && state == frame.state && count == frame.count && below == frame.below;
    }

    @Override
    public int hashCode() {
        return (state * 31 + count) * 31 + System.identityHashCode(below);
    }

    static int cost(@Nullable Frame frame) {
        return frame == null ? 0 : frame.cost;
    }

    static int depth(@Nullable Frame frame) {
        return frame == null ? 0 : frame.depth;
    }
}
