/**
 * The tier of the incubating Vector API, for CPUs that the assembled tier does not support. One class per operation.
 * Lanes are rows, positions or channels and never the terms of a sum, so the width of a vector cannot change a bit. No
 * vector crosses a method boundary, because the compiler would then allocate an object for it.
 *
 * <p>Only this package uses {@code jdk.incubator.vector}, which may be absent: no class of this package may be loaded
 * unless the tier choice permits it.
 *
 * <p>To add an operation, implement the method of its contract like the scalar kernel, with vectors of independent
 * results.
 */
@NullMarked
package kawi.kernels.vector;

import org.jspecify.annotations.NullMarked;
