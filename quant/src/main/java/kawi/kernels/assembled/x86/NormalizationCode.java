package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.kernels.assembled.DeltaArguments.Normalization.DIM;
import static kawi.kernels.assembled.DeltaArguments.Normalization.END_OF_SCALES;
import static kawi.kernels.assembled.DeltaArguments.Normalization.GAP;
import static kawi.kernels.assembled.DeltaArguments.Normalization.HEADS;
import static kawi.kernels.assembled.DeltaArguments.Normalization.KEY_SCALE;
import static kawi.kernels.assembled.DeltaArguments.Normalization.QUERY_SCALE;
import static kawi.kernels.assembled.DeltaArguments.Normalization.ROWS;
import static kawi.kernels.assembled.DeltaArguments.Normalization.TOKENS;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.kernels.ScalarDeltaKernel;

/**
 * Machine code for normalizing queries and keys: for each token all query heads, then all key heads; they differ in the
 * final factor.
 */
final class NormalizationCode {

    private NormalizationCode() {}

    static void emit(KernelCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        Mem one = a.constant(1f);
        Mem eps = a.constant(ScalarDeltaKernel.L2_EPS);
        a.load(RSI, arg(ROWS));
        a.load(R10, arg(DIM));
        a.shl(R10, 2);
        a.load(RBX, arg(TOKENS));
        a.lea(R8, arg(END_OF_SCALES));
        row.width(arg(DIM));
        Label token = a.here();
        a.lea(R11, arg(QUERY_SCALE));
        Label part = a.here();
        code.broadcast(code.v(4), Mem.at(R11));
        a.load(R9, arg(HEADS));
        Label head = a.here();
        row.inverseNorm(RSI, one, eps, code.v(0), code.v(1), code.v(2), code.v(3));
        row.begin();
        do {
            row.load(code.v(1), row.at(RSI));
            a.op(VMULPS, code.v(1), code.v(1), code.v(0));
            a.op(VMULPS, code.v(1), code.v(1), code.v(4));
            row.store(row.at(RSI), code.v(1));
        } while (row.next());
        a.op(GpOp.ADD, RSI, R10);
        a.op(GpOp.SUB, R9, 1);
        a.jump(Condition.NOT_EQUAL, head);
        a.op(GpOp.ADD, R11, KEY_SCALE - QUERY_SCALE);
        a.op(GpOp.CMP, R11, R8);
        a.jump(Condition.BELOW, part);
        a.op(GpOp.ADD, RSI, arg(GAP));
        a.op(GpOp.SUB, RBX, 1);
        a.jump(Condition.NOT_EQUAL, token);
    }
}
