package kawi.assembler.a64;

/**
 * Conditions by their numbers in the opcode. The unsigned comparisons have names of their own; after a comparison of
 * floats, {@link #MINUS}, {@link #LOWER_OR_SAME}, {@link #GREATER_OR_EQUAL} and {@link #GREATER} do not hold if one of
 * them is NaN.
 */
public enum Condition {
    EQUAL(0x0),
    NOT_EQUAL(0x1),
    HIGHER_OR_SAME(0x2),
    LOWER(0x3),
    MINUS(0x4),
    PLUS(0x5),
    OVERFLOW(0x6),
    NO_OVERFLOW(0x7),
    HIGHER(0x8),
    LOWER_OR_SAME(0x9),
    GREATER_OR_EQUAL(0xA),
    LESS(0xB),
    GREATER(0xC),
    LESS_OR_EQUAL(0xD);

    final int code;

    Condition(int code) {
        this.code = code;
    }
}
