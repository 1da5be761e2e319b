package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VADDPS;
import static kawi.assembler.x86.VectorOp.VBROADCASTSS;
import static kawi.assembler.x86.VectorOp.VDIVSS;
import static kawi.assembler.x86.VectorOp.VFMADD213PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VSUBPS;
import static kawi.kernels.assembled.RowArguments.BIAS;
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
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Vec;

/** Machine code of the row operations that have a bias for each column, all rows of a task in one call. */
final class BiasedRowsCode {

    private static final Gp X_ROW = RSI;
    private static final Gp OTHER_ROW = R8;
    private static final Gp WEIGHT = RDX;
    private static final Gp BIASES = R11;
    private static final Gp LEFT = R9;
    private static final Gp ROW_BYTES = R10;

    private final KernelCode code;
    private final Assembler a;
    private final RowCode row;
    private final FunctionCode functions;

    private BiasedRowsCode(KernelCode code) {
        this.code = code;
        this.a = code.a;
        this.row = new RowCode(code);
        this.functions = new FunctionCode(code);
    }

    static void layerNorm(KernelCode code) {
        new BiasedRowsCode(code).layerNorm();
    }

    static void addBias(KernelCode code) {
        BiasedRowsCode rows = new BiasedRowsCode(code);
        rows.elementwise(x -> x);
    }

    static void addBiased(KernelCode code) {
        new BiasedRowsCode(code).addBiased();
    }

    static void geluTanh(KernelCode code) {
        BiasedRowsCode rows = new BiasedRowsCode(code);
        rows.elementwise(x -> {
            rows.functions.geluTanh(code.v(0), x, code.v(2), code.v(3));
            return code.v(0);
        });
    }

    static void geluErf(KernelCode code) {
        BiasedRowsCode rows = new BiasedRowsCode(code);
        rows.elementwise(x -> {
            rows.functions.geluErf(code.v(0), x, code.v(2), code.v(3), code.v(4), code.v(5));
            return code.v(0);
        });
    }

    /** A function of the sum in a register, which it may overwrite; returns the register of the result. */
    private interface Function {
        Vec emit(Vec x);
    }

    private void elementwise(Function function) {
        rows(() -> {
            row.load(code.v(1), row.at(X_ROW));
            row.load(code.v(0), row.at(BIASES));
            a.op(VADDPS, code.v(1), code.v(1), code.v(0));
            row.store(row.at(X_ROW), function.emit(code.v(1)));
        });
    }

    private void addBiased() {
        a.load(OTHER_ROW, arg(OTHER));
        rows(() -> {
            row.load(code.v(1), row.at(OTHER_ROW));
            row.load(code.v(0), row.at(BIASES));
            a.op(VADDPS, code.v(1), code.v(1), code.v(0));
            row.load(code.v(0), row.at(X_ROW));
            a.op(VADDPS, code.v(0), code.v(0), code.v(1));
            row.store(row.at(X_ROW), code.v(0));
        });
    }

    private void layerNorm() {
        Vec inverse = code.v(0);
        Vec x = code.v(1);
        Vec mean = code.v(4);
        a.load(OTHER_ROW, arg(Y));
        a.load(WEIGHT, arg(OTHER));
        Label next = begin();
        row.sum(X_ROW, mean, x, code.v(2), code.v(3));
        a.op(VDIVSS, mean.xmm(), mean.xmm(), arg(DIVISOR));
        a.op(VBROADCASTSS, mean, mean.xmm());
        row.sumOfSquares(X_ROW, mean, inverse, x, code.v(2), code.v(3));
        row.inverseNorm(arg(DIVISOR), arg(EPS), inverse, x);
        row.begin();
        do {
            row.load(x, row.at(X_ROW));
            row.load(code.v(2), row.at(WEIGHT));
            row.load(code.v(3), row.at(BIASES));
            a.op(VSUBPS, x, x, mean);
            a.op(VMULPS, x, x, inverse);
            a.op(VFMADD213PS, x, code.v(2), code.v(3));
            row.store(row.at(OTHER_ROW), x);
        } while (row.next());
        end(next);
    }

    private void rows(Runnable vector) {
        Label next = begin();
        row.begin();
        do {
            vector.run();
        } while (row.next());
        end(next);
    }

    private Label begin() {
        a.load(X_ROW, arg(X));
        a.load(BIASES, arg(BIAS));
        a.load(LEFT, arg(ROWS));
        a.load(ROW_BYTES, arg(WIDTH));
        a.shl(ROW_BYTES, 2);
        row.width(arg(WIDTH));
        return a.here();
    }

    private void end(Label next) {
        a.op(GpOp.ADD, X_ROW, ROW_BYTES);
        a.op(GpOp.ADD, OTHER_ROW, ROW_BYTES);
        a.op(GpOp.SUB, LEFT, 1);
        a.jump(Condition.NOT_EQUAL, next);
    }
}
