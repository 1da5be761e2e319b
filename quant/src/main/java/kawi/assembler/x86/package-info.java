/**
 * A small x86-64 assembler: the instructions that the kernels use, encoded as Intel's Software Developer's Manual,
 * volume 2, defines them. {@link kawi.assembler.x86.Assembler} is the entry point, the other types are its operands.
 *
 * <p>This package depends on {@link kawi.assembler} only, not on the kernels. To add a vector instruction, add a line
 * to {@link kawi.assembler.x86.VectorOp}, and one to the recorded encodings of the tests.
 */
@NullMarked
package kawi.assembler.x86;

import org.jspecify.annotations.NullMarked;
