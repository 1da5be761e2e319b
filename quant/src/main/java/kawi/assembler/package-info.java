/** A small x86-64 assembler: the instructions that the kernels use, encoded as Intel's Software Developer's Manual, volume 2, defines them. */
@NullMarked
package kawi.assembler;

import org.jspecify.annotations.NullMarked;
