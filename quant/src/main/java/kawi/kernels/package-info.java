/**
 * What a model computes: the contracts of the kernels, the data they work on, their definition in plain Java, and the
 * worker threads. {@link kawi.kernels.MatrixKernel}, {@link kawi.kernels.RowKernel},
 * {@link kawi.kernels.AttentionKernel} and {@link kawi.kernels.DeltaKernel} state every rounding and every order of a
 * sum; the classes {@code Scalar...} are the definition that all other tiers equal bit for bit.
 * {@link kawi.kernels.Activations}, {@link kawi.kernels.KvPages}, {@link kawi.kernels.DeltaState} and
 * {@link kawi.kernels.Rotation} are the operands.
 *
 * <p>Only what every tier needs may be here, and nothing that knows a tier other than the scalar one. It depends on
 * {@link kawi.quant}, and on {@code kawi.machine} for memory.
 *
 * <p>To add an operation, state it in a contract and write the scalar kernel first, then the other tiers, each in its
 * own package. To add a tier, implement the four contracts in a package of its own and let
 * {@code kawi.compute.TierChoice} take it.
 */
@NullMarked
package kawi.kernels;

import org.jspecify.annotations.NullMarked;
