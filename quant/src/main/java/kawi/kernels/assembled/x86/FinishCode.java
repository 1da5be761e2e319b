package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VBROADCASTSS;
import static kawi.assembler.x86.VectorOp.VDIVSS;
import static kawi.assembler.x86.VectorOp.VMULPS;
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
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;

/** Machine code for the outputs: for each token, all heads. */
final class FinishCode {

    private static final Gp STATES = RSI;
    private static final Gp GATES = RDX;
    private static final Gp TO = R8;
    private static final Gp MASS = R9;
    private static final Gp HEADS_LEFT = RBP;
    private static final Gp TOKENS_LEFT = RBX;

    private FinishCode() {}

    static void emit(KernelCode code, boolean gated) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        a.load(STATES, arg(STATE));
        a.load(GATES, arg(GATE));
        a.load(TO, arg(OUT));
        a.load(TOKENS_LEFT, arg(TOKENS));
        row.width(arg(DIM));
        Label token = a.here();
        a.load(HEADS_LEFT, arg(HEADS));
        Label head = a.here();
        a.mov(MASS, STATES);
        a.op(GpOp.ADD, MASS, arg(MASS_AT));
        code.broadcast(code.v(0), a.constant(1f));
        a.op(VDIVSS, code.v(0).xmm(), code.v(0).xmm(), Mem.at(MASS));
        a.op(VBROADCASTSS, code.v(0), code.v(0).xmm());
        row.begin();
        do {
            if (gated) {
                row.load(code.v(1), row.at(GATES));
                functions.sigmoid(code.v(1), code.v(2), code.v(3));
            }
            row.load(code.v(2), row.at(STATES));
            a.op(VMULPS, code.v(2), code.v(2), code.v(0));
            if (gated) {
                a.op(VMULPS, code.v(2), code.v(2), code.v(1));
            }
            row.store(row.at(TO), code.v(2));
        } while (row.next());
        a.op(GpOp.ADD, STATES, arg(STATE_ROW));
        a.op(GpOp.ADD, GATES, arg(GATE_HEAD));
        a.op(GpOp.ADD, TO, arg(OUT_HEAD));
        a.op(GpOp.SUB, HEADS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, head);
        a.op(GpOp.ADD, GATES, arg(GATE_GAP));
        a.op(GpOp.ADD, TO, arg(OUT_GAP));
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, token);
    }
}
