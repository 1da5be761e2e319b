package kawi.kernels.assembled;

/** How a group of 16 rows of weights lies in memory in the assembled tier. */
public sealed interface AssembledLayout permits QuantLayout, FloatLayout {

    /** Rows side by side. */
    int ROWS = 16;

    /** Bytes of a group of rows of {@code columns} weights, a multiple of 64. */
    long groupBytes(int columns);
}
