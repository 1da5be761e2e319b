package kawi.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

    /** Skips a test where its instruction set is not executed: another tier is tested, or the CPU does not have it. */
    public static void assumeExecuted(X86Isa isa) {
        assumeAssembled();
        assumeTrue(List.of(instructionSets()).contains(isa), "this CPU has no " + isa);
    }

    /** Skips a test of the assembled tier where no instruction set is executed. */
    public static void assumeAssembled() {
        assumeTrue(wanted().equals("assembled"), "this run of the tests is about the %s tier".formatted(wanted()));
        assumeTrue(instructionSets().length > 0, "there is no machine code for this CPU");
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
