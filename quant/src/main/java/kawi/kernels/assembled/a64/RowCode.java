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

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;

/**
 * Emits loops over the vectors of a row of floats: first the full vectors, then the rest in pieces, so no loop accesses
 * memory outside of the row.
 *
 * <p>X10 is the number of bytes in full vectors, X11 the number of floats after them, X12 the offset of the current
 * vector; X13, X16 and X17 are overwritten.
 */
final class RowCode {

    private static final Gp FULL_BYTES = X10;
    private static final Gp TAIL = X11;
    private static final Gp OFFSET = X12;
    private static final Gp LEFT = X13;
    private static final Gp ADDRESS = X17;

    /** Vectors of 16 partial sums. */
    private static final int SUMS = 4;

    private static final int SUM_BYTES = SUMS * A64Code.VECTOR_BYTES;

    private final A64Code code;
    private final Assembler a;
    private final FunctionCode functions;
    private Label top;
    /** The label of the tail; within the tail, the label of its end. */
    private Label rest;

    private boolean inTail;

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
        top = a.label();
        rest = a.label();
        a.mov(OFFSET, 0);
        a.cbz(FULL_BYTES, rest);
        a.bind(top);
    }

    /** Ends the part started by {@link #begin}; returns whether the code must be emitted again. */
    boolean next() {
        if (inTail) {
            a.bind(rest);
            inTail = false;
            return false;
        }
        a.op(GpOp.ADD, OFFSET, OFFSET, A64Code.VECTOR_BYTES);
        a.cmp(OFFSET, FULL_BYTES);
        a.b(LOWER, top);
        a.bind(rest);
        rest = a.label();
        a.cbz(TAIL, rest);
        inTail = true;
        return true;
    }

    /** Loads the current vector of the row at {@code row}; in the tail, zeros for what is missing. */
    void load(Vec to, Gp row) {
        if (inTail) {
            a.op(GpOp.ADD, ADDRESS, row, OFFSET);
            code.loadTail(to, ADDRESS, TAIL);
        } else {
            a.ldr(to.q(), Mem.at(row, OFFSET));
        }
    }

    /** Stores the current vector of the row at {@code row}. */
    void store(Gp row, Vec from) {
        if (inTail) {
            a.op(GpOp.ADD, ADDRESS, row, OFFSET);
            code.storeTail(ADDRESS, from, TAIL);
        } else {
            a.str(from.q(), Mem.at(row, OFFSET));
        }
    }

    /** Whether what is emitted is for the tail. */
    boolean inTail() {
        return inTail;
    }

    /** The number of floats of the tail. */
    static Gp tail() {
        return TAIL;
    }

    /** The offset of the current vector. */
    static Gp offset() {
        return OFFSET;
    }

    /**
     * The sum of squares of a row in the lowest lane of V0; V1 to V7 are overwritten. The missing lanes of a tail add
     * the square of zero to a sum that is not negative, which does not change it.
     */
    void sumOfSquares(Gp row) {
        Label single = a.label();
        Label tail = a.label();
        Label done = a.label();
        for (int n = 0; n < SUMS; n++) {
            code.zero(v(n));
        }
        a.mov(ADDRESS, row);
        a.op(GpOp.SUBS, LEFT, FULL_BYTES, SUM_BYTES);
        a.b(LOWER, single);
        Label next = a.here();
        a.ldp(v(4).q(), v(5).q(), Mem.post(ADDRESS, SUM_BYTES / 2));
        a.ldp(v(6).q(), v(7).q(), Mem.post(ADDRESS, SUM_BYTES / 2));
        for (int n = 0; n < SUMS; n++) {
            a.op(FMLA, v(n), v(4 + n), v(4 + n));
        }
        a.op(GpOp.SUBS, LEFT, LEFT, SUM_BYTES);
        a.b(HIGHER_OR_SAME, next);
        a.bind(single);
        a.op(GpOp.ADDS, LEFT, LEFT, SUM_BYTES);
        a.b(EQUAL, tail);
        // The next vector's partial sums are always in V0; their tree does not depend on which are the first.
        Label vector = a.here();
        a.ldr(v(4).q(), Mem.post(ADDRESS, A64Code.VECTOR_BYTES));
        a.op(FMLA, v(0), v(4), v(4));
        a.mov(v(5), v(0));
        for (int n = 0; n < SUMS; n++) {
            a.mov(v(n), v(n == SUMS - 1 ? 5 : n + 1));
        }
        a.op(GpOp.SUBS, LEFT, LEFT, A64Code.VECTOR_BYTES);
        a.b(NOT_EQUAL, vector);
        a.bind(tail);
        a.cbz(TAIL, done);
        code.loadTail(v(4), ADDRESS, TAIL);
        a.op(FMLA, v(0), v(4), v(4));
        a.bind(done);
        functions.treeSum(v(0), v(1), v(2), v(3));
    }

    /** {@code 1 / sqrt(sum of squares / divisor + eps)} of a row in all lanes of V0; V1 to V7 are overwritten. */
    void inverseNorm(Gp row, Mem divisor, Mem eps) {
        sumOfSquares(row);
        a.ldr(v(1).s(), divisor);
        a.op(FDIV, v(0).s(), v(0).s(), v(1).s());
        a.ldr(v(1).s(), eps);
        a.op(FADD, v(0).s(), v(0).s(), v(1).s());
        functions.inverseSqrt(v(0), v(1));
        a.dup(v(0), v(0).s(0));
    }
}
