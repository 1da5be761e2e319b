/**
 * The tier of the incubating Vector API, for CPUs that the assembled tier does not know. One class per operation; lanes
 * run over rows, positions or channels, never over a sum, so the width of a vector cannot change a bit. No vector
 * crosses a method boundary, because the compiler would then make an object of it.
 *
 * <p>Only this package uses {@code jdk.incubator.vector}, which may be absent: no class of it may be loaded before the
 * tier choice has said so.
 *
 * <p>To add an operation, write the method of its contract here as the scalar kernel has it, vectors over independent
 * results.
 */
@NullMarked
package kawi.kernels.vector;

import org.jspecify.annotations.NullMarked;
