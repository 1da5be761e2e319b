package kawi.engine;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kawi.architecture.LayerState;
import kawi.architecture.SequenceState;
import kawi.kernels.DeltaState;

/**
 * The memory of a changing set of states, in which parts shared by several states count once. The cost of a change is
 * proportional to the number of parts of the state concerned.
 */
final class SharedBytes {

    private final IdentityHashMap<Object, Holders> holders = new IdentityHashMap<>();
    private long total;

    /** The number of states that have a part. */
    private static final class Holders {
        private final long bytes;
        private int count;

        Holders(long bytes) {
            this.bytes = bytes;
        }
    }

    /** A part of a state's memory. */
    record Part(Object identity, long bytes) {}

    /** The parts of a state at the time it was counted. */
    record Share(List<Part> parts) {

        static Share of(SequenceState state) {
            List<Part> parts = new ArrayList<>();
            state.forEachPart((part, bytes) -> parts.add(new Part(part, bytes)));
            return new Share(parts);
        }
    }

    /** The parts that are keys and values, which grow with the sequence, in contrast to the recurrent states. */
    static List<Part> keysAndValues(List<Part> parts) {
        return parts.stream()
                .filter(part -> !(part.identity instanceof DeltaState || part.identity instanceof LayerState))
                .toList();
    }

    /** Adds a state and returns the number of bytes by which the total grows. */
    synchronized long add(Share share) {
        long before = total;
        add(share.parts);
        return total - before;
    }

    private void add(List<Part> parts) {
        for (Part part : parts) {
            Holders known = holders.get(part.identity);
            if (known == null) {
                known = new Holders(part.bytes);
                holders.put(part.identity, known);
                total += part.bytes;
            }
            known.count++;
        }
    }

    /** Removes a state that was added. */
    synchronized void remove(Share share) {
        remove(share.parts);
    }

    /** Removes some parts of a state that was added, and adds others. */
    synchronized void replace(List<Part> removed, List<Part> added) {
        remove(removed);
        add(added);
    }

    private void remove(List<Part> parts) {
        for (Part part : parts) {
            Holders known = holders.get(part.identity);
            if (known != null && --known.count == 0) {
                holders.remove(part.identity);
                total -= known.bytes;
            }
        }
    }

    synchronized long total() {
        return total;
    }

    /** The bytes of the parts that no state of another set has. The cost is proportional to the number of parts. */
    synchronized long totalWithout(SharedBytes others) {
        long bytes = 0;
        for (Map.Entry<Object, Holders> part : holders.entrySet()) {
            if (!others.has(part.getKey())) {
                bytes += part.getValue().bytes;
            }
        }
        return bytes;
    }

    private synchronized boolean has(Object part) {
        return holders.containsKey(part);
    }
}
