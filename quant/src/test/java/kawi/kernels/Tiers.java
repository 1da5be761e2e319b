package kawi.kernels;

import java.util.List;

/** The matrix kernels that can run in this JVM. */
final class Tiers {

    private Tiers() {}

    static List<MatrixKernel> all() {
        return TierChoice.chosen().tier() == KernelTier.VECTOR
                ? List.of(new ScalarMatrixKernel(), new VectorMatrixKernel())
                : List.of(new ScalarMatrixKernel());
    }
}
