/**
 * Kernels divided among a model's threads. {@link kawi.compute.Compute} is the interface for architectures: each of its
 * methods, and each of the work objects that it creates, is one step of a layer for many rows. {@link
 * kawi.compute.TierChoice} selects the tier of the kernels, and is the only place that names tiers.
 *
 * <p>This package divides work and does no arithmetic. It depends on all packages of kernels, and none of them depends
 * on it.
 *
 * <p>To add a step, add it to the kernels' contract first, then a method here that divides its rows, heads or channels
 * among tasks. To add a tier, add it to {@link kawi.compute.KernelTier} and to the tier choice.
 */
@NullMarked
package kawi.compute;

import org.jspecify.annotations.NullMarked;
