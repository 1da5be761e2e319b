package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.DIM;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.DIVISOR;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.EPS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.GAP;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.GATE;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.HEADS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.ROWS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.TOKENS;
import static kawi.kernels.assembled.DeltaArguments.GatedNorm.WEIGHT;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.GpOp;

/** Machine code for the gated norm: for each token, all heads. */
final class GatedNormCode {

    private GatedNormCode() {}

    static void emit(KernelCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        a.load(RSI, arg(ROWS));
        a.load(R8, arg(GATE));
        a.load(RDX, arg(WEIGHT));
        a.load(R10, arg(DIM));
        a.shl(R10, 2);
        a.load(RBX, arg(TOKENS));
        row.width(arg(DIM));
        Label token = a.here();
        a.load(R9, arg(HEADS));
        Label head = a.here();
        row.inverseNorm(RSI, arg(DIVISOR), arg(EPS), code.v(0), code.v(1), code.v(2), code.v(3));
        row.begin();
        do {
            row.load(code.v(1), row.at(R8));
            functions.silu(code.v(2), code.v(1), code.v(3), code.v(4));
            row.load(code.v(1), row.at(RSI));
            row.load(code.v(3), row.at(RDX));
            a.op(VMULPS, code.v(1), code.v(1), code.v(0));
            a.op(VMULPS, code.v(1), code.v(1), code.v(3));
            a.op(VMULPS, code.v(1), code.v(1), code.v(2));
            row.store(row.at(RSI), code.v(1));
        } while (row.next());
        a.op(GpOp.ADD, RSI, R10);
        a.op(GpOp.ADD, R8, R10);
        a.op(GpOp.SUB, R9, 1);
        a.jump(Condition.NOT_EQUAL, head);
        a.op(GpOp.ADD, RSI, arg(GAP));
        a.op(GpOp.ADD, R8, arg(GAP));
        a.op(GpOp.SUB, RBX, 1);
        a.jump(Condition.NOT_EQUAL, token);
    }
}
