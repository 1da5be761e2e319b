package kawi.engine;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import kawi.architecture.LayerState;
import kawi.architecture.SequenceState;
import kawi.kernels.DeltaState;

/**
 * The memory of a changing set of states, in which parts shared by several states count once. The cost of a change is
 * proportional to the number of parts of the state concerned.
 */
final class SharedBytes {

    private final IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();
    private long total;

    private record Part(Object identity, long bytes) {}

    /** The parts of a state at the time it was counted. */
    record Share(List<Part> parts) {

        private static final Share NONE = new Share(List.of());

        static Share of(SequenceState state) {
            List<Part> parts = new ArrayList<>();
            state.forEachPart((part, bytes) -> parts.add(new Part(part, bytes)));
            return new Share(parts);
        }

        /** The keys and values of this share, which grow with the sequence, in contrast to the recurrent states. */
        Share keysAndValues() {
            return new Share(parts.stream()
                    .filter(part -> !(part.identity instanceof DeltaState || part.identity instanceof LayerState))
                    .toList());
        }

        /** The share of a state that is not counted. */
        static Share none() {
            return NONE;
        }
    }

    /** Adds a state and returns the number of bytes by which the total grows. */
    synchronized long add(Share share) {
        long before = total;
        for (Part part : share.parts) {
            if (holders.merge(part.identity, 1, Integer::sum) == 1) {
                total += part.bytes;
            }
        }
        return total - before;
    }

    /** Removes a state that was added. */
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
