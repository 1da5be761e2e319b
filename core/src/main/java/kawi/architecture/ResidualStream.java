package kawi.architecture;

import java.lang.foreign.Arena;
import kawi.compute.Compute;
import kawi.kernels.Activations;

/**
 * How the outputs of sub-layers are carried to later ones. Sub-layers are numbered 0 to 2L - 1: even ones are mixers,
 * odd ones MLPs. The {@link Stack} owns the stream; layers only see {@code y = f(norm(h))}. It holds the rows of one
 * pass and nothing that outlives it. A new kind of stream is a class that implements this interface and a
 * {@link Scheme} that creates it.
 */
public interface ResidualStream {

    /** The rows to write the embeddings of the next pass to. */
    Activations embedding();

    /** The rows that sub-layer {@code subLayer} normalises and reads. */
    Activations input(int subLayer, int rows);

    /** Adds the output of sub-layer {@code subLayer}. */
    void add(int subLayer, Activations y, int rows);

    /** The rows that the final norm reads. */
    Activations output(int rows);

    /** Creates streams of one kind. */
    @FunctionalInterface
    interface Scheme {

        /** {@code x = x + y}, the default. */
        Scheme ADDITIVE = (compute, capacity, hidden, arena) ->
                new AdditiveResidual(compute, Activations.outputs(arena, capacity, hidden));

        /** Creates a stream with room for {@code capacity} rows of {@code hidden} floats. */
        ResidualStream allocate(Compute compute, int capacity, int hidden, Arena arena);
    }
}
