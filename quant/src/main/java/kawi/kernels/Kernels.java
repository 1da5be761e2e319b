package kawi.kernels;

import java.lang.foreign.Arena;

/**
 * Everything a model computes, by one tier.
 *
 * @param tier whose kernels these are
 */
public record Kernels(
        KernelTier tier, MatrixKernel matrix, RowKernel rows, AttentionKernel attention, DeltaKernel delta) {

    /**
     * The kernels of a tier that {@link TierChoice} found usable here.
     *
     * @param arena owns the machine code, where there is any
     */
    public static Kernels of(KernelTier tier, Arena arena) {
        return switch (tier) {
            case SCALAR ->
                new Kernels(
                        tier,
                        new ScalarMatrixKernel(),
                        new ScalarRowKernel(),
                        new ScalarAttentionKernel(),
                        new ScalarDeltaKernel());
            case VECTOR ->
                new Kernels(
                        tier,
                        new VectorMatrixKernel(),
                        new VectorRowKernel(),
                        new VectorAttentionKernel(),
                        new VectorDeltaKernel());
            case ASSEMBLED -> assembled(AssembledIsa.chosen(), arena);
        };
    }

    /** The assembled kernels for one instruction set. */
    static Kernels assembled(AssembledIsa isa, Arena arena) {
        return new Kernels(
                KernelTier.ASSEMBLED,
                new AssembledMatrixKernel(isa, arena),
                new AssembledRowKernel(isa, arena),
                new AssembledAttentionKernel(isa, arena),
                new AssembledDeltaKernel(isa, arena));
    }
}
