package kawi.kernels;

/**
 * Everything a model computes, by one tier.
 *
 * @param tier the tier's name, for users
 */
public record Kernels(String tier, MatrixKernel matrix, RowKernel rows, AttentionKernel attention, DeltaKernel delta) {}
