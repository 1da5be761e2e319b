package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.ADDP;
import static kawi.assembler.a64.VectorOp.AND;
import static kawi.assembler.a64.VectorOp.EOR;
import static kawi.assembler.a64.VectorOp.FCVTL;
import static kawi.assembler.a64.VectorOp.FCVTL2;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.SADALP;
import static kawi.assembler.a64.VectorOp.SCVTF_FIXED;
import static kawi.assembler.a64.VectorOp.SDOT;
import static kawi.assembler.a64.VectorOp.SMLAL;
import static kawi.assembler.a64.VectorOp.SMLAL2;
import static kawi.assembler.a64.VectorOp.SMULL;
import static kawi.assembler.a64.VectorOp.SMULL2;
import static kawi.assembler.a64.VectorOp.USHL;
import static kawi.assembler.a64.VectorOp.USHR;
import static kawi.assembler.a64.VectorOp.ZIP1;
import static kawi.assembler.a64.VectorOp.ZIP2;
import static kawi.kernels.assembled.a64.AttentionPageCode.FACTORS_OF;
import static kawi.kernels.assembled.a64.AttentionPageCode.ROW;
import static kawi.kernels.assembled.a64.AttentionPageCode.ROW_STEP;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Shape;
import kawi.assembler.a64.Vec;
import kawi.kernels.KvFormat;

/**
 * The innermost step of the products of {@link AttentionPageCode}: some rows of the matrix, in some columns, times the
 * factors of each head. What depends on the format of keys or values is here.
 *
 * <pre>
 *    f16, f32       sum += factor * number                   f16 is widened
 *    q8, q4 keys    sum += 4 or 8 factors * 4 or 8 numbers   bytes, whose products are added in a 32-bit lane
 *    q8, q4 values  sum += factor * number                   the number is converted to f32
 *
 *    V0 to V15      sums
 *    V16 to V19     factors, one register for each head
 *    V20 to V27     two buffers of a chunk
 *    V28 to V31     constants, temporary values
 * </pre>
 *
 * <p>A chunk is what a row has in 16 columns. It is loaded while the chunk before it, in the other buffer, is
 * multiplied, so that a core that executes in order seldom waits for a load.
 *
 * <p>q8 values: a table lookup moves each byte to the uppermost byte of a lane, which is converted as a fixed-point
 * number. q4 values: the upper two bytes of the floats come from two tables; they are interleaved with each other, then
 * with zeros.
 *
 * <p>q8 keys are made signed first. Then SDOT adds four products to a lane. Without SDOT, SMULL and SMULL2 multiply the
 * bytes of two columns each with the factors, which are repeated in all lanes; ADDP adds pairs of products in 16 bits,
 * which the sum of two products fits, and SADALP adds pairs of these to the 32-bit sums. With q4 keys, sums of four
 * products fit 16 bits. There is one buffer then, as the products need registers.
 */
final class AttentionElementCode {

    /** Vectors of a chunk. */
    static final int CHUNK = 4;

    private static final int CHUNK_COLUMNS = CHUNK * A64Code.LANES;

    private static final int FIRST_FACTORS = 16;
    private static final int FIRST_BUFFER = 20;
    private static final int FIRST_CONSTANT = 28;

    private static final int SIGN_BIT = 0x80;
    private static final int LOW_HALF = 0x0f;
    private static final int FRACTION_BITS = 24;

    private enum Kind {
        NUMBER,
        Q8_VALUE,
        Q4_VALUE,
        Q8_KEY,
        Q4_KEY
    }

    private final Assembler a;
    private final boolean dotProducts;
    private final int rows;
    private final KvFormat format;
    private final Kind kind;

    private AttentionElementCode(A64Code code, KvFormat format, int rows, Kind kind) {
        this.a = code.a;
        this.dotProducts = code.isa.dotprod();
        this.rows = rows;
        this.format = format;
        this.kind = kind;
    }

    static AttentionElementCode ofKeys(A64Code code, KvFormat format, int rows) {
        Kind kind = switch (format) {
            case F16, F32 -> Kind.NUMBER;
            case Q8 -> Kind.Q8_KEY;
            case Q4 -> Kind.Q4_KEY;
        };
        return new AttentionElementCode(code, format, rows, kind);
    }

    static AttentionElementCode ofValues(A64Code code, KvFormat format, int rows) {
        Kind kind = switch (format) {
            case F16, F32 -> Kind.NUMBER;
            case Q8 -> Kind.Q8_VALUE;
            case Q4 -> Kind.Q4_VALUE;
        };
        return new AttentionElementCode(code, format, rows, kind);
    }

    private boolean integers() {
        return kind == Kind.Q8_KEY || kind == Kind.Q4_KEY;
    }

    /** Whether products of bytes are added without SDOT. */
    private boolean widened() {
        return integers() && !dotProducts;
    }

    /** The size in bytes of some columns of a row of the matrix. */
    int bytes(int columns) {
        return integers() ? columns * Integer.BYTES : columns * format.bits() / Byte.SIZE;
    }

    /** The size in bytes of the factors of a row of the matrix. */
    int factorBytes() {
        return kind == Kind.Q4_KEY ? 2 * Integer.BYTES : Integer.BYTES;
    }

    /** The number of rows whose factors are loaded together. */
    int group() {
        return widened() ? 1 : A64Code.VECTOR_BYTES / factorBytes();
    }

    /** The number of vectors of the widest tile. */
    int maxVectors() {
        return switch (rows) {
            case 1 -> 4 * CHUNK;
            case 2 -> 2 * CHUNK;
            default -> CHUNK;
        };
    }

    /** Reduces the distance between rows by what loading a row adds to the pointer. */
    void rowStep(Gp distance, int vectors) {
        if (kind == Kind.Q4_VALUE) {
            a.op(GpOp.SUB, distance, distance, bytes(vectors * A64Code.LANES));
        }
    }

    // ---- registers

    /** A sum of a head. */
    static Vec sum(int vectors, int head, int n) {
        return v(head * vectors + n);
    }

    private static Vec factors(int head) {
        return v(FIRST_FACTORS + head);
    }

    /** The second four factors of a row of q4 keys, in the place of the first buffer, if products are widened. */
    private static Vec secondFactors(int head) {
        return v(FIRST_BUFFER + head);
    }

    /** A register of the buffer of a chunk, by the number of the chunk in a group of rows. */
    private Vec buffer(int number, int n) {
        int buffer = widened() ? (kind == Kind.Q4_KEY ? 1 : 0) : number % 2;
        return v(FIRST_BUFFER + CHUNK * buffer + n);
    }

    private static Vec constant(int n) {
        return v(FIRST_CONSTANT + n);
    }

    private static Vec lowerBytes() {
        return constant(0);
    }

    private static Vec upperBytes() {
        return constant(1);
    }

    private static Vec shifts() {
        return constant(2);
    }

    private static Vec zero() {
        return constant(3);
    }

    private static Vec mask() {
        return constant(3);
    }

    /** Loads what all tiles of a product have in common. */
    void begin() {
        switch (kind) {
            case NUMBER -> {}
            case Q8_VALUE -> {
                for (int n = 0; n < CHUNK; n++) {
                    int first = n * A64Code.LANES;
                    // An index beyond the table gives zero.
                    bytes(constant(n), i -> (i & 3) == 3 ? first + i / 4 : 255);
                }
            }
            case Q4_VALUE -> {
                bytes(lowerBytes(), c -> Float.floatToRawIntBits(2 * c - 15) >>> 16);
                bytes(upperBytes(), c -> Float.floatToRawIntBits(2 * c - 15) >>> 24);
                bytes(shifts(), i -> i < 8 ? 4 : 0);
                a.movi(zero(), 0);
            }
            case Q8_KEY -> a.movi(mask().b16(), SIGN_BIT);
            case Q4_KEY -> a.movi(mask().b16(), LOW_HALF);
        }
    }

    private void bytes(Vec to, IntUnaryOperator byIndex) {
        int[] bytes = IntStream.range(0, A64Code.VECTOR_BYTES)
                .map(byIndex)
                .map(b -> b & 0xff)
                .toArray();
        a.ldr(to.q(), a.constantBytes(bytes));
    }

    // ---- a group of rows

    /** Loads the factors of a group of rows, or of a single one, and moves on to the next. */
    void loadFactors(int count) {
        for (int head = 0; head < rows; head++) {
            Gp from = FACTORS_OF.get(head);
            if (widened()) {
                a.ld1r(factors(head), Mem.post(from, Integer.BYTES));
                if (kind == Kind.Q4_KEY) {
                    a.ld1r(secondFactors(head), Mem.post(from, Integer.BYTES));
                }
            } else {
                int bytes = count * factorBytes();
                Shape shape = bytes == Integer.BYTES ? Shape.S : bytes == Long.BYTES ? Shape.D : Shape.Q;
                a.ldr(factors(head).as(shape), Mem.post(from, bytes));
            }
        }
    }

    /** Adds the products of a group of rows, or of a single one, to all sums. */
    void multiply(int vectors, int count) {
        int chunks = vectors / CHUNK;
        int all = count * chunks;
        int ahead = widened() ? 0 : 1;
        for (int number = -ahead; number < all; number++) {
            if (number + ahead < all) {
                load(chunks, number + ahead);
            }
            if (number >= 0) {
                prepare(number);
                for (int n = 0; n < CHUNK; n++) {
                    multiply(number / chunks, buffer(number, n), n, number % chunks * CHUNK + n, vectors);
                }
            }
        }
    }

    /** Loads a chunk by its number in the group; after the last one of a row, moves on to the next row. */
    private void load(int chunks, int number) {
        Mem at = Mem.at(ROW, bytes(number % chunks * CHUNK_COLUMNS));
        switch (kind) {
            case NUMBER -> {
                if (format == KvFormat.F16) {
                    a.ldp(buffer(number, 1).q(), buffer(number, 3).q(), at);
                } else {
                    loadVectors(number, at);
                }
            }
            case Q8_VALUE -> a.ldr(buffer(number, 3).q(), at);
            case Q4_VALUE -> a.ld1r(buffer(number, 3).d2(), Mem.post(ROW, Long.BYTES));
            case Q8_KEY, Q4_KEY -> loadVectors(number, at);
        }
        if (number % chunks == chunks - 1) {
            a.op(GpOp.ADD, ROW, ROW, ROW_STEP);
        }
    }

    private void loadVectors(int number, Mem at) {
        a.ldp(buffer(number, 0).q(), buffer(number, 1).q(), at);
        a.ldp(buffer(number, 2).q(), buffer(number, 3).q(), at.plus(2 * A64Code.VECTOR_BYTES));
    }

    /** Makes a chunk the numbers that are multiplied, by its number in the group. */
    private void prepare(int number) {
        if (kind == Kind.Q8_KEY) {
            for (int n = 0; n < CHUNK; n++) {
                a.op(EOR, buffer(number, n).b16(), buffer(number, n).b16(), mask().b16());
            }
        } else if (!integers()) {
            convert(buffer(number, 0), buffer(number, 1), buffer(number, 2), buffer(number, 3));
        }
    }

    /** Adds the products of vector {@code n} of a chunk, which is vector {@code column} of the tile. */
    private void multiply(int row, Vec x, int n, int column, int vectors) {
        switch (kind) {
            case NUMBER, Q8_VALUE, Q4_VALUE -> {
                for (int head = 0; head < rows; head++) {
                    a.op(FMLA, sum(vectors, head, column), x, factors(head).s(row));
                }
            }
            case Q8_KEY -> {
                if (widened()) {
                    multiplyWidened(x, n, column, vectors);
                } else {
                    dot(vectors, column, x, row);
                }
            }
            case Q4_KEY -> {
                Vec low = constant(widened() ? 0 : n % 3);
                a.op(AND, low.b16(), x.b16(), mask().b16());
                a.op(USHR, x.b16(), x.b16(), Byte.SIZE / 2);
                if (widened()) {
                    multiplyWidened(low, x, column, vectors);
                } else {
                    dot(vectors, column, low, 2 * row);
                    dot(vectors, column, x, 2 * row + 1);
                }
            }
        }
    }

    private void dot(int vectors, int column, Vec bytes, int factor) {
        for (int head = 0; head < rows; head++) {
            a.op(SDOT, sum(vectors, head, column), bytes.b16(), factors(head).b4(factor));
        }
    }

    /**
     * Converts a chunk to floats, in place. A chunk of 16 bits per number is in two registers, {@code x1} and
     * {@code x3}, a smaller one in {@code x3}.
     */
    private void convert(Vec x0, Vec x1, Vec x2, Vec x3) {
        switch (format) {
            case F32 -> {}
            case F16 -> {
                a.op(FCVTL, x0, x1.h4());
                a.op(FCVTL2, x1, x1.h8());
                a.op(FCVTL, x2, x3.h4());
                a.op(FCVTL2, x3, x3.h8());
            }
            case Q8 -> {
                List<Vec> all = List.of(x0, x1, x2, x3);
                for (int n = 0; n < CHUNK; n++) {
                    a.tbl(all.get(n).b16(), x3.b16(), 1, constant(n).b16());
                }
                for (Vec x : all) {
                    a.op(SCVTF_FIXED, x, x, FRACTION_BITS);
                }
            }
            case Q4 -> {
                // The lower halves of the 8 bytes, then the upper halves.
                a.op(USHL, x3.b16(), x3.b16(), shifts().b16());
                a.op(USHR, x3.b16(), x3.b16(), Byte.SIZE / 2);
                a.tbl(x0.b16(), lowerBytes().b16(), 1, x3.b16());
                a.tbl(x1.b16(), upperBytes().b16(), 1, x3.b16());
                a.op(ZIP1, x2.b16(), x0.b16(), x1.b16());
                a.op(ZIP2, x3.b16(), x0.b16(), x1.b16());
                a.op(ZIP1, x0.h8(), zero().h8(), x2.h8());
                a.op(ZIP2, x1.h8(), zero().h8(), x2.h8());
                a.op(ZIP1, x2.h8(), zero().h8(), x3.h8());
                a.op(ZIP2, x3.h8(), zero().h8(), x3.h8());
            }
        }
    }

    /** The products of q8 keys. */
    private void multiplyWidened(Vec bytes, int n, int column, int vectors) {
        for (int head = 0; head < rows; head++) {
            // The second buffer is free; two pairs of registers in turn let products overlap.
            Vec low = v(FIRST_BUFFER + CHUNK + 2 * ((n + head) % 2)).h8();
            Vec high = v(low.number() + 1).h8();
            a.op(SMULL, low, bytes.b8(), factors(head).b8());
            a.op(SMULL2, high, bytes.b16(), factors(head).b16());
            a.op(ADDP, low, low, high);
            a.op(SADALP, sum(vectors, head, column), low);
        }
    }

    /** The products of the lower and upper halves of q4 keys. */
    private void multiplyWidened(Vec first, Vec second, int column, int vectors) {
        Vec low = constant(1).h8();
        Vec high = constant(2).h8();
        for (int head = 0; head < rows; head++) {
            a.op(SMULL, low, first.b8(), factors(head).b8());
            a.op(SMULL2, high, first.b16(), factors(head).b16());
            a.op(SMLAL, low, second.b8(), secondFactors(head).b8());
            a.op(SMLAL2, high, second.b16(), secondFactors(head).b16());
            a.op(ADDP, low, low, high);
            a.op(SADALP, sum(vectors, head, column), low);
        }
    }
}
