package kawi.kernels.assembled.a64;

import java.util.Locale;

/** The instruction sets that the assembled tier supports, best first. All compute identical bits. */
public enum A64Isa {
    /** ARMv8.0 with SDOT and SMMLA. */
    I8MM,
    /** ARMv8.0 with SDOT. */
    DOTPROD,
    /** ARMv8.0. */
    NEON;

    /** Whether one instruction multiplies bytes and adds the products to 32-bit sums. */
    boolean dotprod() {
        return this != NEON;
    }

    /** Whether one instruction multiplies matrices of two rows of eight bytes. */
    boolean i8mm() {
        return this == I8MM;
    }

    /** Floats per vector register. */
    public int lanes() {
        return 4;
    }

    /** The name of the instruction set. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
