/**
 * The tier of machine code, as far as all CPUs share it: the layouts in which weights are packed, argument blocks, and
 * kernels that check their operands, fill in arguments and run code. The code itself comes from an
 * {@link kawi.kernels.assembled.Emitter}.
 *
 * <p>Nothing here may depend on an instruction set.
 *
 * <p>To add an operation, describe its arguments in one of the classes {@code ...Arguments}, add a method to the
 * emitter, and implement it in the packages below this one. To add a CPU, implement the emitter in a sibling of
 * {@code .x86}.
 */
@NullMarked
package kawi.kernels.assembled;

import org.jspecify.annotations.NullMarked;
