package kawi.assembler.a64;

import kawi.assembler.a64.GpOp.Form;

/** Checks and encodes the instructions between general-purpose registers. */
final class GeneralCode {

    /** {@code uxtx} instead of a shift: the form of addition and subtraction in which number 31 is SP. */
    private static final int EXTENDED = 0x0020_6000;

    private GeneralCode() {}

    static void checkNotStack(String name, Gp register) {
        if (register == Gp.SP) {
            throw new IllegalArgumentException(name + " with SP: number 31 is ZR there");
        }
    }

    private static void checkNotZero(String name, Gp register) {
        if (register == Gp.ZR) {
            throw new IllegalArgumentException(name + " with ZR: number 31 is SP there");
        }
    }

    static void checkCount(String name, int count) {
        if (count < 0 || count > 63) {
            throw new IllegalArgumentException("%s by %d: there are 0 to 63".formatted(name, count));
        }
    }

    private static int word(int op, Gp to, Gp a, Gp b) {
        return op | b.number() << 16 | a.number() << 5 | to.number();
    }

    /** {@code op to, a, b} */
    static int registers(GpOp op, Gp to, Gp a, Gp b) {
        boolean stack = to == Gp.SP || a == Gp.SP;
        if (stack && op.form == Form.ARITHMETIC) {
            checkNotStack(op.name(), b);
            checkNotZero(op.name(), a);
            if (op.setsFlags()) {
                checkNotStack(op.name(), to);
            } else {
                checkNotZero(op.name(), to);
            }
            return word(op.withRegister | EXTENDED, to, a, b);
        }
        checkNotStack(op.name(), to);
        checkNotStack(op.name(), a);
        checkNotStack(op.name(), b);
        return word(op.withRegister, to, a, b);
    }

    /** {@code op to, a, b, shift count} */
    static int shifted(GpOp op, Gp to, Gp a, Gp b, Shift shift, int count) {
        if (op.form == Form.TWO_SOURCES) {
            throw new IllegalArgumentException(op + " does not shift its second source");
        }
        checkNotStack(op.name(), to);
        checkNotStack(op.name(), a);
        checkNotStack(op.name(), b);
        checkCount(op.name(), count);
        return word(op.withRegister, to, a, b) | shift.code << 22 | count << 10;
    }

    /** Whether an addition or subtraction takes two instructions. */
    static boolean needsTwo(long value) {
        return value > 4095 && value < 1 << 24 && (value & 4095) != 0;
    }

    /** {@code op to, a, value} */
    static int immediate(GpOp op, Gp to, Gp a, long value) {
        if (op.withImmediate == 0) {
            throw new IllegalArgumentException("%s of %s and %d: it takes registers".formatted(op, a, value));
        }
        int word = op.withImmediate | a.number() << 5 | to.number();
        if (op.setsFlags()) {
            checkNotStack(op.name(), to);
        } else {
            checkNotZero(op.name(), to);
        }
        if (op.form == Form.LOGICAL) {
            checkNotStack(op.name(), a);
            int pattern = Immediates.logical(value);
            if (pattern == Immediates.NONE) {
                throw new IllegalArgumentException(
                        "%s with 0x%x: it is not a repeated pattern of ones".formatted(op, value));
            }
            return word | pattern << 10;
        }
        checkNotZero(op.name(), a);
        if (value >= 0 && value <= 4095) {
            return word | (int) value << 10;
        }
        if (value > 0 && value < 1 << 24 && (value & 4095) == 0) {
            return word | 1 << 22 | (int) value >> 12 << 10;
        }
        throw new IllegalArgumentException(
                "%s with %d: there are 0 to 4095, and multiples of 4096 below 2^24".formatted(op, value));
    }

    static int threeSources(String name, int op, Gp to, Gp a, Gp b, Gp c) {
        checkNotStack(name, to);
        checkNotStack(name, a);
        checkNotStack(name, b);
        checkNotStack(name, c);
        return word(op, to, a, b) | c.number() << 10;
    }

    static int bitField(String name, int op, Gp to, Gp from, int immr, int imms) {
        checkNotStack(name, to);
        checkNotStack(name, from);
        return word(op, to, from, Gp.X0) | immr << 16 | imms << 10;
    }

    static int select(int op, Gp to, Gp a, Gp b, int condition) {
        checkNotStack("csel", to);
        checkNotStack("csel", a);
        checkNotStack("csel", b);
        return word(op, to, a, b) | condition << 12;
    }

    static int testBit(String name, int op, Gp register, int bit) {
        checkNotStack(name, register);
        if (bit < 0 || bit > 63) {
            throw new IllegalArgumentException("%s of bit %d: there are 0 to 63".formatted(name, bit));
        }
        return op | (bit >> 5) << 31 | (bit & 31) << 19 | register.number();
    }
}
