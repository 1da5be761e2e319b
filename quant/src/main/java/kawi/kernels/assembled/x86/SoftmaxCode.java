package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.BELOW;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.VectorOp.VADDPS;
import static kawi.assembler.x86.VectorOp.VBROADCASTSS;
import static kawi.assembler.x86.VectorOp.VEXTRACTF128;
import static kawi.assembler.x86.VectorOp.VMOVD_STORE;
import static kawi.assembler.x86.VectorOp.VMOVHLPS;
import static kawi.assembler.x86.VectorOp.VPERMILPS;
import static kawi.assembler.x86.VectorOp.VSUBPS;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.assembled.AttentionArguments.Page;

/**
 * Machine code, as a part of {@link AttentionPageCode}, that replaces rows of scores by {@code exp(score - max)} and
 * stores the maximum and the sum of each row with the partial results.
 *
 * <p>It processes whole runs of 16 positions. The scores after those that a token attends to are set to -infinity: they
 * are not the maximum, their exponential is zero and does not change the sum, and the second product omits them.
 */
final class SoftmaxCode {

    private static final Gp SEEN = RCX;
    private static final Gp TOKENS_LEFT = RBX;
    private static final Gp END = RAX;
    private static final Gp AT = RDX;
    private static final Gp SCORE_ROW = RBP;
    private static final Gp RESULT = R12;
    private static final Gp ROWS_LEFT = R9;

    private final KernelCode code;
    private final Assembler a;
    private final FunctionCode functions;
    private final int rows;

    private SoftmaxCode(KernelCode code, int rows) {
        this.code = code;
        this.a = code.a;
        this.functions = new FunctionCode(code);
        this.rows = rows;
    }

    /** Emits the code for {@code rows} rows per token, with the arguments of {@link AttentionPageCode}. */
    static void emit(KernelCode code, int rows) {
        new SoftmaxCode(code, rows).emit();
    }

    private void emit() {
        a.load(TOKENS_LEFT, arg(Page.TOKENS));
        a.load(SEEN, arg(Page.VISIBLE));
        a.load(SCORE_ROW, arg(Page.SCORES));
        a.load(RESULT, arg(Page.MAX));
        Label token = a.here();
        a.mov(ROWS_LEFT, rows);
        Label row = a.here();
        hideUnseen();
        a.lea(END, Mem.at(SEEN, Page.STEP - 1));
        a.op(GpOp.AND, END, -Page.STEP);
        a.shl(END, 2);
        maximum();
        exponentials();
        a.op(GpOp.ADD, SCORE_ROW, Page.SCORE_BYTES);
        a.op(GpOp.ADD, RESULT, arg(Page.PARTIAL_ROW));
        a.op(GpOp.SUB, ROWS_LEFT, 1);
        a.jump(NOT_EQUAL, row);
        a.op(GpOp.ADD, RESULT, arg(Page.MAX_GAP));
        AttentionPageCode.seeOneMore(a, SEEN);
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(NOT_EQUAL, token);
    }

    private void hideUnseen() {
        code.broadcast(code.v(0), a.constant(Float.NEGATIVE_INFINITY));
        for (int i = 0; i < Page.STEP; i += code.isa.lanes()) {
            code.store(Mem.at(SCORE_ROW, SEEN, Float.BYTES, i * Float.BYTES), code.v(0));
        }
    }

    /** The maximum, in all lanes of register 0, and in the result. */
    private void maximum() {
        Vec max = Vec.ymm(0);
        Vec x = Vec.ymm(1);
        Vec spare1 = Vec.ymm(2);
        Vec spare2 = Vec.ymm(3);
        // Two vectors at a time, so that their maximum does not depend on the previous one.
        Vec x2 = Vec.ymm(4);
        int bytes = max.bits() / Byte.SIZE;
        code.broadcast(max, a.constant(Float.NEGATIVE_INFINITY));
        a.mov(AT, 0);
        Label next = a.here();
        code.load(x, Mem.at(SCORE_ROW, AT, 1, 0));
        code.load(x2, Mem.at(SCORE_ROW, AT, 1, bytes));
        functions.max(x, x2, spare1, spare2);
        functions.max(max, x, spare1, spare2);
        a.op(GpOp.ADD, AT, 2 * bytes);
        a.op(GpOp.CMP, AT, END);
        a.jump(BELOW, next);
        a.op(VEXTRACTF128, max, x.xmm(), 1);
        functions.max(max.xmm(), x.xmm(), spare1.xmm(), spare2.xmm());
        a.op(VMOVHLPS, x.xmm(), max.xmm(), max.xmm());
        functions.max(max.xmm(), x.xmm(), spare1.xmm(), spare2.xmm());
        a.op(VPERMILPS, x.xmm(), max.xmm(), 1);
        functions.max(max.xmm(), x.xmm(), spare1.xmm(), spare2.xmm());
        a.op(VMOVD_STORE, max.xmm(), Mem.at(RESULT));
        a.op(VBROADCASTSS, code.v(0), max.xmm());
    }

    private void exponentials() {
        int vectors = Page.STEP / code.isa.lanes();
        for (int n = 0; n < vectors; n++) {
            code.zero(code.v(1 + n));
        }
        a.mov(AT, 0);
        a.align(32);
        Label next = a.here();
        for (int n = 0; n < vectors; n++) {
            Mem at = Mem.at(SCORE_ROW, AT, 1, n * code.bytes());
            code.load(code.v(3), at);
            a.op(VSUBPS, code.v(3), code.v(3), code.v(0));
            functions.exp(code.v(3), code.v(4), code.v(5));
            code.store(at, code.v(3));
            a.op(VADDPS, code.v(1 + n), code.v(1 + n), code.v(3));
        }
        a.op(GpOp.ADD, AT, Page.STEP * Float.BYTES);
        a.op(GpOp.CMP, AT, END);
        a.jump(BELOW, next);
        functions.treeSum(code.v(1), code.v(2));
        a.op(VMOVD_STORE, Vec.xmm(1), Mem.at(RESULT, Float.BYTES));
    }
}
