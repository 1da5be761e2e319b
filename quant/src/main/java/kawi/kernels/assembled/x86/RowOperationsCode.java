package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VADDPS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPADDD;
import static kawi.kernels.assembled.RowArguments.DIVISOR;
import static kawi.kernels.assembled.RowArguments.EPS;
import static kawi.kernels.assembled.RowArguments.OTHER;
import static kawi.kernels.assembled.RowArguments.ROWS;
import static kawi.kernels.assembled.RowArguments.WIDTH;
import static kawi.kernels.assembled.RowArguments.X;
import static kawi.kernels.assembled.RowArguments.Y;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.RowKernel;

/** Machine code of the row operations, all rows of a task in one call. */
final class RowOperationsCode {

    /** Partial sums that hide the latency of an addition. */
    private static final int SUMS = 4;

    private RowOperationsCode() {}

    static void rmsNorm(KernelCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        a.load(RSI, arg(X));
        a.load(RDX, arg(OTHER));
        a.load(R8, arg(Y));
        a.load(R9, arg(ROWS));
        a.load(R10, arg(WIDTH));
        a.shl(R10, 2);
        row.width(arg(WIDTH));
        Label next = a.here();
        row.inverseNorm(RSI, arg(DIVISOR), arg(EPS), code.v(0), code.v(1), code.v(2), code.v(3));
        row.begin();
        do {
            row.load(code.v(1), row.at(RSI));
            row.load(code.v(2), row.at(RDX));
            a.op(VMULPS, code.v(1), code.v(1), code.v(0));
            a.op(VMULPS, code.v(1), code.v(1), code.v(2));
            row.store(row.at(R8), code.v(1));
        } while (row.next());
        a.op(GpOp.ADD, RSI, R10);
        a.op(GpOp.ADD, R8, R10);
        a.op(GpOp.SUB, R9, 1);
        a.jump(Condition.NOT_EQUAL, next);
    }

    static void siluTimes(KernelCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        a.load(RSI, arg(X));
        a.load(RDX, arg(OTHER));
        row.width(arg(WIDTH));
        row.begin();
        do {
            row.load(code.v(1), row.at(RSI));
            functions.silu(code.v(0), code.v(1), code.v(2), code.v(3));
            row.load(code.v(1), row.at(RDX));
            a.op(VMULPS, code.v(0), code.v(0), code.v(1));
            row.store(row.at(RSI), code.v(0));
        } while (row.next());
    }

    static void add(KernelCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        a.load(RSI, arg(X));
        a.load(RDX, arg(OTHER));
        row.width(arg(WIDTH));
        row.begin();
        do {
            row.load(code.v(0), row.at(RSI));
            row.load(code.v(1), row.at(RDX));
            a.op(VADDPS, code.v(0), code.v(0), code.v(1));
            row.store(row.at(RSI), code.v(0));
        } while (row.next());
    }

    static void sum(KernelCode code) {
        Assembler a = code.a;
        a.load(RSI, arg(X));
        a.load(R8, arg(Y));
        a.load(R9, arg(WIDTH));
        for (int i = 0; i < SUMS; i++) {
            code.zero(code.v(i));
        }
        a.align(32);
        Label next = a.here();
        for (int at = 0; at < RowKernel.SUMMED_BYTES; at += code.bytes()) {
            Vec sum = code.v(at / code.bytes() % SUMS);
            a.op(VPADDD, sum, sum, Mem.at(RSI, at));
        }
        a.op(GpOp.ADD, RSI, RowKernel.SUMMED_BYTES);
        a.op(GpOp.SUB, R9, RowKernel.SUMMED_BYTES);
        a.jump(Condition.NOT_EQUAL, next);
        for (int i = 1; i < SUMS; i++) {
            a.op(VPADDD, code.v(0), code.v(0), code.v(i));
        }
        code.store(Mem.at(R8, 0), code.v(0));
    }
}
