package kawi.assembler.a64;

import kawi.assembler.Label;
import org.jspecify.annotations.Nullable;

/**
 * An operand in memory: {@code [base, offset]}, {@code [base, index, lsl]}, the bytes at a label of the same code; or
 * {@code [base]} with a base that is changed before or after the access.
 *
 * @param index a register that is added to the base; of {@link Mode#POST} the amount that is added afterwards
 * @param scale what the index is multiplied by: 1 or the number of bytes that the instruction reads
 * @param offset in bytes
 */
public record Mem(
        @Nullable Gp base,
        @Nullable Gp index,
        int scale,
        int offset,
        Mode mode,
        @Nullable Label label) {

    /** When the offset is added. */
    public enum Mode {
        /** For this access. */
        OFFSET,
        /** To the base register, before the access. */
        PRE,
        /** To the base register, after the access. */
        POST
    }

    public Mem {
        if ((base == null) == (label == null)) {
            throw new IllegalArgumentException("a memory operand has either a base register or a label");
        }
        if (base == Gp.ZR) {
            throw new IllegalArgumentException("base ZR cannot be encoded, number 31 is SP there");
        }
        if (index != null && (index == Gp.SP || index == Gp.ZR)) {
            throw new IllegalArgumentException("index " + index + " cannot be encoded here");
        }
        if (index != null && (label != null || offset != 0 || mode == Mode.PRE)) {
            throw new IllegalArgumentException("an index with a label, an offset or a base changed before the access");
        }
        if (scale != 1 && (index == null || mode != Mode.OFFSET)) {
            throw new IllegalArgumentException("scale " + scale + " without an index");
        }
        if (Integer.bitCount(scale) != 1 || scale < 1 || scale > 16) {
            throw new IllegalArgumentException("scale " + scale + ": there are 1, 2, 4, 8 and 16");
        }
        if (label != null && mode != Mode.OFFSET) {
            throw new IllegalArgumentException("a label is not changed by an access");
        }
    }

    /** {@code [base]} */
    public static Mem at(Gp base) {
        return at(base, 0);
    }

    /** {@code [base, offset]} */
    public static Mem at(Gp base, int offset) {
        return new Mem(base, null, 1, offset, Mode.OFFSET, null);
    }

    /** {@code [base, index]} */
    public static Mem at(Gp base, Gp index) {
        return at(base, index, 1);
    }

    /** {@code [base, index, lsl log2(scale)]}; the scale is 1 or the number of bytes that the instruction reads. */
    public static Mem at(Gp base, Gp index, int scale) {
        return new Mem(base, index, scale, 0, Mode.OFFSET, null);
    }

    /** {@code [base, offset]!}: adds the offset to the base, then accesses it. */
    public static Mem pre(Gp base, int offset) {
        return new Mem(base, null, 1, offset, Mode.PRE, null);
    }

    /** {@code [base], offset}: accesses the base, then adds the offset to it. */
    public static Mem post(Gp base, int offset) {
        return new Mem(base, null, 1, offset, Mode.POST, null);
    }

    /** {@code [base], amount}: the same with an amount in a register, for {@code ld1} and its relatives. */
    public static Mem post(Gp base, Gp amount) {
        return new Mem(base, amount, 1, 0, Mode.POST, null);
    }

    /** The bytes at {@code label}. */
    public static Mem at(Label label) {
        return new Mem(null, null, 1, 0, Mode.OFFSET, label);
    }

    /** The same operand, {@code bytes} further on. */
    public Mem plus(int bytes) {
        if (mode != Mode.OFFSET) {
            throw new IllegalStateException("there is no operand beyond " + this + ", which changes its base");
        }
        return new Mem(base, index, scale, Math.addExact(offset, bytes), mode, label);
    }
}
