package kawi.kernels.assembled;

import java.lang.foreign.MemorySegment;
import kawi.kernels.PackedMatrix;

/**
 * A matrix in an execution layout of the assembled tier.
 *
 * @param codes the products for this layout
 * @param groupBytes distance between groups in {@code data}
 * @param next the weights that are read after this matrix
 */
record AssembledMatrix(
        String name, int rows, int columns, ProductCodes codes, long groupBytes, MemorySegment data, NextWeights next)
        implements PackedMatrix {

    /** The byte offset of a group. */
    long groupAt(int group) {
        return group * groupBytes;
    }

    @Override
    public int groupRows() {
        return AssembledLayout.ROWS;
    }

    @Override
    public boolean quantized() {
        return codes.layout() instanceof QuantLayout;
    }

    @Override
    public long bytes() {
        return data.byteSize();
    }
}
