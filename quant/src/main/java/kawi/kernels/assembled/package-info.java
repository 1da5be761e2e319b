/**
 * The common part of the machine code tier for all CPUs: the layouts of packed weights, argument blocks, and kernels
 * that check their operands, fill in arguments and run code. The code itself is created by an {@link
 * kawi.kernels.assembled.Emitter}.
 *
 * <p>This package does not depend on an instruction set.
 *
 * <p>To add an operation, define its arguments in one of the classes {@code ...Arguments}, add a method to the emitter,
 * and implement it in the subpackages. To add a CPU, implement {@link kawi.kernels.assembled.Emitter}, {@link
 * kawi.kernels.assembled.InstructionSet} and {@link kawi.kernels.assembled.Cpu} in a package beside {@code .x86} and
 * {@code .a64}.
 */
@NullMarked
package kawi.kernels.assembled;

import org.jspecify.annotations.NullMarked;
