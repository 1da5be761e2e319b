package kawi.kernels;

/**
 * All operations of a model, as implemented by one tier.
 *
 * @param tier the name of the tier, for display
 */
public record Kernels(String tier, MatrixKernel matrix, RowKernel rows, AttentionKernel attention, DeltaKernel delta) {}
