package kawi.assembler.x86;

/** Two-operand instructions on 64-bit registers, by their numbers in the opcode. */
public enum GpOp {
    ADD(0),
    OR(1),
    AND(4),
    SUB(5),
    XOR(6),
    CMP(7);

    final int code;

    GpOp(int code) {
        this.code = code;
    }
}
