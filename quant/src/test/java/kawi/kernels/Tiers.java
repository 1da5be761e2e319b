package kawi.kernels;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import kawi.kernels.assembled.AssembledMatrixKernel;
import kawi.kernels.assembled.x86.X86Emitter;
import kawi.kernels.assembled.x86.X86Isa;
import kawi.kernels.vector.VectorMatrixKernel;

/** The matrix kernels to test in this JVM, the scalar one first. */
public final class Tiers {

    private static final List<MatrixKernel> ALL = make();

    private Tiers() {}

    public static List<MatrixKernel> all() {
        return ALL;
    }

    /** Instruction sets of the assembled tier that this machine has; none where a test run is about another tier. */
    public static X86Isa[] instructionSets() {
        try {
            return wanted().equals("assembled") ? X86Isa.usable() : new X86Isa[0];
        } catch (UnsupportedOperationException refused) {
            // Not an x86-64 machine with AVX2: TierChoiceTest fails if it should be one.
            return new X86Isa[0];
        }
    }

    /** The tier that this run of the tests is about. */
    static String wanted() {
        return System.getProperty("kawi.test.kernels", "assembled");
    }

    private static List<MatrixKernel> make() {
        List<MatrixKernel> kernels = new ArrayList<>(List.of(new ScalarMatrixKernel()));
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            kernels.add(new VectorMatrixKernel());
        }
        for (X86Isa isa : instructionSets()) {
            kernels.add(new AssembledMatrixKernel(new X86Emitter(isa), Arena.global()));
        }
        return kernels;
    }
}
