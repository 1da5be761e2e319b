package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.DIM;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.DIVISOR;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.EPS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.GAP;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.GATE;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.HEADS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.ROWS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.TOKENS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.WEIGHT;
import static kawi.kernels.assembled.a64.A64Code.arg;
import static kawi.kernels.assembled.a64.A64Code.v;
import static kawi.kernels.assembled.a64.RowOperationsCode.AT_ONCE;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Vec;

/** Machine code for the gated norm: for each token, all heads. */
final class GatedNormCode {

    private static final Gp ROW = X1;
    private static final Gp GATE_ROW = X2;
    private static final Gp WEIGHTS = X3;
    private static final Gp DIM_BYTES = X4;
    private static final Gp TOKENS_LEFT = X5;
    private static final Gp HEADS_LEFT = X6;
    private static final Gp GAP_BYTES = X7;

    /** The registers of {@value RowOperationsCode#AT_ONCE} vectors each. */
    private static final Vec SILU = v(0);

    private static final Vec X = v(4);
    private static final Vec FACTOR = v(8);

    private static final Vec INVERSE = v(16);

    private GatedNormCode() {}

    static void emit(A64Code code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        functions.begin();
        a.ldr(ROW, arg(ROWS));
        a.ldr(GATE_ROW, arg(GATE));
        a.ldr(WEIGHTS, arg(WEIGHT));
        a.ldr(DIM_BYTES, arg(DIM));
        a.lsl(DIM_BYTES, DIM_BYTES, 2);
        a.ldr(TOKENS_LEFT, arg(TOKENS));
        a.ldr(GAP_BYTES, arg(GAP));
        row.width(arg(DIM));
        Label token = a.here();
        a.ldr(HEADS_LEFT, arg(HEADS));
        Label head = a.here();
        row.inverseNorm(ROW, arg(DIVISOR), arg(EPS));
        code.move(INVERSE, v(0));
        row.begin(AT_ONCE);
        do {
            row.load(SILU, GATE_ROW);
            functions.sigmoid(SILU.number(), row.vectors());
            row.load(X, GATE_ROW);
            row.each(FMUL, SILU, X, SILU);
            row.load(X, ROW);
            row.load(FACTOR, WEIGHTS);
            row.eachWith(FMUL, X, X, INVERSE);
            row.each(FMUL, X, X, FACTOR);
            row.each(FMUL, X, X, SILU);
            row.store(ROW, X);
        } while (row.next());
        a.op(GpOp.ADD, ROW, ROW, DIM_BYTES);
        a.op(GpOp.ADD, GATE_ROW, GATE_ROW, DIM_BYTES);
        a.op(GpOp.SUB, HEADS_LEFT, HEADS_LEFT, 1);
        a.cbnz(HEADS_LEFT, head);
        a.op(GpOp.ADD, ROW, ROW, GAP_BYTES);
        a.op(GpOp.ADD, GATE_ROW, GATE_ROW, GAP_BYTES);
        a.op(GpOp.SUB, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.cbnz(TOKENS_LEFT, token);
    }
}
