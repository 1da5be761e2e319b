/**
 * The machine code of the assembled tier for AArch64, with vectors of 128 bits. Each class {@code ...Code} emits one
 * kernel by means of {@link kawi.kernels.assembled.a64.A64Code}. {@link kawi.kernels.assembled.a64.A64Isa} lists the
 * instruction sets. {@link kawi.kernels.assembled.a64.A64Emitter} is the interface to the rest of the tier.
 *
 * <p>This package contains emitters only: code that fills in arguments or divides work belongs to the parent package.
 *
 * <p>To add a kernel, write a class {@code ...Code} and a method of the emitter. To add an instruction set, add a
 * constant of {@code A64Isa} and the instructions it needs to {@link kawi.assembler.a64}.
 */
@NullMarked
package kawi.kernels.assembled.a64;

import org.jspecify.annotations.NullMarked;
