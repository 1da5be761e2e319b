package kawi.architecture;

import kawi.compute.Compute;
import kawi.kernels.Activations;

/** The ordinary residual stream, {@code x = x + y}. */
record AdditiveResidual(Compute compute, Activations x) implements ResidualStream {

    @Override
    public Activations embedding() {
        return x;
    }

    @Override
    public Activations input(int subLayer, int rows) {
        return x;
    }

    @Override
    public void add(int subLayer, Activations y, int rows) {
        compute.add(x, y, rows);
    }

    @Override
    public Activations output(int rows) {
        return x;
    }
}
