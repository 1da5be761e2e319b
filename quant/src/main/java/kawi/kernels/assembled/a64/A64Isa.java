package kawi.kernels.assembled.a64;

import java.util.Locale;
import kawi.kernels.assembled.Emitter;
import kawi.kernels.assembled.InstructionSet;

/** The AArch64 instruction sets that the assembled tier supports, best first. All have vectors of 128 bits. */
public enum A64Isa implements InstructionSet {
    /** The products of matrices of bytes (SMMLA) beside the dot product. */
    I8MM,
    /** The dot product of bytes (SDOT). */
    DOTPROD,
    /** The baseline, ARMv8.0 with Advanced SIMD. */
    NEON;

    /** Whether one instruction multiplies bytes and adds the products to 32-bit sums. */
    boolean dotprod() {
        return this != NEON;
    }

    /** Whether one instruction multiplies two matrices of 2 x 8 bytes. */
    boolean i8mm() {
        return this == I8MM;
    }

    /** Floats per vector register. */
    int lanes() {
        return A64Code.LANES;
    }

    boolean runsOn(A64Cpu cpu) {
        return switch (this) {
            case I8MM -> cpu.dotprod() && cpu.i8mm();
            case DOTPROD -> cpu.dotprod();
            case NEON -> true;
        };
    }

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Emitter emitter() {
        return new A64Emitter(this);
    }
}
