package kawi.architecture;

import kawi.kernels.Activations;

/**
 * How the outputs of sub-layers are carried to later ones. Sub-layers are numbered 0 to 2L - 1: even ones are mixers, odd ones MLPs. The
 * decoder loop owns the stream; layers only see {@code y = f(norm(h))}. One instance serves one sequence, chunk after chunk.
 */
interface ResidualStream {

    /** The rows to write the embeddings of the next chunk to. */
    Activations embedding();

    /** The rows that sub-layer {@code subLayer} normalises and reads. */
    Activations input(int subLayer, int tokens);

    /** Takes the output of sub-layer {@code subLayer}. */
    void add(int subLayer, Activations y, int tokens);

    /** The rows that the final norm reads. */
    Activations output(int tokens);
}
