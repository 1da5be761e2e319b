package kawi.engine;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import kawi.architecture.SequenceState;

/**
 * The memory of a changing set of states, in which what several of them share counts once. A change costs what the one
 * state consists of.
 */
final class SharedBytes {

    private final IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();
    private long total;

    private record Part(Object identity, long bytes) {}

    /** The parts that a state consisted of when it was counted. */
    record Share(List<Part> parts) {

        private static final Share NONE = new Share(List.of());

        static Share of(SequenceState state) {
            List<Part> parts = new ArrayList<>();
            state.forEachPart((part, bytes) -> parts.add(new Part(part, bytes)));
            return new Share(parts);
        }

        /** Of a state that is not counted. */
        static Share none() {
            return NONE;
        }
    }

    /** Counts a state, and returns the bytes that it adds. */
    synchronized long add(Share share) {
        long before = total;
        for (Part part : share.parts) {
            if (holders.merge(part.identity, 1, Integer::sum) == 1) {
                total += part.bytes;
            }
        }
        return total - before;
    }

    /** No longer counts a state that was added. */
    synchronized void remove(Share share) {
        for (Part part : share.parts) {
            if (holders.computeIfPresent(part.identity, (_, count) -> count == 1 ? null : count - 1) == null) {
                total -= part.bytes;
            }
        }
    }

    synchronized long total() {
        return total;
    }
}
