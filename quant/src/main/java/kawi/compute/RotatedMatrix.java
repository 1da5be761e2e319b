package kawi.compute;

import kawi.kernels.PackedMatrix;
import kawi.quant.InputRotation;

/**
 * A matrix with rotated inputs: {@link Products} rotates the activations before they are multiplied with {@code stored}.
 */
record RotatedMatrix(PackedMatrix stored, InputRotation rotation) implements PackedMatrix {

    @Override
    public String name() {
        return stored.name();
    }

    @Override
    public int rows() {
        return stored.rows();
    }

    @Override
    public int columns() {
        return stored.columns();
    }

    @Override
    public int groupRows() {
        return stored.groupRows();
    }

    @Override
    public boolean quantized() {
        return stored.quantized();
    }

    @Override
    public long bytes() {
        return stored.bytes();
    }
}
