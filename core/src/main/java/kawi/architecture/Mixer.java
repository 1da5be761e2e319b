package kawi.architecture;

import java.lang.foreign.Arena;
import kawi.kernels.Activations;
import kawi.kernels.PagePool;

/**
 * The part of a layer that combines the rows of a sequence, such as attention or a delta rule. A new mixer is a class
 * that implements this interface, with a {@link LayerState} for its state and a {@link Workspace} for its buffers.
 */
public interface Mixer {

    /**
     * Combines the rows of each span with one another and with the layer's state for their sequence, and updates the
     * state. The result for a row depends, to the last bit, only on the rows of its sequence up to it: not on other
     * spans, nor on how a sequence was divided into passes.
     *
     * @param h normalised input, [batch.rows, hidden]
     * @param layer the index of this layer, for {@link Batch#state}
     * @param out receives [batch.rows, hidden]
     */
    void apply(Activations h, Batch batch, int layer, Activations out);

    /**
     * Updates the state as {@link #apply} does, for rows whose output is not needed.
     *
     * @param scratch [batch.rows, hidden]; receives unspecified values
     */
    default void store(Activations h, Batch batch, int layer, Activations scratch) {
        apply(h, batch, layer, scratch);
    }

    /**
     * Returns the state before the first row.
     *
     * @param arena the memory of the parts of fixed size
     * @param pages the memory of keys and values
     */
    LayerState newState(Arena arena, PagePool pages);

    /** The workspace; mixers that never compute at the same time share one. */
    Workspace<?> workspace();
}
