package kawi.assembler.a64;

/** How the second register of an instruction is shifted. */
public enum Shift {
    LSL(0),
    LSR(1),
    ASR(2);

    final int code;

    Shift(int code) {
        this.code = code;
    }
}
