package kawi.assembler.x86;

/** Conditions of a jump, by their numbers in the opcode; unsigned and signed comparisons have names of their own. */
public enum Condition {
    BELOW(0x2),
    ABOVE_OR_EQUAL(0x3),
    EQUAL(0x4),
    NOT_EQUAL(0x5),
    BELOW_OR_EQUAL(0x6),
    ABOVE(0x7),
    LESS(0xC),
    GREATER_OR_EQUAL(0xD),
    LESS_OR_EQUAL(0xE),
    GREATER(0xF);

    final int code;

    Condition(int code) {
        this.code = code;
    }
}
