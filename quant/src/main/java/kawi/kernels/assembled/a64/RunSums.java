package kawi.kernels.assembled.a64;

import kawi.assembler.a64.Vec;

/** Emits the exact sums of products of 8 rows of {@link BlockWeights} with the tokens' activations over a run. */
interface RunSums {

    /** Loads what does not change. */
    void loadConstants();

    /** How far from the first block the pointers to activations have to be. */
    int startOfTokens();

    /**
     * Before a run.
     *
     * @param run its index in the block
     * @param half of the rows
     * @param spare is overwritten
     */
    void start(int run, int half, Vec spare);

    /**
     * Adds 16 columns.
     *
     * @param half of the rows
     * @param pass which columns
     * @param first whether they are the first of a run
     * @param weights see {@link BlockWeights}
     */
    void add(int token, int half, int pass, boolean first, Vec[] weights);

    /**
     * The scale and the negated sums of a token's block, {@link kawi.kernels.Activations#SCALE}, in {@code spare} or
     * another register.
     */
    Vec scales(int token, Vec spare);

    /**
     * After a run: the sums of integers of a token's rows, in two registers.
     *
     * @param scales see {@link #scales}
     */
    Vec[] finish(int token, int run, Vec scales);
}
