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
import static kawi.assembler.a64.VectorOp.FDIV;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.kernels.assembled.AttentionArguments.Finish.DIM;
import static kawi.kernels.assembled.AttentionArguments.Finish.GATE;
import static kawi.kernels.assembled.AttentionArguments.Finish.GATE_GAP;
import static kawi.kernels.assembled.AttentionArguments.Finish.GATE_HEAD;
import static kawi.kernels.assembled.AttentionArguments.Finish.HEADS;
import static kawi.kernels.assembled.AttentionArguments.Finish.MASS_AT;
import static kawi.kernels.assembled.AttentionArguments.Finish.OUT;
import static kawi.kernels.assembled.AttentionArguments.Finish.OUT_GAP;
import static kawi.kernels.assembled.AttentionArguments.Finish.OUT_HEAD;
import static kawi.kernels.assembled.AttentionArguments.Finish.STATE;
import static kawi.kernels.assembled.AttentionArguments.Finish.STATE_ROW;
import static kawi.kernels.assembled.AttentionArguments.Finish.TOKENS;
import static kawi.kernels.assembled.a64.A64Code.arg;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;

/** Machine code for the outputs: for each token, all heads. */
final class FinishCode {

    /** Vectors that are computed at a time. */
    private static final int AT_ONCE = 4;

    private static final Gp STATES = X1;
    private static final Gp GATES = X2;
    private static final Gp TO = X3;
    private static final Gp MASS = X4;
    private static final Gp HEADS_LEFT = X5;
    private static final Gp TOKENS_LEFT = X6;
    private static final Gp SPARE = X7;

    private FinishCode() {}

    static void emit(A64Code code, boolean gated) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        functions.begin();
        a.ldr(STATES, arg(STATE));
        a.ldr(GATES, arg(GATE));
        a.ldr(TO, arg(OUT));
        a.ldr(TOKENS_LEFT, arg(TOKENS));
        row.width(arg(DIM));
        Vec inverse = v(0);
        Vec gate = v(1);
        Vec x = v(1 + AT_ONCE);
        Label token = a.here();
        a.ldr(HEADS_LEFT, arg(HEADS));
        Label head = a.here();
        a.ldr(MASS, arg(MASS_AT));
        a.op(GpOp.ADD, MASS, MASS, STATES);
        a.ld1r(inverse, Mem.at(MASS));
        a.op(FDIV, inverse, FunctionCode.one(), inverse);
        row.begin(AT_ONCE);
        do {
            if (gated) {
                row.load(gate, GATES);
                functions.sigmoid(gate.number(), row.vectors());
            }
            row.load(x, STATES);
            row.eachWith(FMUL, x, x, inverse);
            if (gated) {
                row.each(FMUL, x, x, gate);
            }
            row.store(TO, x);
        } while (row.next());
        add(a, STATES, STATE_ROW);
        add(a, GATES, GATE_HEAD);
        add(a, TO, OUT_HEAD);
        a.op(GpOp.SUBS, HEADS_LEFT, HEADS_LEFT, 1);
        a.b(NOT_EQUAL, head);
        add(a, GATES, GATE_GAP);
        add(a, TO, OUT_GAP);
        a.op(GpOp.SUBS, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.b(NOT_EQUAL, token);
    }

    private static void add(Assembler a, Gp pointer, int amount) {
        a.ldr(SPARE, arg(amount));
        a.op(GpOp.ADD, pointer, pointer, SPARE);
    }
}
