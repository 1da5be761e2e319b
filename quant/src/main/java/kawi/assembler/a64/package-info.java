/**
 * A small AArch64 assembler: the instructions that the kernels use, encoded as the Arm Architecture Reference Manual
 * for A-profile defines them. {@link kawi.assembler.a64.Assembler} is the entry point, the other types are its
 * operands.
 *
 * <p>This package depends on {@link kawi.assembler} only, not on the kernels. To add a vector instruction, add a line
 * to {@link kawi.assembler.a64.VectorOp}, and one to the table of the tests.
 */
@NullMarked
package kawi.assembler.a64;

import org.jspecify.annotations.NullMarked;
