package kawi.compute;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import kawi.kernels.Kernels;
import kawi.kernels.Tiers;
import kawi.kernels.assembled.InstructionSet;

/** The kernels of every tier that is tested in this JVM. */
final class TestedKernels {

    private TestedKernels() {}

    /** The scalar and the vector tier, where usable, and each instruction set of {@link Tiers#instructionSets()}. */
    static List<Kernels> all(Arena arena) {
        List<Kernels> kernels = new ArrayList<>();
        for (KernelTier tier : List.of(KernelTier.SCALAR, KernelTier.VECTOR)) {
            if (usable(tier)) {
                kernels.add(TierChoice.kernels(tier, arena));
            }
        }
        for (InstructionSet isa : Tiers.instructionSets()) {
            kernels.add(TierChoice.assembled(isa.emitter(), arena));
        }
        return kernels;
    }

    static boolean usable(KernelTier tier) {
        try {
            return TierChoice.choose(tier.name()).tier() == tier;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }
}
