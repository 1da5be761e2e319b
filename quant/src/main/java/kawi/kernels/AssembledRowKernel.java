package kawi.kernels;

import static kawi.assembler.Gp.R10;
import static kawi.assembler.Gp.R8;
import static kawi.assembler.Gp.R9;
import static kawi.assembler.Gp.RDX;
import static kawi.assembler.Gp.RSI;
import static kawi.assembler.VectorOp.VADDPS;
import static kawi.assembler.VectorOp.VMULPS;
import static kawi.kernels.VectorCode.arg;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.assembler.Assembler;
import kawi.assembler.Condition;
import kawi.assembler.GpOp;
import kawi.assembler.Label;

/** The row operations in machine code, all rows of a task in one call. What works on elements takes its rows as one long row. */
final class AssembledRowKernel implements RowKernel {

    private static final int X = 0;
    private static final int OTHER = 8;
    private static final int Y = 16;
    private static final int WIDTH = 24;
    private static final int ROWS = 32;
    private static final int EPS = 40;
    private static final int DIVISOR = 44;

    private final LazyCode rmsNorm;
    private final LazyCode siluTimes;
    private final LazyCode add;

    AssembledRowKernel(AssembledIsa isa, Arena arena) {
        this.rmsNorm = new LazyCode(isa, arena, AssembledRowKernel::emitRmsNorm);
        this.siluTimes = new LazyCode(isa, arena, AssembledRowKernel::emitSiluTimes);
        this.add = new LazyCode(isa, arena, AssembledRowKernel::emitAdd);
    }

    @Override
    public void rmsNorm(Activations x, MemorySegment weight, float eps, Activations y, int fromRow, int toRow) {
        if (fromRow >= toRow) {
            return;
        }
        long rowBytes = (long) x.width() * Float.BYTES;
        long from = fromRow * rowBytes;
        long bytes = toRow * rowBytes - from;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(X, x.floats(), from, bytes)
                    .set(OTHER, weight, 0, rowBytes)
                    .set(Y, y.floats(), from, bytes)
                    .set(WIDTH, x.width())
                    .set(ROWS, toRow - fromRow)
                    .set(EPS, eps)
                    .set(DIVISOR, (float) x.width());
            rmsNorm.run(arguments);
        } finally {
            arguments.release();
        }
    }

    private static void emitRmsNorm(VectorCode code) {
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

    @Override
    public void siluTimes(Activations gate, Activations up, int fromRow, int toRow) {
        elementwise(siluTimes, gate, up, fromRow, toRow);
    }

    private static void emitSiluTimes(VectorCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        AssembledFunctions functions = new AssembledFunctions(code);
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

    @Override
    public void add(Activations x, Activations y, int fromRow, int toRow) {
        elementwise(add, x, y, fromRow, toRow);
    }

    private static void emitAdd(VectorCode code) {
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

    private static void elementwise(LazyCode operation, Activations x, Activations other, int fromRow, int toRow) {
        if (fromRow >= toRow) {
            return;
        }
        long from = (long) fromRow * x.width();
        long floats = (long) toRow * x.width() - from;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(X, x.floats(), from * Float.BYTES, floats * Float.BYTES)
                    .set(OTHER, other.floats(), from * Float.BYTES, floats * Float.BYTES)
                    .set(WIDTH, floats);
            operation.run(arguments);
        } finally {
            arguments.release();
        }
    }
}
