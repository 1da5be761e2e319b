package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.FADD;
import static kawi.assembler.a64.VectorOp.FDIV;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.FSUB;
import static kawi.kernels.assembled.RowArguments.BIAS;
import static kawi.kernels.assembled.RowArguments.DIVISOR;
import static kawi.kernels.assembled.RowArguments.EPS;
import static kawi.kernels.assembled.RowArguments.OTHER;
import static kawi.kernels.assembled.RowArguments.ROWS;
import static kawi.kernels.assembled.RowArguments.WIDTH;
import static kawi.kernels.assembled.RowArguments.X;
import static kawi.kernels.assembled.RowArguments.Y;
import static kawi.kernels.assembled.a64.A64Code.arg;
import static kawi.kernels.assembled.a64.RowOperationsCode.AT_ONCE;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Vec;

/** Machine code of the row operations that have a bias for each column, all rows of a task in one call. */
final class BiasedRowsCode {

    private static final Gp X_ROW = X1;
    private static final Gp OTHER_ROW = X2;
    private static final Gp WEIGHT = X3;
    private static final Gp BIASES = X4;
    private static final Gp LEFT = X5;
    private static final Gp ROW_BYTES = X6;

    private static final Vec MEAN = v(16);
    private static final Vec MASK = v(17);

    private final Assembler a;
    private final RowCode row;

    private BiasedRowsCode(A64Code code) {
        this.a = code.a;
        this.row = new RowCode(code);
    }

    static void layerNorm(A64Code code) {
        new BiasedRowsCode(code).layerNorm();
    }

    static void addBias(A64Code code) {
        BiasedRowsCode rows = new BiasedRowsCode(code);
        rows.rows(AT_ONCE, () -> {
            rows.addBiases(X_ROW, v(0), v(4));
            rows.row.store(X_ROW, v(0));
        });
    }

    static void addBiased(A64Code code) {
        new BiasedRowsCode(code).addBiased();
    }

    static void geluTanh(A64Code code) {
        GeluCode gelu = new GeluCode(code);
        gelu.beginTanh();
        new BiasedRowsCode(code).gelu(GeluCode.TANH_VECTORS, gelu::tanh);
    }

    static void geluErf(A64Code code) {
        GeluCode gelu = new GeluCode(code);
        gelu.beginErf();
        new BiasedRowsCode(code).gelu(GeluCode.ERF_VECTORS, gelu::erf);
    }

    /** A function of some vectors, in the registers of {@link GeluCode}. */
    private interface Function {
        void emit(int vectors);
    }

    private void gelu(int atOnce, Function function) {
        rows(atOnce, () -> {
            addBiases(X_ROW, v(GeluCode.X), v(0));
            function.emit(row.vectors());
            row.store(X_ROW, v(0));
        });
    }

    private void addBiased() {
        a.ldr(OTHER_ROW, arg(OTHER));
        rows(AT_ONCE, () -> {
            addBiases(OTHER_ROW, v(4), v(8));
            row.load(v(0), X_ROW);
            row.each(FADD, v(0), v(0), v(4));
            row.store(X_ROW, v(0));
        });
    }

    /** Loads vectors and adds their biases. */
    private void addBiases(Gp from, Vec first, Vec spares) {
        row.load(first, from);
        row.load(spares, BIASES);
        row.each(FADD, first, first, spares);
    }

    private void layerNorm() {
        a.ldr(OTHER_ROW, arg(Y));
        a.ldr(WEIGHT, arg(OTHER));
        Label next = begin();
        row.sum(X_ROW);
        a.ldr(v(1).s(), arg(DIVISOR));
        a.op(FDIV, v(0).s(), v(0).s(), v(1).s());
        a.dup(MEAN, v(0).s(0));
        row.sumOfSquares(X_ROW, MEAN, MASK);
        row.inverseNorm(arg(DIVISOR), arg(EPS));
        row.begin(AT_ONCE);
        do {
            row.load(v(4), X_ROW);
            row.load(v(8), WEIGHT);
            row.load(v(12), BIASES);
            row.eachWith(FSUB, v(4), v(4), MEAN);
            row.eachWith(FMUL, v(4), v(4), v(0));
            row.each(FMLA, v(12), v(4), v(8));
            row.store(OTHER_ROW, v(12));
        } while (row.next());
        end(next);
    }

    private void rows(int atOnce, Runnable vectors) {
        Label next = begin();
        row.begin(atOnce);
        do {
            vectors.run();
        } while (row.next());
        end(next);
    }

    private Label begin() {
        a.ldr(X_ROW, arg(X));
        a.ldr(BIASES, arg(BIAS));
        a.ldr(LEFT, arg(ROWS));
        a.ldr(ROW_BYTES, arg(WIDTH));
        a.lsl(ROW_BYTES, ROW_BYTES, 2);
        row.width(arg(WIDTH));
        return a.here();
    }

    private void end(Label next) {
        a.op(GpOp.ADD, X_ROW, X_ROW, ROW_BYTES);
        a.op(GpOp.ADD, OTHER_ROW, OTHER_ROW, ROW_BYTES);
        a.op(GpOp.SUBS, LEFT, LEFT, 1);
        a.b(NOT_EQUAL, next);
    }
}
