package kawi.kernels;

/**
 * Everything a model computes, by one tier.
 *
 * @param tier whose kernels these are
 */
public record Kernels(
        KernelTier tier, MatrixKernel matrix, RowKernel rows, AttentionKernel attention, DeltaKernel delta) {

    /** The kernels of a tier that {@link TierChoice} found usable here. */
    public static Kernels of(KernelTier tier) {
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
            case ASSEMBLED -> throw new UnsupportedOperationException("the assembled tier is not part of this version");
        };
    }
}
