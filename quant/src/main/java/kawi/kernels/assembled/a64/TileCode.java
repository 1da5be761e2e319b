package kawi.kernels.assembled.a64;

/** Emits the product of some tokens with a block of 16 rows and 32 columns. */
interface TileCode {

    /** Loads what does not change from block to block. */
    void loadConstants();

    /** How far before or after the first block the pointers to activations have to be. */
    int startOfTokens();

    /** Sets the accumulators to 0. */
    void clear();

    /** Sets the accumulators to the outputs. */
    void load(ProductOutputs outputs);

    /** Adds the products of a block, and moves the pointers to activations to the next one. */
    void block();

    /** Stores the accumulators. */
    void store(ProductOutputs outputs);
}
