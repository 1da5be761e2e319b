package kawi.kernels;

import java.lang.foreign.MemorySegment;

/** The row operations with a bias that change their first operand. */
public enum BiasedRows {
    ADD_BIAS,
    ADD_BIASED,
    GELU_TANH,
    GELU_ERF;

    public void run(RowKernel kernel, Activations x, Activations y, MemorySegment bias, int fromRow, int toRow) {
        switch (this) {
            case ADD_BIAS -> kernel.addBias(x, bias, fromRow, toRow);
            case ADD_BIASED -> kernel.addBiased(x, y, bias, fromRow, toRow);
            case GELU_TANH -> kernel.geluTanh(x, bias, fromRow, toRow);
            case GELU_ERF -> kernel.geluErf(x, bias, fromRow, toRow);
        }
    }
}
