package kawi.architecture;

import java.lang.foreign.Arena;
import kawi.kernels.Activations;
import kawi.kernels.PagePool;

/**
 * The part of a layer that lets the rows of a sequence see each other: attention, a delta rule, and what else there may
 * be. A new one is a class that implements this, with a {@link LayerState} for what it remembers and a
 * {@link Workspace} for what it computes in.
 */
public interface Mixer {

    /**
     * Mixes the rows of each span with one another and with what the layer remembers of their sequence, and remembers
     * them. What it computes for a row depends on the rows before it in its sequence alone, to the last bit: not on
     * other spans, nor on how a sequence was divided into passes.
     *
     * @param h normalised input, [batch.rows, hidden]
     * @param layer which layer this is: whose states to use, {@link Batch#state}
     * @param out receives [batch.rows, hidden]
     */
    void apply(Activations h, Batch batch, int layer, Activations out);

    /**
     * The state before the first row.
     *
     * @param arena where what of it has a fixed size lives
     * @param pages where keys and values come from
     */
    LayerState newState(Arena arena, PagePool pages);

    /** What it computes in; mixers that never compute at the same time share one. */
    Workspace<?> workspace();
}
