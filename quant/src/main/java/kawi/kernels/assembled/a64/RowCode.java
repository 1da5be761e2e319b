package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.EQUAL;
import static kawi.assembler.a64.Condition.HIGHER_OR_SAME;
import static kawi.assembler.a64.Condition.LOWER;
import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X10;
import static kawi.assembler.a64.Gp.X11;
import static kawi.assembler.a64.Gp.X12;
import static kawi.assembler.a64.Gp.X13;
import static kawi.assembler.a64.Gp.X17;
import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.FADD;
import static kawi.assembler.a64.VectorOp.FDIV;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FSUB;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.assembler.a64.VectorOp;

/**
 * Emits loops over the vectors of a row of floats: first the full vectors, several at a time if that is useful, then the
 * rest in pieces, so no loop accesses memory outside of the row.
 *
 * <p>X10 is the number of bytes in full vectors, X11 the number of floats after them, X12 the offset of the current
 * vector, X13 the end of those processed several at a time; X16 and X17 are overwritten.
 */
final class RowCode {

    private static final Gp FULL_BYTES = X10;
    private static final Gp TAIL = X11;
    private static final Gp OFFSET = X12;
    /** The end of a loop over several vectors; of a sum, the bytes that are left. */
    private static final Gp END = X13;

    private static final Gp ADDRESS = X17;

    /** Vectors of 16 partial sums. */
    private static final int SUMS = 4;

    private static final int SUM_BYTES = SUMS * A64Code.VECTOR_BYTES;

    private final A64Code code;
    private final Assembler a;
    private final FunctionCode functions;
    private Label top;
    /** The label of the code after the part that is being emitted. */
    private Label rest;

    /** The number of vectors that the part processes at a time; 0 in the tail. */
    private int vectors;

    RowCode(A64Code code) {
        this.code = code;
        this.a = code.a;
        this.functions = new FunctionCode(code);
        this.top = a.label();
        this.rest = a.label();
    }

    /** Sets the number of floats per row. */
    void width(Mem floats) {
        a.ldr(FULL_BYTES, floats);
        a.op(GpOp.AND, TAIL, FULL_BYTES, A64Code.LANES - 1);
        a.op(GpOp.SUB, FULL_BYTES, FULL_BYTES, TAIL);
        a.lsl(FULL_BYTES, FULL_BYTES, 2);
    }

    /**
     * Begins a loop over the vectors of a row. The code for a vector is emitted in
     *
     * <pre>
     *    row.begin();
     *    do {
     *        ...
     *    } while (row.next());
     * </pre>
     *
     * which runs twice: for a loop over the full vectors, and for the tail.
     */
    void begin() {
        begin(1);
    }

    /**
     * The same, with a first loop that processes {@code atOnce} vectors at a time, a power of two: the code is for
     * {@link #vectors} of them.
     */
    void begin(int atOnce) {
        a.mov(OFFSET, 0);
        if (atOnce > 1) {
            a.op(GpOp.AND, END, FULL_BYTES, -(long) atOnce * A64Code.VECTOR_BYTES);
        }
        begin(atOnce, atOnce > 1 ? END : FULL_BYTES);
    }

    /** Begins the loop whose offsets are 0 to those below {@code end}; none if that is 0. */
    private void begin(int atOnce, Gp end) {
        vectors = atOnce;
        top = a.label();
        rest = a.label();
        a.cbz(end, rest);
        a.bind(top);
    }

    /** Ends the part started by {@link #begin}; returns whether the code must be emitted again. */
    boolean next() {
        switch (vectors) {
            case 0 -> {
                a.bind(rest);
                return false;
            }
            case 1 -> {
                a.op(GpOp.ADD, OFFSET, OFFSET, A64Code.VECTOR_BYTES);
                a.cmp(OFFSET, FULL_BYTES);
                a.b(LOWER, top);
                a.bind(rest);
                rest = a.label();
                a.cbz(TAIL, rest);
                vectors = 0;
            }
            default -> {
                a.op(GpOp.ADD, OFFSET, OFFSET, (long) vectors * A64Code.VECTOR_BYTES);
                a.cmp(OFFSET, END);
                a.b(LOWER, top);
                a.bind(rest);
                a.op(GpOp.SUB, END, FULL_BYTES, OFFSET);
                begin(1, END);
            }
        }
        return true;
    }

    /** The number of vectors that the code is emitted for. */
    int vectors() {
        return Math.max(vectors, 1);
    }

    /**
     * Loads the current vectors of the row at {@code row} into registers from {@code first} on; in the tail, zeros for
     * what is missing.
     */
    void load(Vec first, Gp row) {
        switch (vectors) {
            case 0 -> {
                a.op(GpOp.ADD, ADDRESS, row, OFFSET);
                code.loadTail(first, ADDRESS, TAIL);
            }
            case 1 -> a.ldr(first.q(), Mem.at(row, OFFSET));
            default -> {
                a.op(GpOp.ADD, ADDRESS, row, OFFSET);
                for (int n = 0; n < vectors; n += 2) {
                    a.ldp(vector(first, n), vector(first, n + 1), Mem.at(ADDRESS, n * A64Code.VECTOR_BYTES));
                }
            }
        }
    }

    /** Stores the current vectors of the row at {@code row}. */
    void store(Gp row, Vec first) {
        switch (vectors) {
            case 0 -> {
                a.op(GpOp.ADD, ADDRESS, row, OFFSET);
                code.storeTail(ADDRESS, first, TAIL);
            }
            case 1 -> a.str(first.q(), Mem.at(row, OFFSET));
            default -> {
                a.op(GpOp.ADD, ADDRESS, row, OFFSET);
                for (int n = 0; n < vectors; n += 2) {
                    a.stp(vector(first, n), vector(first, n + 1), Mem.at(ADDRESS, n * A64Code.VECTOR_BYTES));
                }
            }
        }
    }

    private static Vec vector(Vec first, int n) {
        return v(first.number() + n).q();
    }

    /** Emits {@code op} for each of the current vectors: registers from the given ones on. */
    void each(VectorOp op, Vec to, Vec x, Vec y) {
        for (int n = 0; n < vectors(); n++) {
            a.op(op, v(to.number() + n), v(x.number() + n), v(y.number() + n));
        }
    }

    /** The same with one second operand for all vectors. */
    void eachWith(VectorOp op, Vec to, Vec x, Vec y) {
        for (int n = 0; n < vectors(); n++) {
            a.op(op, v(to.number() + n), v(x.number() + n), y);
        }
    }

    /** Whether what is emitted is for the tail. */
    boolean inTail() {
        return vectors == 0;
    }

    /** The number of floats of the tail. */
    static Gp tail() {
        return TAIL;
    }

    /**
     * The sum of squares of a row in the lowest lane of V0; V1 to V7 are overwritten. The missing lanes of a tail add
     * the square of zero to a sum that is not negative, which does not change it.
     */
    void sumOfSquares(Gp row) {
        sum(row, (sum, x) -> a.op(FMLA, sum, x, x));
    }

    /** The sum of a row, likewise; adding the zeros of a tail does not change it. */
    void sum(Gp row) {
        sum(row, (sum, x) -> a.op(FADD, sum, sum, x));
    }

    /** The sum of the squares of the differences from {@code mean}, likewise; {@code mask} is overwritten. */
    void sumOfSquares(Gp row, Vec mean, Vec mask) {
        code.maskTail(mask, TAIL);
        sum(row, (sum, x) -> {
            a.op(FSUB, x, x, mean);
            if (inTail()) {
                code.clearAfterTail(x, mask);
            }
            a.op(FMLA, sum, x, x);
        });
    }

    /** Adds a vector to a vector of partial sums; may overwrite the vector. */
    private interface Addition {
        void emit(Vec sum, Vec x);
    }

    /** 16 partial sums in V0 to V3 and their tree; the vectors to add are in V4 to V7. */
    private void sum(Gp row, Addition addition) {
        Label single = a.label();
        Label tail = a.label();
        Label done = a.label();
        for (int n = 0; n < SUMS; n++) {
            code.zero(v(n));
        }
        a.mov(ADDRESS, row);
        a.op(GpOp.SUBS, END, FULL_BYTES, SUM_BYTES);
        a.b(LOWER, single);
        vectors = SUMS;
        Label next = a.here();
        a.ldp(v(4).q(), v(5).q(), Mem.post(ADDRESS, SUM_BYTES / 2));
        a.ldp(v(6).q(), v(7).q(), Mem.post(ADDRESS, SUM_BYTES / 2));
        for (int n = 0; n < SUMS; n++) {
            addition.emit(v(n), v(SUMS + n));
        }
        a.op(GpOp.SUBS, END, END, SUM_BYTES);
        a.b(HIGHER_OR_SAME, next);
        a.bind(single);
        a.op(GpOp.ADDS, END, END, SUM_BYTES);
        a.b(EQUAL, tail);
        // The next vector's partial sums are always in V0; their tree does not depend on which are the first.
        vectors = 1;
        Label vector = a.here();
        a.ldr(v(SUMS).q(), Mem.post(ADDRESS, A64Code.VECTOR_BYTES));
        addition.emit(v(0), v(SUMS));
        a.mov(v(SUMS), v(0));
        for (int n = 0; n < SUMS; n++) {
            a.mov(v(n), v(n + 1));
        }
        a.op(GpOp.SUBS, END, END, A64Code.VECTOR_BYTES);
        a.b(NOT_EQUAL, vector);
        a.bind(tail);
        a.cbz(TAIL, done);
        vectors = 0;
        code.loadTail(v(SUMS), ADDRESS, TAIL);
        addition.emit(v(0), v(SUMS));
        a.bind(done);
        functions.treeSum(v(0), v(1), v(2), v(3));
    }

    /** {@code 1 / sqrt(sum of squares / divisor + eps)} of a row in all lanes of V0; V1 to V7 are overwritten. */
    void inverseNorm(Gp row, Mem divisor, Mem eps) {
        sumOfSquares(row);
        inverseNorm(divisor, eps);
    }

    /** {@code 1 / sqrt(sum / divisor + eps)} in all lanes of V0, whose lowest lane is the sum; V1 is overwritten. */
    void inverseNorm(Mem divisor, Mem eps) {
        a.ldr(v(1).s(), divisor);
        a.op(FDIV, v(0).s(), v(0).s(), v(1).s());
        a.ldr(v(1).s(), eps);
        a.op(FADD, v(0).s(), v(0).s(), v(1).s());
        functions.inverseSqrt(v(0), v(1));
        a.dup(v(0), v(0).s(0));
    }
}
