package kawi.kernels;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** The matrix kernels that can run in this JVM, the scalar one first. */
final class Tiers {

    private static final List<MatrixKernel> ALL = make();

    private Tiers() {}

    static List<MatrixKernel> all() {
        return ALL;
    }

    private static List<MatrixKernel> make() {
        List<MatrixKernel> kernels = new ArrayList<>(List.of(new ScalarMatrixKernel()));
        if (vectors()) {
            kernels.add(new VectorMatrixKernel());
        }
        kernels.addAll(assembled());
        return kernels;
    }

    /** One for every instruction set that this machine has, if the tier can be had at all. */
    private static List<MatrixKernel> assembled() {
        List<MatrixKernel> kernels = new ArrayList<>();
        try {
            for (AssembledIsa isa : AssembledIsa.usable()) {
                kernels.add(new AssembledMatrixKernel(isa, Arena.global()));
            }
        } catch (UnsupportedOperationException refused) {
            // Not an x86-64 machine with AVX2: TierChoice says so, and so does the test that asks for the tier.
        }
        return kernels;
    }

    static boolean vectors() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && VectorWidth.bits() >= 128;
    }
}
