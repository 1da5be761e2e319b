package kawi.compute;

import kawi.kernels.Activations;

/** Is told the inputs of products with weights. */
@FunctionalInterface
public interface ProductObserver {

    /**
     * Called before a product is computed, on the thread that computes the layer.
     *
     * @param matrix the name of the matrix
     * @param x the inputs, in its first {@code rows} rows
     */
    void observe(String matrix, Activations x, int rows);
}
