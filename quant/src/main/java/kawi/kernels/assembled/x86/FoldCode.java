package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VBROADCASTSS;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VFMADD231SS;
import static kawi.assembler.x86.VectorOp.VMOVD_LOAD;
import static kawi.assembler.x86.VectorOp.VMOVD_STORE;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VMULSS;
import static kawi.assembler.x86.VectorOp.VSUBPS;
import static kawi.kernels.assembled.AttentionArguments.Folding.DIM;
import static kawi.kernels.assembled.AttentionArguments.Folding.MAX_AT;
import static kawi.kernels.assembled.AttentionArguments.Folding.PARTIAL;
import static kawi.kernels.assembled.AttentionArguments.Folding.ROW;
import static kawi.kernels.assembled.AttentionArguments.Folding.ROWS;
import static kawi.kernels.assembled.AttentionArguments.Folding.STATE;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;

/**
 * Machine code that folds partial results into states: for each row, the two factors are broadcast to all lanes, then
 * the vectors are combined.
 */
final class FoldCode {

    private static final Gp FROM = RSI;
    private static final Gp TO = RDX;
    private static final Gp ROW_BYTES = R8;
    private static final Gp ROWS_LEFT = RBX;
    private static final Gp FROM_MAX = R9;
    private static final Gp TO_MAX = R10;

    private FoldCode() {}

    static void emit(KernelCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        a.load(FROM, arg(PARTIAL));
        a.load(TO, arg(STATE));
        a.load(ROW_BYTES, arg(ROW));
        a.load(ROWS_LEFT, arg(ROWS));
        row.width(arg(DIM));
        Label next = a.here();
        a.mov(FROM_MAX, FROM);
        a.op(GpOp.ADD, FROM_MAX, arg(MAX_AT));
        a.mov(TO_MAX, TO);
        a.op(GpOp.ADD, TO_MAX, arg(MAX_AT));
        code.broadcast(code.v(0), Mem.at(TO_MAX));
        code.broadcast(code.v(1), Mem.at(FROM_MAX));
        code.move(code.v(2), code.v(0));
        functions.max(
                code.v(2).xmm(), code.v(1).xmm(), code.v(3).xmm(), code.v(4).xmm());
        a.op(VMOVD_STORE, code.v(2).xmm(), Mem.at(TO_MAX));
        a.op(VBROADCASTSS, code.v(2), code.v(2).xmm());
        a.op(VSUBPS, code.v(0), code.v(0), code.v(2));
        a.op(VSUBPS, code.v(1), code.v(1), code.v(2));
        functions.exp(code.v(0), code.v(3), code.v(4));
        functions.exp(code.v(1), code.v(3), code.v(4));
        a.op(VMOVD_LOAD, code.v(3).xmm(), Mem.at(FROM_MAX, Float.BYTES));
        a.op(VMULSS, code.v(2).xmm(), code.v(0).xmm(), Mem.at(TO_MAX, Float.BYTES));
        a.op(VFMADD231SS, code.v(2).xmm(), code.v(3).xmm(), code.v(1).xmm());
        a.op(VMOVD_STORE, code.v(2).xmm(), Mem.at(TO_MAX, Float.BYTES));
        row.begin();
        do {
            row.load(code.v(2), row.at(TO));
            row.load(code.v(3), row.at(FROM));
            a.op(VMULPS, code.v(2), code.v(2), code.v(0));
            a.op(VFMADD231PS, code.v(2), code.v(3), code.v(1));
            row.store(row.at(TO), code.v(2));
        } while (row.next());
        a.op(GpOp.ADD, FROM, ROW_BYTES);
        a.op(GpOp.ADD, TO, ROW_BYTES);
        a.op(GpOp.SUB, ROWS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, next);
    }
}
