package kawi.architecture;

import kawi.kernels.Activations;

/**
 * The part of a layer that processes each row independently. A new MLP is a class that implements this interface, with
 * a {@link Workspace}.
 */
public interface Mlp {

    /**
     * Computes one row of {@code out} from each row of {@code h}. The bits of a row do not depend on the other rows.
     *
     * @param h normalised input, [rows, hidden]
     * @param out receives [rows, hidden]
     */
    void apply(Activations h, int rows, Activations out);

    /** The workspace; MLPs of one shape share it. */
    Workspace<?> workspace();
}
