package kawi.kernels.assembled;

/** The layout of a group of 16 rows of weights in memory in the assembled tier. */
public sealed interface AssembledLayout permits QuantLayout, FloatLayout {

    /** The number of adjacent rows. */
    int ROWS = 16;

    /** The size in bytes of a group of rows of {@code columns} weights, a multiple of 64. */
    long groupBytes(int columns);
}
