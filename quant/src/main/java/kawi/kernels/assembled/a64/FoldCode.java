package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.FMADD;
import static kawi.assembler.a64.VectorOp.FMAX;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.FSUB;
import static kawi.kernels.assembled.AttentionArguments.Folding.DIM;
import static kawi.kernels.assembled.AttentionArguments.Folding.MAX_AT;
import static kawi.kernels.assembled.AttentionArguments.Folding.PARTIAL;
import static kawi.kernels.assembled.AttentionArguments.Folding.ROW;
import static kawi.kernels.assembled.AttentionArguments.Folding.ROWS;
import static kawi.kernels.assembled.AttentionArguments.Folding.STATE;
import static kawi.kernels.assembled.a64.A64Code.arg;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;

/**
 * Machine code that folds partial results into states: for each row, the two factors are computed in all lanes, then
 * the vectors are combined.
 */
final class FoldCode {

    /** Vectors that are combined at a time. */
    private static final int AT_ONCE = 4;

    private static final Gp FROM = X1;
    private static final Gp TO = X2;
    private static final Gp ROW_BYTES = X3;
    private static final Gp ROWS_LEFT = X4;
    private static final Gp FROM_MAX = X5;
    private static final Gp TO_MAX = X6;
    private static final Gp MAX_BYTES = X7;

    private static final Vec TO_FACTOR = v(0);
    private static final Vec FROM_FACTOR = v(1);

    private FoldCode() {}

    static void emit(A64Code code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        functions.begin();
        a.ldr(FROM, arg(PARTIAL));
        a.ldr(TO, arg(STATE));
        a.ldr(ROW_BYTES, arg(ROW));
        a.ldr(ROWS_LEFT, arg(ROWS));
        a.ldr(MAX_BYTES, arg(MAX_AT));
        row.width(arg(DIM));
        Label next = a.here();
        a.op(GpOp.ADD, FROM_MAX, FROM, MAX_BYTES);
        a.op(GpOp.ADD, TO_MAX, TO, MAX_BYTES);
        a.ld1r(TO_FACTOR, Mem.at(TO_MAX));
        a.ld1r(FROM_FACTOR, Mem.at(FROM_MAX));
        Vec max = v(16);
        a.op(FMAX, max, TO_FACTOR, FROM_FACTOR);
        a.op(FSUB, TO_FACTOR, TO_FACTOR, max);
        a.op(FSUB, FROM_FACTOR, FROM_FACTOR, max);
        functions.exp(0, 2);
        Vec mass = v(17);
        Vec pageMass = v(18);
        a.ldr(mass.s(), Mem.at(TO_MAX, Float.BYTES));
        a.ldr(pageMass.s(), Mem.at(FROM_MAX, Float.BYTES));
        a.op(FMUL, mass.s(), mass.s(), TO_FACTOR.s());
        a.op(FMADD, mass.s(), pageMass.s(), FROM_FACTOR.s(), mass.s());
        a.stp(max.s(), mass.s(), Mem.at(TO_MAX));
        row.begin(AT_ONCE);
        do {
            Vec x = v(2);
            Vec ofPage = v(2 + AT_ONCE);
            row.load(x, TO);
            row.load(ofPage, FROM);
            row.eachWith(FMUL, x, x, TO_FACTOR);
            row.eachWith(FMLA, x, ofPage, FROM_FACTOR);
            row.store(TO, x);
        } while (row.next());
        a.op(GpOp.ADD, FROM, FROM, ROW_BYTES);
        a.op(GpOp.ADD, TO, TO, ROW_BYTES);
        a.op(GpOp.SUBS, ROWS_LEFT, ROWS_LEFT, 1);
        a.b(NOT_EQUAL, next);
    }
}
