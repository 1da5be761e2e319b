package kawi.assembler.x86;

import kawi.assembler.Label;
import org.jspecify.annotations.Nullable;

/**
 * An operand in memory: {@code [base + index * scale + displacement]}, or the bytes at a label of the same code.
 *
 * @param scale 1, 2, 4 or 8
 * @param broadcast whether one element is read and repeated in all lanes (AVX-512)
 */
public record Mem(
        @Nullable Gp base,
        @Nullable Gp index,
        int scale,
        int displacement,
        @Nullable Label label,
        boolean broadcast) implements VecOrMem {

    public Mem {
        if ((base == null) == (label == null)) {
            throw new IllegalArgumentException("a memory operand has either a base register or a label");
        }
        if (index == Gp.RSP || (index != null && label != null)) {
            throw new IllegalArgumentException("index " + index + " cannot be encoded here");
        }
        if (scale != 1 && scale != 2 && scale != 4 && scale != 8) {
            throw new IllegalArgumentException("scale " + scale + ": there are 1, 2, 4 and 8");
        }
        if (index == null && scale != 1) {
            throw new IllegalArgumentException("scale " + scale + " without an index");
        }
    }

    /** {@code [base]} */
    public static Mem at(Gp base) {
        return at(base, 0);
    }

    /** {@code [base + displacement]} */
    public static Mem at(Gp base, int displacement) {
        return new Mem(base, null, 1, displacement, null, false);
    }

    /** {@code [base + index * scale + displacement]} */
    public static Mem at(Gp base, Gp index, int scale, int displacement) {
        return new Mem(base, index, scale, displacement, null, false);
    }

    /** The bytes at {@code label}. */
    public static Mem at(Label label) {
        return new Mem(null, null, 1, 0, label, false);
    }

    /** The same operand, {@code bytes} further on. */
    public Mem plus(int bytes) {
        return new Mem(base, index, scale, Math.addExact(displacement, bytes), label, broadcast);
    }

    /** The element at this address, repeated in all lanes. */
    public Mem toAll() {
        return new Mem(base, index, scale, displacement, label, true);
    }
}
