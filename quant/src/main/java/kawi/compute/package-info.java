/**
 * Kernels spread over a model's threads. {@link kawi.compute.Compute} is what an architecture calls: each of its
 * methods, and each of the work objects it hands out, is one step of a layer for many rows.
 * {@link kawi.compute.TierChoice} decides which tier's kernels these are, and is the only place that names tiers.
 *
 * <p>Work is divided here and computed elsewhere: no arithmetic may enter. It depends on all packages of kernels, and
 * none of them on it.
 *
 * <p>To add a step, add it to the kernels' contract first, then a method here that divides its rows, heads or channels
 * among tasks. To add a tier, add it to {@link kawi.compute.KernelTier} and to the tier choice.
 */
@NullMarked
package kawi.compute;

import org.jspecify.annotations.NullMarked;
