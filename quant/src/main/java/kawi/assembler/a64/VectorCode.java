package kawi.assembler.a64;

import kawi.assembler.a64.VectorOp.Form;
import kawi.assembler.a64.VectorOp.Size;
import org.jspecify.annotations.Nullable;

/**
 * Checks the operands of a {@link VectorOp} and encodes it.
 *
 * <pre>
 *    vectors      0 Q U 01110 size 1 Rm opcode Rn Rd          three registers; others are similar
 *    an element   0 Q U 01111 size L M Rm opcode H 0 Rn Rd    the index is in H, L and M
 *    a shift      0 Q U 011110 immh immb opcode 1 Rn Rd       the number of bits and the count are in immh and immb
 * </pre>
 *
 * <p>One shape of each instruction, the key, determines the others: that of the narrower operands.
 */
final class VectorCode {

    private static final int Q = 1 << 30;

    private VectorCode() {}

    /** {@code op to, a} and {@code op to, a, b} and {@code op to, a, b, c}. */
    static int registers(VectorOp op, Vec to, Vec a, @Nullable Vec b, @Nullable Vec c) {
        Shape key = key(op, to, a, b);
        checkKey(op, key);
        checkCount(op, b, c);
        if (op.form == Form.SCALAR_CONVERSION) {
            return conversion(op, to, a);
        }
        checkShape(op, to, toShape(op, key));
        checkShape(op, a, firstShape(op, key));
        int word = base(op, key) | a.number() << 5 | to.number();
        if (b != null) {
            checkShape(op, b, secondShape(op, key));
            word |= b.number() << 16;
        }
        if (c != null) {
            checkShape(op, c, key);
            word |= c.number() << 10;
        }
        return word;
    }

    /** {@code op to, a, b[index]} */
    static int element(VectorOp op, Vec to, Vec a, Element b) {
        if (op.element == 0) {
            throw new IllegalArgumentException("%s of %s: it takes no element".formatted(op, b));
        }
        Shape key = key(op, to, a, null);
        if (!takesElement(op, key)) {
            throw new IllegalArgumentException("%s of %s with %s: there is none for these".formatted(op, to, b));
        }
        checkShape(op, to, toShape(op, key));
        checkShape(op, a, firstShape(op, key));
        boolean kind = op.form == Form.DOT
                ? b.kind() == Element.Kind.B4
                : b.kind() != Element.Kind.B4 && b.kind().bytes() == key.elementBytes();
        if (!kind) {
            throw new IllegalArgumentException("%s of %s with %s: that one has another size".formatted(op, to, b));
        }
        int index = switch (b.kind()) {
            case H -> halfIndex(op, b);
            case D -> b.index() << 11;
            default -> (b.index() >> 1) << 11 | (b.index() & 1) << 21;
        };
        int scalar = key.scalar() ? 0x5000_0000 : key.whole() ? Q : 0;
        int size = op.form == Form.DOT ? 0 : sizeBits(op, key);
        return op.element | scalar | size | index | b.number() << 16 | a.number() << 5 | to.number();
    }

    private static int halfIndex(VectorOp op, Element b) {
        if (b.number() > 15) {
            throw new IllegalArgumentException("%s with %s: elements of 16 bits are in v0 to v15".formatted(op, b));
        }
        return (b.index() >> 2) << 11 | (b.index() >> 1 & 1) << 21 | (b.index() & 1) << 20;
    }

    /** Of integers there are elements of 16 and 32 bits, of floats scalars even where none is with registers. */
    private static boolean takesElement(VectorOp op, Shape key) {
        if (op.size == Size.FLOAT) {
            return op.accepts(key) || key == Shape.S || key == Shape.D;
        }
        return op.accepts(key) && (op.form == Form.DOT || key.elementBytes() >= 2);
    }

    /** {@code op to, a, count} of a shift. */
    static int shift(VectorOp op, Vec to, Vec a, int count) {
        Shape key = switch (op.form) {
            case SHIFT_LEFT, SHIFT_RIGHT, SHIFT_NARROW -> to.shape();
            case SHIFT_LONG -> a.shape();
            default -> throw new IllegalArgumentException(op + " takes no count of bits");
        };
        checkKey(op, key);
        checkShape(op, to, op.form == Form.SHIFT_LONG ? wide(key) : key);
        checkShape(op, a, op.form == Form.SHIFT_NARROW ? wide(key) : key);
        int bits = 8 * key.elementBytes();
        boolean left = op.form == Form.SHIFT_LEFT || op.form == Form.SHIFT_LONG;
        int least = left ? 0 : 1;
        if (count < least || count > bits - 1 + least) {
            throw new IllegalArgumentException(
                    "%s of %s by %d: there are %d to %d".formatted(op, to, count, least, bits - 1 + least));
        }
        int immediate = left ? bits + count : 2 * bits - count;
        return op.vector | (key.whole() ? Q : 0) | immediate << 16 | a.number() << 5 | to.number();
    }

    /** {@code ext to, a, b, index} */
    static int extract(VectorOp op, Vec to, Vec a, Vec b, int index) {
        if (op.form != Form.EXTRACT) {
            throw new IllegalArgumentException(op + " takes no two sources with an index");
        }
        checkKey(op, to.shape());
        checkShape(op, a, to.shape());
        checkShape(op, b, to.shape());
        if (index < 0 || index >= to.shape().lanes()) {
            throw new IllegalArgumentException("%s from byte %d: there are 0 to %d"
                    .formatted(op, index, to.shape().lanes() - 1));
        }
        return op.vector
                | (to.shape().whole() ? Q : 0)
                | b.number() << 16
                | index << 11
                | a.number() << 5
                | to.number();
    }

    private static int conversion(VectorOp op, Vec to, Vec a) {
        if (to.shape() == a.shape() || !op.accepts(to.shape())) {
            throw new IllegalArgumentException("%s from %s to %s: there are h, s and d".formatted(op, a, to));
        }
        return op.scalar | floatType(a.shape()) << 22 | floatType(to.shape()) << 15 | a.number() << 5 | to.number();
    }

    /** The type field of scalar float instructions. */
    static int floatType(Shape shape) {
        return switch (shape) {
            case H -> 3;
            case S -> 0;
            case D -> 1;
            default -> throw new IllegalArgumentException("a scalar float of shape " + shape.text());
        };
    }

    private static Shape key(VectorOp op, Vec to, Vec a, @Nullable Vec b) {
        return switch (op.form) {
            case WIDE -> b == null ? a.shape() : b.shape();
            case LONG, LENGTHEN, PAIRWISE_LONG, ACROSS, ACROSS_LONG, PAIR, SCALAR_CONVERSION -> a.shape();
            case SAME3, SAME2, NARROW, DOT, MATRIX, SCALAR4 -> to.shape();
            case SHIFT_LEFT, SHIFT_RIGHT, SHIFT_LONG, SHIFT_NARROW, EXTRACT ->
                throw new IllegalArgumentException(op + " needs an immediate");
        };
    }

    private static void checkKey(VectorOp op, Shape key) {
        if (!op.accepts(key)) {
            throw new IllegalArgumentException("%s of shape %s: there is none".formatted(op, key.text()));
        }
    }

    private static void checkCount(VectorOp op, @Nullable Vec b, @Nullable Vec c) {
        int sources = b == null ? 1 : c == null ? 2 : 3;
        int expected = switch (op.form) {
            case SAME3, LONG, WIDE, DOT, MATRIX -> 2;
            case SCALAR4 -> 3;
            default -> 1;
        };
        if (sources != expected) {
            throw new IllegalArgumentException("%s takes %d sources, got %d".formatted(op, expected, sources));
        }
    }

    private static void checkShape(VectorOp op, Vec operand, Shape expected) {
        if (operand.shape() != expected) {
            throw new IllegalArgumentException(
                    "%s with %s: that operand has shape %s here".formatted(op, operand, expected.text()));
        }
    }

    private static Shape toShape(VectorOp op, Shape key) {
        return switch (op.form) {
            case LONG, WIDE, LENGTHEN -> wide(key);
            case PAIRWISE_LONG -> Shape.vector(2 * key.elementBytes(), key.whole());
            case ACROSS, PAIR -> Shape.scalar(key.elementBytes());
            case ACROSS_LONG -> Shape.scalar(2 * key.elementBytes());
            default -> key;
        };
    }

    private static Shape firstShape(VectorOp op, Shape key) {
        return switch (op.form) {
            case WIDE, NARROW -> wide(key);
            case DOT -> Shape.vector(1, key.whole());
            case MATRIX -> Shape.B16;
            default -> key;
        };
    }

    private static Shape secondShape(VectorOp op, Shape key) {
        return switch (op.form) {
            case DOT -> Shape.vector(1, key.whole());
            case MATRIX -> Shape.B16;
            default -> key;
        };
    }

    /** 128 bits of elements twice as wide. */
    private static Shape wide(Shape key) {
        return Shape.vector(2 * key.elementBytes(), true);
    }

    private static int base(VectorOp op, Shape key) {
        if (key.scalar()) {
            return op.scalar | sizeBits(op, key);
        }
        boolean q = key.whole() && op.form != Form.PAIR;
        return op.vector | (q ? Q : 0) | sizeBits(op, key);
    }

    private static int sizeBits(VectorOp op, Shape key) {
        return switch (op.size) {
            case NONE -> 0;
            case INTEGER -> key.sizeCode() << 22;
            case FLOAT -> (key.elementBytes() == 8 ? 1 : 0) << 22;
            case HALF -> (key.elementBytes() == 4 ? 1 : 0) << 22;
        };
    }
}
