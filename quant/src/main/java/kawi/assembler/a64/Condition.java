package kawi.assembler.a64;

/**
 * Conditions by their numbers in the opcode. The unsigned comparisons have names of their own; after a comparison of
 * floats, {@link #MINUS}, {@link #LOWER_OR_SAME}, {@link #GREATER_OR_EQUAL} and {@link #GREATER} do not hold if one of
 * them is NaN.
 */
public enum Condition {
    EQUAL(0x0, "eq"),
    NOT_EQUAL(0x1, "ne"),
    HIGHER_OR_SAME(0x2, "hs"),
    LOWER(0x3, "lo"),
    MINUS(0x4, "mi"),
    PLUS(0x5, "pl"),
    OVERFLOW(0x6, "vs"),
    NO_OVERFLOW(0x7, "vc"),
    HIGHER(0x8, "hi"),
    LOWER_OR_SAME(0x9, "ls"),
    GREATER_OR_EQUAL(0xA, "ge"),
    LESS(0xB, "lt"),
    GREATER(0xC, "gt"),
    LESS_OR_EQUAL(0xD, "le");

    final int code;
    final String text;

    Condition(int code, String text) {
        this.code = code;
        this.text = text;
    }
}
