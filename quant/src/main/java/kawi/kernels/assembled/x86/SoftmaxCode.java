package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.BELOW;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R10;
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
 * <p>The rows of a token are processed side by side, because the maximum and the sum of one row are chains of dependent
 * operations. It processes whole runs of 16 positions. The scores after those that a token attends to are set to
 * -infinity: they are not the maximum, their exponential is zero and does not change the sum, and the second product
 * omits them.
 */
final class SoftmaxCode {

    private static final Gp SEEN = RCX;
    private static final Gp TOKENS_LEFT = RBX;
    private static final Gp END = RAX;
    private static final Gp AT = RDX;
    private static final Gp SCORE_ROW = RBP;
    private static final Gp RESULT = R12;
    private static final Gp APART = R9;
    private static final Gp APART_3 = R10;

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

    /** Emits the code for {@code rows} rows of scores per token, with the arguments of {@link AttentionPageCode}. */
    static void emit(KernelCode code, int rows) {
        new SoftmaxCode(code, rows).emit();
    }

    private void emit() {
        a.load(TOKENS_LEFT, arg(Page.TOKENS));
        a.load(SEEN, arg(Page.VISIBLE));
        a.load(SCORE_ROW, arg(Page.SCORES));
        a.load(RESULT, arg(Page.MAX));
        a.load(APART, arg(Page.PARTIAL_ROW));
        a.lea(APART_3, Mem.at(APART, APART, 2, 0));
        Label token = a.here();
        hideUnseen();
        a.lea(END, Mem.at(SEEN, Page.STEP - 1));
        a.op(GpOp.AND, END, -Page.STEP);
        a.shl(END, 2);
        maximum();
        exponentials();
        a.op(GpOp.ADD, SCORE_ROW, rows * Page.SCORE_BYTES);
        a.op(GpOp.ADD, RESULT, arg(Page.PARTIAL_TOKEN));
        AttentionPageCode.seeOneMore(a, SEEN);
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(NOT_EQUAL, token);
    }

    private void hideUnseen() {
        code.broadcast(code.v(0), a.constant(Float.NEGATIVE_INFINITY));
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < Page.STEP; i += code.isa.lanes()) {
                code.store(Mem.at(SCORE_ROW, SEEN, Float.BYTES, row * Page.SCORE_BYTES + i * Float.BYTES), code.v(0));
            }
        }
    }

    private static Mem score(int row, int at) {
        return Mem.at(SCORE_ROW, AT, 1, row * Page.SCORE_BYTES + at);
    }

    private Mem result(int row) {
        return AttentionPageCode.row(RESULT, APART, APART_3, row);
    }

    /** The maximum of each row, in all lanes of its register of maximums, and in the result. */
    private void maximum() {
        Vec x = Vec.ymm(rows);
        Vec spare1 = Vec.ymm(rows + 1);
        Vec spare2 = Vec.ymm(rows + 2);
        // Two vectors at a time, so that their maximum does not depend on the previous one.
        Vec x2 = Vec.ymm(rows + 3);
        int bytes = x.bits() / Byte.SIZE;
        for (int row = 0; row < rows; row++) {
            code.broadcast(Vec.ymm(row), a.constant(Float.NEGATIVE_INFINITY));
        }
        a.mov(AT, 0);
        Label next = a.here();
        for (int row = 0; row < rows; row++) {
            code.load(x, score(row, 0));
            code.load(x2, score(row, bytes));
            functions.max(x, x2, spare1, spare2);
            functions.max(Vec.ymm(row), x, spare1, spare2);
        }
        a.op(GpOp.ADD, AT, 2 * bytes);
        a.op(GpOp.CMP, AT, END);
        a.jump(BELOW, next);
        for (int row = 0; row < rows; row++) {
            Vec max = Vec.ymm(row);
            a.op(VEXTRACTF128, max, x.xmm(), 1);
            functions.max(max.xmm(), x.xmm(), spare1.xmm(), spare2.xmm());
            a.op(VMOVHLPS, x.xmm(), max.xmm(), max.xmm());
            functions.max(max.xmm(), x.xmm(), spare1.xmm(), spare2.xmm());
            a.op(VPERMILPS, x.xmm(), max.xmm(), 1);
            functions.max(max.xmm(), x.xmm(), spare1.xmm(), spare2.xmm());
            a.op(VMOVD_STORE, max.xmm(), result(row));
            a.op(VBROADCASTSS, code.v(row), max.xmm());
        }
    }

    private void exponentials() {
        int vectors = Page.STEP / code.isa.lanes();
        int temporary = rows * (1 + vectors);
        Vec x = code.v(temporary);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < vectors; n++) {
                code.zero(sum(row, n, vectors));
            }
        }
        a.mov(AT, 0);
        a.align(32);
        Label next = a.here();
        for (int n = 0; n < vectors; n++) {
            for (int row = 0; row < rows; row++) {
                Mem at = score(row, n * code.bytes());
                code.load(x, at);
                a.op(VSUBPS, x, x, code.v(row));
                functions.exp(x, code.v(temporary + 1), code.v(temporary + 2));
                code.store(at, x);
                a.op(VADDPS, sum(row, n, vectors), sum(row, n, vectors), x);
            }
        }
        a.op(GpOp.ADD, AT, Page.STEP * Float.BYTES);
        a.op(GpOp.CMP, AT, END);
        a.jump(BELOW, next);
        for (int row = 0; row < rows; row++) {
            Vec low = sum(row, 0, vectors);
            functions.treeSum(low, vectors > 1 ? sum(row, 1, vectors) : x);
            a.op(VMOVD_STORE, low.xmm(), result(row).plus(Float.BYTES));
        }
    }

    /** A part of the partial sums of a row. */
    private Vec sum(int row, int n, int vectors) {
        return code.v(rows + row * vectors + n);
    }
}
