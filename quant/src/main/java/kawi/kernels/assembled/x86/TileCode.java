package kawi.kernels.assembled.x86;

import kawi.assembler.x86.Vec;

/**
 * Emits the product of some tokens with a block of 16 rows and 32 columns. With AVX2, a group's rows are two halves,
 * each a vector.
 */
interface TileCode {

    /** Sets the accumulators to 0. */
    void clear();

    /** Sets the accumulators of a token for a vector of rows. */
    void set(int t, int half, Vec from);

    /** Adds the products of a block. */
    void block();

    /** The accumulators of a vector of rows, one token each, in registers. */
    Vec[] outputs(int half);
}
