/**
 * What assemblers of all CPUs have in common: a buffer of code with its labels, the distances to them, and constants
 * behind the code.
 *
 * <p>Nothing here may know an instruction. To add a CPU, write its assembler in a package beside {@code .x86} on top of
 * {@link kawi.assembler.CodeBuffer}.
 */
@NullMarked
package kawi.assembler;

import org.jspecify.annotations.NullMarked;
