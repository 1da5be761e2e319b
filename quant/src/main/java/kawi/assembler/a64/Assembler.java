package kawi.assembler.a64;

/**
 * Encodes AArch64 instructions; {@link #finish()} returns position-independent code.
 *
 * <p>Every instruction is one word of 32 bits. The vector instructions are {@link VectorOp}s with their operands in the
 * order of the manual; those that move between registers, or between registers and memory, are methods. A distance to a
 * label is filled in at the end, in the field that {@link Reach} describes.
 *
 * <p>General-purpose registers are those of 64 bits (X), also where an instruction uses the lower half only. Where an
 * instruction connects one with a vector register, the width is that of the vector's element: W for up to 32 bits.
 *
 * <p>Source: Arm Architecture Reference Manual for A-profile architecture, chapter C4, A64 instruction set encoding.
 */
public final class Assembler extends GeneralAssembler {

    private static final int VECTOR = 1 << 26;
    private static final int Q = 1 << 30;

    // ---- vector instructions

    /** {@code op to, a} */
    public void op(VectorOp op, Vec to, Vec a) {
        code.putInt(VectorCode.registers(op, to, a, null, null));
    }

    /** {@code op to, a, b} */
    public void op(VectorOp op, Vec to, Vec a, Vec b) {
        code.putInt(VectorCode.registers(op, to, a, b, null));
    }

    /** {@code op to, a, b, c}: {@code fmadd} and its relatives. */
    public void op(VectorOp op, Vec to, Vec a, Vec b, Vec c) {
        code.putInt(VectorCode.registers(op, to, a, b, c));
    }

    /** {@code op to, a, b[index]} */
    public void op(VectorOp op, Vec to, Vec a, Element b) {
        code.putInt(VectorCode.element(op, to, a, b));
    }

    /** {@code op to, a, count}: a shift. */
    public void op(VectorOp op, Vec to, Vec a, int count) {
        code.putInt(VectorCode.shift(op, to, a, count));
    }

    /** {@code ext to, a, b, index} */
    public void op(VectorOp op, Vec to, Vec a, Vec b, int index) {
        code.putInt(VectorCode.extract(op, to, a, b, index));
    }

    /** {@code fcvtns}, {@code fcvtms}, {@code fcvtps}, {@code fcvtzs} and {@code fcvtas} of a scalar. */
    public void op(VectorOp op, Gp to, Vec from) {
        code.putInt(MoveCode.toGeneral(op, to, from));
    }

    /** {@code scvtf} and {@code ucvtf} into a scalar. */
    public void op(VectorOp op, Vec to, Gp from) {
        code.putInt(MoveCode.fromGeneral(op, to, from));
    }

    /** {@code mov to, from}: all 128 bits. */
    public void mov(Vec to, Vec from) {
        op(VectorOp.ORR, to.b16(), from.b16(), from.b16());
    }

    /** {@code dup to, from[index]}: an element into all lanes, or into a scalar. */
    public void dup(Vec to, Element from) {
        code.putInt(MoveCode.dup(to, from));
    }

    /** {@code dup to, from}: the low bits of a register into all lanes. */
    public void dup(Vec to, Gp from) {
        code.putInt(MoveCode.dup(to, from));
    }

    /** {@code ins to[index], from[index]} */
    public void ins(Element to, Element from) {
        code.putInt(MoveCode.ins(to, from));
    }

    /** {@code ins to[index], from} */
    public void ins(Element to, Gp from) {
        code.putInt(MoveCode.ins(to, from));
    }

    /** {@code umov to, from[index]}: the other bits become zero. */
    public void umov(Gp to, Element from) {
        code.putInt(MoveCode.umov(to, from));
    }

    /** {@code smov to, from[index]}: sign-extended to 64 bits. */
    public void smov(Gp to, Element from) {
        code.putInt(MoveCode.smov(to, from));
    }

    /** {@code movi} or {@code mvni}: the value into all elements of a vector, or into a scalar of 64 bits. */
    public void movi(Vec to, long value) {
        code.putInt(MoveCode.movi(to, value));
    }

    /** Whether {@link #movi} encodes the value. */
    public static boolean encodesMovi(Vec to, long value) {
        return Immediates.movi(to.shape().elementBytes(), value) != Immediates.NONE;
    }

    /** {@code fmov to, value}: into all elements of a vector, or into a scalar. */
    public void fmov(Vec to, float value) {
        code.putInt(MoveCode.fmov(to, value));
    }

    /** Whether {@link #fmov(Vec, float)} encodes the value. */
    public static boolean encodesFmov(float value) {
        return Immediates.fmov(value) != Immediates.NONE;
    }

    /** {@code fmov to, from} of scalars: the other bits become zero. */
    public void fmov(Vec to, Vec from) {
        code.putInt(MoveCode.fmov(to, from));
    }

    /** {@code fmov to, from}: the bits of a register into a scalar. */
    public void fmov(Vec to, Gp from) {
        code.putInt(MoveCode.fmov(to, from));
    }

    /** {@code fmov to, from}: the bits of a scalar, the others become zero. */
    public void fmov(Gp to, Vec from) {
        code.putInt(MoveCode.fmov(to, from));
    }

    /** {@code fcmp a, b} */
    public void fcmp(Vec a, Vec b) {
        code.putInt(MoveCode.fcmp(a, b));
    }

    /** {@code fcmp a, #0.0} */
    public void fcmpZero(Vec a) {
        code.putInt(MoveCode.fcmpZero(a));
    }

    /** {@code fcsel to, a, b, condition}: a if it holds. */
    public void fcsel(Vec to, Vec a, Vec b, Condition condition) {
        code.putInt(MoveCode.fcsel(to, a, b, condition));
    }

    /** {@code tbl to, {table, ...}, index}: 1 to 4 registers of a table from a first one on; 0 for an index beyond. */
    public void tbl(Vec to, Vec table, int registers, Vec index) {
        code.putInt(MoveCode.table(0, to, table, registers, index));
    }

    /** {@code tbx to, {table, ...}, index}: the same, but keeps the byte for an index beyond. */
    public void tbx(Vec to, Vec table, int registers, Vec index) {
        code.putInt(MoveCode.table(1, to, table, registers, index));
    }

    // ---- vectors and memory

    /** {@code ldr to, [from]} of a scalar or of all 64 or 128 bits of a vector; the other bits become zero. */
    public void ldr(Vec to, Mem from) {
        single("ldr", 1, to, from);
    }

    /** {@code str from, [to]} of a scalar or of all 64 or 128 bits of a vector. */
    public void str(Vec from, Mem to) {
        single("str", 0, from, to);
    }

    private void single(String name, int load, Vec vec, Mem mem) {
        int bytes = vec.shape().bytes();
        int size = bytes == 16 ? 0 : Integer.numberOfTrailingZeros(bytes);
        int word = size << 30 | 0x3800_0000 | VECTOR | ((bytes == 16 ? 2 : 0) | load) << 22;
        int literal = load == 0 || bytes < 4 ? 0 : (Integer.numberOfTrailingZeros(bytes) - 2) << 30 | 0x1C00_0000;
        memory.single(name + " " + vec, word, bytes, literal, vec.number(), mem);
    }

    /** {@code ldp a, b, [from]} of two registers of 32, 64 or 128 bits. */
    public void ldp(Vec a, Vec b, Mem from) {
        if (a.number() == b.number()) {
            throw new IllegalArgumentException("ldp of %s twice".formatted(a));
        }
        pair("ldp", 1, a, b, from);
    }

    /** {@code stp a, b, [to]} of two registers of 32, 64 or 128 bits. */
    public void stp(Vec a, Vec b, Mem to) {
        pair("stp", 0, a, b, to);
    }

    private void pair(String name, int load, Vec a, Vec b, Mem mem) {
        int bytes = a.shape().bytes();
        if (bytes != b.shape().bytes() || bytes < 4) {
            throw new IllegalArgumentException("%s of %s and %s: both have 32, 64 or 128 bits".formatted(name, a, b));
        }
        int opc = Integer.numberOfTrailingZeros(bytes) - 2;
        int word = opc << 30 | 0x2800_0000 | VECTOR | load << 22;
        memory.pair(name + " " + a, word, bytes, a.number(), b.number(), mem);
    }

    /** {@code ld1 {first, ...}, [from]}: 1 to 4 registers from a first one on (after 31 comes 0). */
    public void ld1(Vec first, int registers, Mem from) {
        structures("ld1", 1, first, registers, contiguous("ld1", registers), from);
    }

    /** {@code st1 {first, ...}, [to]} */
    public void st1(Vec first, int registers, Mem to) {
        structures("st1", 0, first, registers, contiguous("st1", registers), to);
    }

    private static int contiguous(String name, int registers) {
        return switch (registers) {
            case 1 -> 7;
            case 2 -> 10;
            case 3 -> 6;
            case 4 -> 2;
            default ->
                throw new IllegalArgumentException("%s of %d registers: there are 1 to 4".formatted(name, registers));
        };
    }

    /** {@code ld2 {first, next}, [from]}: elements of even index into one register, the others into the next. */
    public void ld2(Vec first, Mem from) {
        interleaved("ld2", 1, first, 2, 8, from);
    }

    /** {@code ld3 {first, ...}, [from]} */
    public void ld3(Vec first, Mem from) {
        interleaved("ld3", 1, first, 3, 4, from);
    }

    /** {@code ld4 {first, ...}, [from]} */
    public void ld4(Vec first, Mem from) {
        interleaved("ld4", 1, first, 4, 0, from);
    }

    /** {@code st2 {first, next}, [to]} */
    public void st2(Vec first, Mem to) {
        interleaved("st2", 0, first, 2, 8, to);
    }

    /** {@code st3 {first, ...}, [to]} */
    public void st3(Vec first, Mem to) {
        interleaved("st3", 0, first, 3, 4, to);
    }

    /** {@code st4 {first, ...}, [to]} */
    public void st4(Vec first, Mem to) {
        interleaved("st4", 0, first, 4, 0, to);
    }

    private void interleaved(String name, int load, Vec first, int registers, int opcode, Mem mem) {
        if (first.shape() == Shape.D1) {
            throw new IllegalArgumentException(name + " of single elements of 64 bits");
        }
        structures(name, load, first, registers, opcode, mem);
    }

    private void structures(String name, int load, Vec first, int registers, int opcode, Mem mem) {
        Shape shape = first.shape();
        MoveCode.checkVector(name, first);
        int word = (shape.whole() ? Q : 0) | 0x0C00_0000 | load << 22 | opcode << 12 | shape.sizeCode() << 10;
        memory.structure(name + " " + first, word | first.number(), registers * shape.bytes(), mem);
    }

    /** {@code ld1r {to}, [from]}: one element into all lanes. */
    public void ld1r(Vec to, Mem from) {
        Shape shape = to.shape();
        MoveCode.checkVector("ld1r", to);
        int word = (shape.whole() ? Q : 0) | 0x0D40_C000 | shape.sizeCode() << 10;
        memory.structure("ld1r " + to, word | to.number(), shape.elementBytes(), from);
    }

    /** {@code ld4r {first, ...}, [from]}: four adjacent elements, each into all lanes of its register. */
    public void ld4r(Vec first, Mem from) {
        Shape shape = first.shape();
        MoveCode.checkVector("ld4r", first);
        int word = (shape.whole() ? Q : 0) | 0x0D60_E000 | shape.sizeCode() << 10;
        memory.structure("ld4r " + first, word | first.number(), 4 * shape.elementBytes(), from);
    }

    /** {@code ld1 {to}[index], [from]}: keeps the other elements. */
    public void ld1(Element to, Mem from) {
        element("ld1", 1, to, from);
    }

    /** {@code st1 {from}[index], [to]} */
    public void st1(Element from, Mem to) {
        element("st1", 0, from, to);
    }

    private void element(String name, int load, Element element, Mem mem) {
        MoveCode.checkElement(name, element);
        int bytes = element.kind().bytes();
        int index = element.index() * bytes;
        int opcode = bytes == 1 ? 0 : bytes == 2 ? 2 : 4;
        // The index is in Q, S and size; the lowest bit of size says 64 bits.
        int place = (index >> 3) << 30 | (index & 7) << 10 | (bytes == 8 ? 1 << 10 : 0);
        int word = 0x0D00_0000 | load << 22 | opcode << 13 | place;
        memory.structure(name + " " + element, word | element.number(), bytes, mem);
    }
}
