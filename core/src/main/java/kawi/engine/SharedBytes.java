package kawi.engine;

import java.util.IdentityHashMap;
import java.util.Map;
import kawi.architecture.SequenceState;

/** The memory of a changing set of states, in which what several of them share counts once. Adding and removing cost what the one state holds. */
final class SharedBytes {

    private final Map<Object, Integer> holders = new IdentityHashMap<>();
    private long total;

    /** Counts a state, and returns the bytes that it adds. */
    long add(SequenceState state) {
        long added = state.bytes(part -> holders.merge(part, 1, Integer::sum) == 1);
        total += added;
        return added;
    }

    /** No longer counts a state that was added. */
    void remove(SequenceState state) {
        total -= state.bytes(part -> holders.computeIfPresent(part, (_, count) -> count == 1 ? null : count - 1) == null);
    }

    long total() {
        return total;
    }
}
