package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Gp.X0;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.kernels.assembled.DeltaArguments.Normalization.DIM;
import static kawi.kernels.assembled.DeltaArguments.Normalization.END_OF_SCALES;
import static kawi.kernels.assembled.DeltaArguments.Normalization.GAP;
import static kawi.kernels.assembled.DeltaArguments.Normalization.HEADS;
import static kawi.kernels.assembled.DeltaArguments.Normalization.KEY_SCALE;
import static kawi.kernels.assembled.DeltaArguments.Normalization.QUERY_SCALE;
import static kawi.kernels.assembled.DeltaArguments.Normalization.ROWS;
import static kawi.kernels.assembled.DeltaArguments.Normalization.TOKENS;
import static kawi.kernels.assembled.a64.A64Code.arg;
import static kawi.kernels.assembled.a64.A64Code.v;
import static kawi.kernels.assembled.a64.RowOperationsCode.AT_ONCE;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.ScalarDeltaKernel;

/**
 * Machine code for normalizing queries and keys: for each token all query heads, then all key heads; they differ in the
 * final factor.
 */
final class NormalizationCode {

    private static final Gp ROW = X1;
    private static final Gp DIM_BYTES = X2;
    private static final Gp TOKENS_LEFT = X3;
    private static final Gp SCALES_END = X4;
    private static final Gp SCALE_AT = X5;
    private static final Gp HEADS_LEFT = X6;
    private static final Gp GAP_BYTES = X7;

    private static final Vec INVERSE = v(0);
    private static final Vec X = v(4);
    private static final Vec SCALE = v(8);

    private NormalizationCode() {}

    static void emit(A64Code code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        Mem one = code.constant(1f);
        Mem eps = code.constant(ScalarDeltaKernel.L2_EPS);
        a.ldr(ROW, arg(ROWS));
        a.ldr(DIM_BYTES, arg(DIM));
        a.lsl(DIM_BYTES, DIM_BYTES, 2);
        a.ldr(TOKENS_LEFT, arg(TOKENS));
        a.ldr(GAP_BYTES, arg(GAP));
        a.op(GpOp.ADD, SCALES_END, X0, END_OF_SCALES);
        row.width(arg(DIM));
        Label token = a.here();
        a.op(GpOp.ADD, SCALE_AT, X0, QUERY_SCALE);
        Label part = a.here();
        code.broadcast(SCALE, Mem.at(SCALE_AT));
        a.ldr(HEADS_LEFT, arg(HEADS));
        Label head = a.here();
        row.inverseNorm(ROW, one, eps);
        row.begin(AT_ONCE);
        do {
            row.load(X, ROW);
            row.eachWith(FMUL, X, X, INVERSE);
            row.eachWith(FMUL, X, X, SCALE);
            row.store(ROW, X);
        } while (row.next());
        a.op(GpOp.ADD, ROW, ROW, DIM_BYTES);
        a.op(GpOp.SUB, HEADS_LEFT, HEADS_LEFT, 1);
        a.cbnz(HEADS_LEFT, head);
        a.op(GpOp.ADD, SCALE_AT, SCALE_AT, KEY_SCALE - QUERY_SCALE);
        a.cmp(SCALE_AT, SCALES_END);
        a.b(Condition.LOWER, part);
        a.op(GpOp.ADD, ROW, ROW, GAP_BYTES);
        a.op(GpOp.SUB, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.cbnz(TOKENS_LEFT, token);
    }
}
