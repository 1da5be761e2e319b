package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.RAX;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VectorOp;

/**
 * Emits loops over the vectors of a row of floats: first the full vectors, then the rest with the tail mask, so no loop
 * accesses memory outside of the row.
 *
 * <p>R12 is the number of bytes in full vectors, R13 the number of floats after them, R14 the offset of the current
 * vector; {@link #width} overwrites RAX and RCX.
 */
final class RowCode {

    private static final Gp FULL_BYTES = R12;
    private static final Gp TAIL = R13;
    private static final Gp OFFSET = R14;

    private final KernelCode code;
    private final Assembler a;
    private final FunctionCode functions;
    private Label top;
    /** The label of the tail; within the tail, the label of its end. */
    private Label rest;

    private boolean inTail;

    public RowCode(KernelCode code) {
        this.code = code;
        this.a = code.a;
        this.functions = new FunctionCode(code);
        this.top = a.label();
        this.rest = a.label();
    }

    /** Sets the number of floats per row. */
    void width(Mem floats) {
        a.load(FULL_BYTES, floats);
        a.mov(TAIL, FULL_BYTES);
        a.op(GpOp.AND, TAIL, code.isa.lanes() - 1);
        a.op(GpOp.SUB, FULL_BYTES, TAIL);
        a.shl(FULL_BYTES, 2);
        a.mov(OFFSET, TAIL);
        code.maskTail(OFFSET, RAX);
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
        a.test(FULL_BYTES, FULL_BYTES);
        a.jump(Condition.EQUAL, rest);
        a.align(32);
        a.bind(top);
    }

    /** Ends the part started by {@link #begin}; returns whether the code must be emitted again. */
    boolean next() {
        if (inTail) {
            a.bind(rest);
            inTail = false;
            return false;
        }
        a.op(GpOp.ADD, OFFSET, code.bytes());
        a.op(GpOp.CMP, OFFSET, FULL_BYTES);
        a.jump(Condition.BELOW, top);
        a.bind(rest);
        rest = a.label();
        a.test(TAIL, TAIL);
        a.jump(Condition.EQUAL, rest);
        inTail = true;
        return true;
    }

    /** Sets {@code to} to the number of floats of the row in the current vector. */
    void floats(Gp to) {
        if (inTail) {
            a.mov(to, TAIL);
        } else {
            a.mov(to, code.isa.lanes());
        }
    }

    /** The current vector of the row at {@code row}. */
    Mem at(Gp row) {
        return Mem.at(row, OFFSET, 1, 0);
    }

    void load(Vec to, Mem from) {
        if (inTail) {
            code.loadTail(to, from);
        } else {
            code.load(to, from);
        }
    }

    void store(Mem to, Vec from) {
        if (inTail) {
            code.storeTail(to, from);
        } else {
            code.store(to, from);
        }
    }

    /**
     * The sum of squares of a row in the lowest lane of {@code sum}. The missing lanes of a tail add the square of zero
     * to a sum that is not negative, which does not change it.
     */
    void sumOfSquares(Gp row, Vec sum, Vec other, Vec x, Vec spare) {
        sum(sum, other, spare, () -> {
            load(x, at(row));
            a.op(VectorOp.VFMADD231PS, sum, x, x);
        });
    }

    /** The sum of a row in the lowest lane of {@code sum}; adding the zeros of a tail does not change it. */
    void sum(Gp row, Vec sum, Vec other, Vec x, Vec spare) {
        sum(sum, other, spare, () -> {
            load(x, at(row));
            a.op(VectorOp.VADDPS, sum, sum, x);
        });
    }

    /** The sum of the squares of the differences from {@code mean}. */
    void sumOfSquares(Gp row, Vec mean, Vec sum, Vec other, Vec x, Vec spare) {
        sum(sum, other, spare, () -> {
            load(x, at(row));
            a.op(VectorOp.VSUBPS, x, x, mean);
            if (inTail) {
                code.clearAfterTail(x);
            }
            a.op(VectorOp.VFMADD231PS, sum, x, x);
        });
    }

    /** 16 partial sums and their tree; {@code add} adds the current vector to {@code sum}. */
    private void sum(Vec sum, Vec other, Vec spare, Runnable add) {
        code.zero(sum);
        if (code.isa.avx512()) {
            begin();
            do {
                add.run();
            } while (next());
        } else {
            // Vectors go to the two halves of the partial sums in turn; it does not matter which one is the first in
            // the end.
            code.zero(other);
            begin();
            do {
                add.run();
                code.move(spare, sum);
                code.move(sum, other);
                code.move(other, spare);
            } while (next());
        }
        functions.treeSum(sum, other);
    }

    /** {@code 1 / sqrt(sum of squares / divisor + eps)} of a row in all lanes of {@code to}. */
    void inverseNorm(Gp row, Mem divisor, Mem eps, Vec to, Vec spare1, Vec spare2, Vec spare3) {
        sumOfSquares(row, to, spare1, spare2, spare3);
        inverseNorm(divisor, eps, to, spare1);
    }

    /** {@code 1 / sqrt(sum / divisor + eps)} in all lanes of {@code to}, whose lowest lane is the sum. */
    void inverseNorm(Mem divisor, Mem eps, Vec to, Vec spare1) {
        a.op(VectorOp.VDIVSS, to.xmm(), to.xmm(), divisor);
        a.op(VectorOp.VADDSS, to.xmm(), to.xmm(), eps);
        functions.inverseSqrt(to, spare1);
        a.op(VectorOp.VBROADCASTSS, to, to.xmm());
    }
}
