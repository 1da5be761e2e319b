package kawi.kernels.assembled.a64;

import kawi.assembler.a64.Vec;

/**
 * Emits loads of the weights of a block in the form in which they are multiplied: 16 columns of 8 rows at a time, in 8
 * registers, of which register {@code 2 c + v} has columns {@code 4 c} to {@code 4 c + 3} of rows {@code 4 v} to
 * {@code 4 v + 3}.
 */
interface BlockWeights {

    /** Loads what does not change. */
    void loadConstants();

    /** The registers in which 16 columns are between {@link #unpack} and their last use; they are free then. */
    Vec[] unpacked(int pass);

    /** Before the first columns of half the rows of a block. */
    void start(int half);

    /**
     * Unpacks 16 columns; the first ones of a block come first.
     *
     * @param half of the rows
     * @param pass which columns
     */
    void unpack(int half, int pass);

    /** The scales of a run of half the rows, in two registers. */
    void scale(Vec[] to, int half, int run, Vec[] spare);

    /**
     * The minimums of a run; those of {@link kawi.kernels.assembled.QuantLayout.Scales#FACTORED} with the opposite sign.
     */
    void minimum(Vec[] to, int half, int run, Vec[] spare);
}
