/**
 * The machine code of the assembled tier for x86-64, with AVX2 or AVX-512. Each class {@code ...Code} emits one kernel
 * by means of {@link kawi.kernels.assembled.x86.KernelCode}, which hides the width of the registers. {@link
 * kawi.kernels.assembled.x86.X86Isa} lists the instruction sets. {@link kawi.kernels.assembled.x86.X86Emitter} is the
 * interface to the rest of the tier.
 *
 * <p>This package contains emitters only: code that fills in arguments or divides work belongs to the parent package.
 *
 * <p>To add a kernel, write a class {@code ...Code} and a method of the emitter. To add an instruction set, add a
 * constant of {@code X86Isa} and the instructions it needs to {@link kawi.assembler.x86}.
 */
@NullMarked
package kawi.kernels.assembled.x86;

import org.jspecify.annotations.NullMarked;
