/**
 * The computations of a model: the contracts of the kernels, their operands, their definition in plain Java, and the
 * worker threads. {@link kawi.kernels.MatrixKernel}, {@link kawi.kernels.RowKernel}, {@link
 * kawi.kernels.AttentionKernel} and {@link kawi.kernels.DeltaKernel} specify every rounding and the order of every sum;
 * the classes {@code Scalar...} are the definition that all other tiers match bit for bit. {@link
 * kawi.kernels.Activations}, {@link kawi.kernels.KvPages}, {@link kawi.kernels.DeltaState} and {@link
 * kawi.kernels.Rotation} are the operands.
 *
 * <p>This package contains what every tier needs, and refers to no tier except the scalar one. It depends on {@link
 * kawi.quant}, and on {@code kawi.machine} for memory.
 *
 * <p>To add an operation, specify it in a contract and write the scalar kernel first, then the other tiers, each in its
 * own package. To add a tier, implement the four contracts in a separate package and add it to {@code
 * kawi.compute.TierChoice}.
 */
@NullMarked
package kawi.kernels;

import org.jspecify.annotations.NullMarked;
