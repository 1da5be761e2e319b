package kawi.architecture;

import java.lang.foreign.Arena;
import kawi.kernels.Activations;

/** The part of a layer that lets tokens see each other. */
interface Mixer {

    /**
     * Mixes the tokens of a chunk with one another and with what the layer remembers, and remembers them.
     *
     * @param h normalised input, [chunk.tokens, hidden]
     * @param workspace buffers of this sequence
     * @param out receives [chunk.tokens, hidden]
     */
    void apply(Activations h, Chunk chunk, LayerState state, Workspace workspace, Activations out);

    /** The state before the first token; what of it has a fixed size lives in {@code arena}. */
    LayerState newState(Arena arena);

    /** Consecutive tokens that go through the layers together: {@code tokens} of them, the first at {@code position}. */
    record Chunk(int position, int tokens) {}
}
