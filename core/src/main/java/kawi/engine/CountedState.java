package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import kawi.architecture.LayerState;
import kawi.architecture.SequenceState;
import kawi.engine.SharedBytes.Part;

/**
 * The memory of a state that grows, counted in sets of states. A step adds parts at the end of each layer, and may
 * replace the last ones, so the cost of counting it does not depend on the length of the sequence.
 */
final class CountedState {

    /**
     * How many of the last parts of a layer a step may have changed: taking back rows, which are fewer than a page
     * holds, removes a page and replaces the one before.
     */
    private static final int CHANGING = 4;

    private final SequenceState state;
    private final List<SharedBytes> sets;
    private final List<SharedBytes> setsOfKeysAndValues;

    /** The counted parts of each layer. */
    private final List<List<Part>> layers = new ArrayList<>();

    private long bytes = -1;

    /**
     * @param sets count all parts
     * @param setsOfKeysAndValues count the parts that grow with the sequence
     */
    CountedState(SequenceState state, List<SharedBytes> sets, List<SharedBytes> setsOfKeysAndValues) {
        this.state = state;
        this.sets = sets;
        this.setsOfKeysAndValues = setsOfKeysAndValues;
        for (int i = 0; i < state.layers(); i++) {
            layers.add(new ArrayList<>());
        }
    }

    /** Counts the state after a step. */
    void update() {
        if (bytes != state.bytes()) {
            update(CHANGING);
        }
    }

    /** Counts the state after it has become any other state. */
    void recount() {
        update(Integer.MAX_VALUE);
    }

    private void update(int changing) {
        for (int i = 0; i < layers.size(); i++) {
            LayerState layer = state.layer(i);
            List<Part> counted = layers.get(i);
            int from = Math.max(0, Math.min(counted.size(), layer.parts()) - changing);
            List<Part> last = counted.subList(from, counted.size());
            List<Part> now = new ArrayList<>();
            layer.forEachPart(from, (part, size) -> now.add(new Part(part, size)));
            replace(last, now);
            last.clear();
            counted.addAll(now);
        }
        bytes = state.bytes();
    }

    private void replace(List<Part> before, List<Part> after) {
        sets.forEach(set -> set.replace(before, after));
        if (!setsOfKeysAndValues.isEmpty()) {
            List<Part> pagesBefore = SharedBytes.keysAndValues(before);
            List<Part> pagesAfter = SharedBytes.keysAndValues(after);
            setsOfKeysAndValues.forEach(set -> set.replace(pagesBefore, pagesAfter));
        }
    }

    /** Counts nothing any more. */
    void remove() {
        for (List<Part> counted : layers) {
            replace(counted, List.of());
            counted.clear();
        }
        bytes = -1;
    }
}
