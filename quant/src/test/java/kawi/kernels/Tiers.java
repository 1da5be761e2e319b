package kawi.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import kawi.compute.InstructionSets;
import kawi.kernels.assembled.AssembledMatrixKernel;
import kawi.kernels.assembled.InstructionSet;
import kawi.kernels.vector.VectorMatrixKernel;

/** The matrix kernels to test in this JVM, the scalar one first. */
public final class Tiers {

    private static final List<MatrixKernel> ALL = make();

    private Tiers() {}

    public static List<MatrixKernel> all() {
        return ALL;
    }

    /**
     * Instruction sets of the assembled tier that this machine has; none where a test run is about another tier. Only
     * the best one if the system property {@code kawi.test.isa} is {@code best}, for runs on several CPUs.
     */
    public static List<InstructionSet> instructionSets() {
        if (!wanted().equals("assembled")) {
            return List.of();
        }
        List<InstructionSet> usable = InstructionSets.usable();
        boolean best = System.getProperty("kawi.test.isa", "all").equals("best");
        return best && !usable.isEmpty() ? usable.subList(0, 1) : usable;
    }

    /** Instruction sets of all architectures, for parameterized tests that begin with {@link #assumeExecuted}. */
    static List<InstructionSet> allInstructionSets() {
        return InstructionSets.all();
    }

    /** Skips a test where its instruction set is not executed: another tier is tested, or the CPU does not have it. */
    public static void assumeExecuted(InstructionSet isa) {
        assumeAssembled();
        assumeTrue(InstructionSets.usable().contains(isa), "this CPU has no " + isa);
        assumeTrue(instructionSets().contains(isa), "this run of the tests is about another instruction set");
    }

    /** Skips a test of the assembled tier where no instruction set is executed. */
    public static void assumeAssembled() {
        assumeTrue(wanted().equals("assembled"), "this run of the tests is about the %s tier".formatted(wanted()));
        assumeTrue(!instructionSets().isEmpty(), "there is no machine code for this CPU");
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
        for (InstructionSet isa : instructionSets()) {
            kernels.add(new AssembledMatrixKernel(isa.emitter(), Arena.global()));
        }
        return kernels;
    }
}
