package kawi.assembler.a64;

import static kawi.assembler.a64.GpOp.Form.ARITHMETIC;
import static kawi.assembler.a64.GpOp.Form.LOGICAL;
import static kawi.assembler.a64.GpOp.Form.TWO_SOURCES;

/** The 64-bit instructions with two sources; those that end in S set the flags. */
public enum GpOp {
    ADD(ARITHMETIC, 0x8B000000, 0x91000000),
    ADDS(ARITHMETIC, 0xAB000000, 0xB1000000),
    SUB(ARITHMETIC, 0xCB000000, 0xD1000000),
    SUBS(ARITHMETIC, 0xEB000000, 0xF1000000),
    AND(LOGICAL, 0x8A000000, 0x92000000),
    ORR(LOGICAL, 0xAA000000, 0xB2000000),
    EOR(LOGICAL, 0xCA000000, 0xD2000000),
    ANDS(LOGICAL, 0xEA000000, 0xF2000000),
    BIC(LOGICAL, 0x8A200000, 0),
    ORN(LOGICAL, 0xAA200000, 0),
    EON(LOGICAL, 0xCA200000, 0),
    MUL(TWO_SOURCES, 0x9B007C00, 0),
    UDIV(TWO_SOURCES, 0x9AC00800, 0),
    SDIV(TWO_SOURCES, 0x9AC00C00, 0),
    LSLV(TWO_SOURCES, 0x9AC02000, 0),
    LSRV(TWO_SOURCES, 0x9AC02400, 0),
    ASRV(TWO_SOURCES, 0x9AC02800, 0);

    /** Which operands there are. */
    enum Form {
        /** The second source is a register, shifted or not, or an immediate of 12 bits. */
        ARITHMETIC,
        /** The second source is a register, shifted or not, or a repeated pattern of ones. */
        LOGICAL,
        /** The sources are registers. */
        TWO_SOURCES
    }

    final Form form;
    final int withRegister;

    /** 0 if there is none. */
    final int withImmediate;

    GpOp(Form form, int withRegister, int withImmediate) {
        this.form = form;
        this.withRegister = withRegister;
        this.withImmediate = withImmediate;
    }

    boolean setsFlags() {
        return this == ADDS || this == SUBS || this == ANDS;
    }

    /** The instruction that adds what this one subtracts, and the other way round. */
    GpOp opposite() {
        return switch (this) {
            case ADD -> SUB;
            case SUB -> ADD;
            case ADDS -> SUBS;
            case SUBS -> ADDS;
            default -> throw new IllegalStateException(this + " has no opposite");
        };
    }
}
