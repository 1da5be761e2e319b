/**
 * The common part of the assemblers of all CPUs: a buffer of code with labels, the distances to them, and constants
 * behind the code.
 *
 * <p>This package does not depend on an instruction set. To add a CPU, write its assembler in a package beside {@code
 * .x86} and {@code .a64} on top of {@link kawi.assembler.CodeBuffer}.
 */
@NullMarked
package kawi.assembler;

import org.jspecify.annotations.NullMarked;
