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
    public Activations input(int subLayer, int tokens) {
        return x;
    }

    @Override
    public void add(int subLayer, Activations y, int tokens) {
        compute.add(x, y, tokens);
    }

    @Override
    public Activations output(int tokens) {
        return x;
    }
}
