package kawi.kernels;

import java.util.List;

/** The matrix kernels that can run in this JVM. */
final class Tiers {

    private Tiers() {}

    static List<MatrixKernel> all() {
        return List.of(new ScalarMatrixKernel());
    }
}
