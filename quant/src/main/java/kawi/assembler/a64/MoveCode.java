package kawi.assembler.a64;

/** Checks and encodes the vector instructions whose operands are elements, immediates, flags or general registers. */
final class MoveCode {

    private static final int Q = 1 << 30;

    private MoveCode() {}

    static void checkVector(String name, Vec vec) {
        if (vec.shape().scalar()) {
            throw new IllegalArgumentException("%s of %s: it takes a vector".formatted(name, vec));
        }
    }

    static void checkElement(String name, Element element) {
        if (element.kind() == Element.Kind.B4) {
            throw new IllegalArgumentException("%s of %s: elements are b, h, s and d".formatted(name, element));
        }
    }

    private static void checkFloat(String name, Vec vec) {
        if (vec.shape() != Shape.S && vec.shape() != Shape.D) {
            throw new IllegalArgumentException("%s of %s: it takes s and d".formatted(name, vec));
        }
    }

    private static void checkSame(String name, Vec a, Vec b) {
        if (a.shape() != b.shape()) {
            throw new IllegalArgumentException("%s of %s and %s: both have the same shape".formatted(name, a, b));
        }
    }

    /** The size of an element and its index: a one behind the index, which stands above as many zeros as the size's. */
    private static int place(Element element) {
        return (2 * element.index() + 1) * element.kind().bytes();
    }

    static int dup(Vec to, Element from) {
        checkElement("dup", from);
        Shape shape = to.shape();
        if (shape == Shape.D1
                || shape == Shape.Q
                || shape.elementBytes() != from.kind().bytes()) {
            throw new IllegalArgumentException("dup of %s into %s: both have the same size".formatted(from, to));
        }
        int op = shape.scalar() ? 0x5E00_0400 : 0x0E00_0400 | (shape.whole() ? Q : 0);
        return op | place(from) << 16 | from.number() << 5 | to.number();
    }

    static int dup(Vec to, Gp from) {
        GeneralCode.checkNotStack("dup", from);
        checkVector("dup", to);
        Shape shape = to.shape();
        if (shape == Shape.D1) {
            throw new IllegalArgumentException("dup into %s: fmov does that".formatted(to));
        }
        return 0x0E00_0C00 | (shape.whole() ? Q : 0) | shape.elementBytes() << 16 | from.number() << 5 | to.number();
    }

    static int ins(Element to, Element from) {
        checkElement("ins", to);
        checkElement("ins", from);
        if (to.kind() != from.kind()) {
            throw new IllegalArgumentException("ins of %s into %s: both have the same size".formatted(from, to));
        }
        int index = from.index() * from.kind().bytes();
        return 0x6E00_0400 | place(to) << 16 | index << 11 | from.number() << 5 | to.number();
    }

    static int ins(Element to, Gp from) {
        GeneralCode.checkNotStack("ins", from);
        checkElement("ins", to);
        return 0x4E00_1C00 | place(to) << 16 | from.number() << 5 | to.number();
    }

    static int umov(Gp to, Element from) {
        GeneralCode.checkNotStack("umov", to);
        checkElement("umov", from);
        int wide = from.kind() == Element.Kind.D ? Q : 0;
        return 0x0E00_3C00 | wide | place(from) << 16 | from.number() << 5 | to.number();
    }

    static int smov(Gp to, Element from) {
        GeneralCode.checkNotStack("smov", to);
        checkElement("smov", from);
        if (from.kind() == Element.Kind.D) {
            throw new IllegalArgumentException("smov of %s: umov does that".formatted(from));
        }
        return 0x4E00_2C00 | place(from) << 16 | from.number() << 5 | to.number();
    }

    static int movi(Vec to, long value) {
        Shape shape = to.shape();
        if ((shape.scalar() && shape != Shape.D) || shape == Shape.D1) {
            throw new IllegalArgumentException("movi of %s: it takes a vector or d".formatted(to));
        }
        int bits = 8 * shape.elementBytes();
        if (bits < 64 && (value < -(1L << (bits - 1)) || value >= 1L << bits)) {
            throw new IllegalArgumentException(
                    "movi of %s with %d: it does not fit in %d bits".formatted(to, value, bits));
        }
        int pattern = Immediates.movi(shape.elementBytes(), value);
        if (pattern == Immediates.NONE) {
            throw new IllegalArgumentException("movi of %s with 0x%x: it has no encoding".formatted(to, value));
        }
        return modified(shape.whole(), pattern) | to.number();
    }

    /** @param pattern op, cmode and abcdefgh */
    private static int modified(boolean whole, int pattern) {
        return 0x0F00_0400
                | (whole ? Q : 0)
                | (pattern >> 12) << 29
                | (pattern >> 5 & 7) << 16
                | (pattern >> 8 & 15) << 12
                | (pattern & 31) << 5;
    }

    static int fmov(Vec to, float value) {
        int pattern = Immediates.fmov(value);
        if (pattern == Immediates.NONE) {
            throw new IllegalArgumentException("fmov of %s with %s: it has no encoding".formatted(to, value));
        }
        return switch (to.shape()) {
            case S, D -> 0x1E20_1000 | VectorCode.floatType(to.shape()) << 22 | pattern << 13 | to.number();
            case S2, S4, D2 -> {
                int op = to.shape() == Shape.D2 ? 1 : 0;
                yield modified(to.shape().whole(), op << 12 | 0xF00 | pattern) | to.number();
            }
            default -> throw new IllegalArgumentException("fmov of %s: it takes 32 or 64 bits".formatted(to));
        };
    }

    static int fmov(Vec to, Vec from) {
        checkFloat("fmov", to);
        checkSame("fmov", to, from);
        return 0x1E20_4000 | VectorCode.floatType(to.shape()) << 22 | from.number() << 5 | to.number();
    }

    static int fmov(Vec to, Gp from) {
        return general("fmov", 7, from, to) | from.number() << 5 | to.number();
    }

    static int fmov(Gp to, Vec from) {
        return general("fmov", 6, to, from) | from.number() << 5 | to.number();
    }

    /** A move or conversion between a scalar and a register, of 32 or 64 bits both. */
    private static int general(String name, int opcode, Gp general, Vec scalar) {
        GeneralCode.checkNotStack(name, general);
        checkFloat(name, scalar);
        int wide = scalar.shape() == Shape.D ? 1 : 0;
        return 0x1E20_0000 | wide << 31 | wide << 22 | opcode << 16;
    }

    static int toGeneral(VectorOp op, Gp to, Vec from) {
        int opcode = switch (op) {
            case FCVTNS -> 0;
            case FCVTAS -> 4;
            case FCVTPS -> 1 << 3;
            case FCVTMS -> 2 << 3;
            case FCVTZS -> 3 << 3;
            default -> throw new IllegalArgumentException(op + " does not write a general register");
        };
        return general(op.name(), opcode, to, from) | from.number() << 5 | to.number();
    }

    static int fromGeneral(VectorOp op, Vec to, Gp from) {
        int opcode = switch (op) {
            case SCVTF -> 2;
            case UCVTF -> 3;
            default -> throw new IllegalArgumentException(op + " does not read a general register");
        };
        return general(op.name(), opcode, from, to) | from.number() << 5 | to.number();
    }

    static int fcmp(Vec a, Vec b) {
        checkFloat("fcmp", a);
        checkSame("fcmp", a, b);
        return 0x1E20_2000 | VectorCode.floatType(a.shape()) << 22 | b.number() << 16 | a.number() << 5;
    }

    static int fcmpZero(Vec a) {
        checkFloat("fcmp", a);
        return 0x1E20_2008 | VectorCode.floatType(a.shape()) << 22 | a.number() << 5;
    }

    static int fcsel(Vec to, Vec a, Vec b, Condition condition) {
        checkFloat("fcsel", to);
        checkSame("fcsel", to, a);
        checkSame("fcsel", to, b);
        return 0x1E20_0C00
                | VectorCode.floatType(to.shape()) << 22
                | b.number() << 16
                | condition.code << 12
                | a.number() << 5
                | to.number();
    }

    /** @param keep 1 for {@code tbx} */
    static int table(int keep, Vec to, Vec table, int registers, Vec index) {
        String name = keep == 0 ? "tbl" : "tbx";
        checkSame(name, to, index);
        if ((to.shape() != Shape.B8 && to.shape() != Shape.B16) || table.shape() != Shape.B16) {
            throw new IllegalArgumentException(
                    "%s of %s and %s: it takes 8b or 16b, and a table of 16b".formatted(name, to, table));
        }
        if (registers < 1 || registers > 4) {
            throw new IllegalArgumentException("%s of %d registers: there are 1 to 4".formatted(name, registers));
        }
        return 0x0E00_0000
                | (to.shape().whole() ? Q : 0)
                | index.number() << 16
                | (registers - 1) << 13
                | keep << 12
                | table.number() << 5
                | to.number();
    }
}
