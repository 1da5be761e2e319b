package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.ADD;
import static kawi.assembler.a64.VectorOp.FADD;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.kernels.assembled.RowArguments.DIVISOR;
import static kawi.kernels.assembled.RowArguments.EPS;
import static kawi.kernels.assembled.RowArguments.OTHER;
import static kawi.kernels.assembled.RowArguments.ROWS;
import static kawi.kernels.assembled.RowArguments.WIDTH;
import static kawi.kernels.assembled.RowArguments.X;
import static kawi.kernels.assembled.RowArguments.Y;
import static kawi.kernels.assembled.a64.A64Code.arg;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;

/**
 * Machine code of the row operations, all rows of a task in one call. They process four vectors at a time, which are
 * independent of each other and loaded in pairs.
 */
final class RowOperationsCode {

    /** Vectors at a time. */
    static final int AT_ONCE = 4;

    private static final Gp X_ROW = X1;
    private static final Gp OTHER_ROW = X2;
    private static final Gp Y_ROW = X3;
    private static final Gp LEFT = X4;
    private static final Gp ROW_BYTES = X5;

    /** Bytes between branches of the sum. */
    private static final int SUM_STEP = 256;

    private RowOperationsCode() {}

    static void rmsNorm(A64Code code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        a.ldr(X_ROW, arg(X));
        a.ldr(OTHER_ROW, arg(OTHER));
        a.ldr(Y_ROW, arg(Y));
        a.ldr(LEFT, arg(ROWS));
        a.ldr(ROW_BYTES, arg(WIDTH));
        a.lsl(ROW_BYTES, ROW_BYTES, 2);
        row.width(arg(WIDTH));
        Label next = a.here();
        row.inverseNorm(X_ROW, arg(DIVISOR), arg(EPS));
        row.begin(AT_ONCE);
        do {
            row.load(v(4), X_ROW);
            row.load(v(8), OTHER_ROW);
            row.eachWith(FMUL, v(4), v(4), v(0));
            row.each(FMUL, v(4), v(4), v(8));
            row.store(Y_ROW, v(4));
        } while (row.next());
        a.op(GpOp.ADD, X_ROW, X_ROW, ROW_BYTES);
        a.op(GpOp.ADD, Y_ROW, Y_ROW, ROW_BYTES);
        a.op(GpOp.SUBS, LEFT, LEFT, 1);
        a.b(NOT_EQUAL, next);
    }

    static void siluTimes(A64Code code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        functions.begin();
        a.ldr(X_ROW, arg(X));
        a.ldr(OTHER_ROW, arg(OTHER));
        row.width(arg(WIDTH));
        row.begin(AT_ONCE);
        do {
            row.load(v(0), X_ROW);
            functions.sigmoid(0, row.vectors());
            // Loading x again needs no register during the computation.
            row.load(v(4), X_ROW);
            row.load(v(8), OTHER_ROW);
            row.each(FMUL, v(0), v(4), v(0));
            row.each(FMUL, v(0), v(0), v(8));
            row.store(X_ROW, v(0));
        } while (row.next());
    }

    static void add(A64Code code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        a.ldr(X_ROW, arg(X));
        a.ldr(OTHER_ROW, arg(OTHER));
        row.width(arg(WIDTH));
        row.begin(AT_ONCE);
        do {
            row.load(v(0), X_ROW);
            row.load(v(4), OTHER_ROW);
            row.each(FADD, v(0), v(0), v(4));
            row.store(X_ROW, v(0));
        } while (row.next());
    }

    static void sum(A64Code code) {
        Assembler a = code.a;
        a.ldr(X_ROW, arg(X));
        a.ldr(Y_ROW, arg(Y));
        a.ldr(LEFT, arg(WIDTH));
        for (int n = 0; n < AT_ONCE; n++) {
            code.zero(v(n));
        }
        Label next = a.here();
        for (int at = 0; at < SUM_STEP; at += AT_ONCE * A64Code.VECTOR_BYTES) {
            for (int n = 0; n < AT_ONCE; n += 2) {
                a.ldp(v(4 + n).q(), v(5 + n).q(), Mem.post(X_ROW, 2 * A64Code.VECTOR_BYTES));
            }
            for (int n = 0; n < AT_ONCE; n++) {
                Vec sum = v(n);
                a.op(ADD, sum, sum, v(4 + n));
            }
        }
        a.op(GpOp.SUBS, LEFT, LEFT, SUM_STEP);
        a.b(NOT_EQUAL, next);
        a.op(ADD, v(0), v(0), v(1));
        a.op(ADD, v(2), v(2), v(3));
        a.op(ADD, v(0), v(0), v(2));
        code.store(Mem.at(Y_ROW), v(0));
    }
}
