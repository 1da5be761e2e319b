package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.HIGHER_OR_SAME;
import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X10;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.EXT;
import static kawi.assembler.a64.VectorOp.FADD;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.FSUB;
import static kawi.assembler.a64.VectorOp.REV64;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.DIM_BYTES;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.FACTOR;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.ROWS;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.SIZE_BYTES;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.STRIDE;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.X;
import static kawi.kernels.assembled.a64.A64Code.arg;

import java.util.List;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Shift;
import kawi.assembler.a64.Vec;

/**
 * Machine code for the rotation of {@link kawi.kernels.KvQuantization}, of rows whose matrix has at least 16 rows:
 *
 * <pre>
 *    for each 16 numbers:           the steps 1, 2, 4 and 8, whose pairs lie in 4 vectors
 *    for each further step h:       x[i], x[i + h] = x[i] + x[i + h], x[i] - x[i + h], 16 numbers i at a time
 * </pre>
 *
 * <p>Within a vector, {@code x * sign + y}, where y has the numbers of each pair exchanged, is the sum in the first
 * place of a pair and the difference in the second, rounded once.
 */
final class HadamardCode {

    private static final int ONE = Float.floatToRawIntBits(1f);
    private static final int MINUS_ONE = Float.floatToRawIntBits(-1f);

    private static final int VECTORS = 4;
    private static final int RUN_BYTES = VECTORS * A64Code.VECTOR_BYTES;

    private static final Gp ROW = X1;
    private static final Gp ROWS_LEFT = X2;
    private static final Gp DIM = X3;
    private static final Gp SIZE = X4;
    private static final Gp STEP = X5;
    private static final Gp FIRST = X6;
    private static final Gp SECOND = X7;
    private static final Gp LEFT = X8;
    private static final Gp LEFT_IN_STEP = X9;
    private static final Gp ROWS_APART = X10;

    private static final Vec SIGNS_1 = v(28);
    private static final Vec SIGNS_2 = v(29);
    private static final Vec FACTORS = v(30);

    private final A64Code code;
    private final Assembler a;

    private HadamardCode(A64Code code) {
        this.code = code;
        this.a = code.a;
    }

    /** @param back whether rows are multiplied by a factor afterwards */
    static void emit(A64Code code, boolean back) {
        new HadamardCode(code).emit(back);
    }

    private void emit(boolean back) {
        a.ldr(ROW, arg(X));
        a.ldr(ROWS_LEFT, arg(ROWS));
        a.ldr(DIM, arg(DIM_BYTES));
        a.ldr(SIZE, arg(SIZE_BYTES));
        a.ldr(ROWS_APART, arg(STRIDE));
        a.ldr(SIGNS_1.q(), a.constant(List.of(ONE, MINUS_ONE, ONE, MINUS_ONE)));
        a.ldr(SIGNS_2.q(), a.constant(List.of(ONE, ONE, MINUS_ONE, MINUS_ONE)));
        if (back) {
            code.broadcast(FACTORS, arg(FACTOR));
        }
        Label row = a.here();
        withinRuns();
        betweenRuns();
        if (back) {
            multiply();
        }
        a.op(GpOp.ADD, ROW, ROW, ROWS_APART);
        a.op(GpOp.SUBS, ROWS_LEFT, ROWS_LEFT, 1);
        a.b(NOT_EQUAL, row);
    }

    private void withinRuns() {
        begin();
        Label next = a.here();
        load(0, Mem.at(FIRST));
        for (int n = 0; n < VECTORS; n++) {
            a.op(REV64, v(4 + n), v(n));
            a.op(FMLA, v(4 + n), v(n), SIGNS_1);
        }
        for (int n = 0; n < VECTORS; n++) {
            a.op(EXT, v(n).b16(), v(4 + n).b16(), v(4 + n).b16(), Long.BYTES);
            a.op(FMLA, v(n), v(4 + n), SIGNS_2);
        }
        sumAndDifference(4, 5, 0, 1);
        sumAndDifference(6, 7, 2, 3);
        sumAndDifference(0, 2, 4, 6);
        sumAndDifference(1, 3, 5, 7);
        store(FIRST, 0);
        a.op(GpOp.SUBS, LEFT, LEFT, RUN_BYTES);
        a.b(NOT_EQUAL, next);
    }

    private void begin() {
        a.mov(FIRST, ROW);
        a.mov(LEFT, DIM);
    }

    private void load(int to, Mem from) {
        a.ldp(v(to).q(), v(to + 1).q(), from);
        a.ldp(v(to + 2).q(), v(to + 3).q(), from.plus(2 * A64Code.VECTOR_BYTES));
    }

    /** Stores four vectors and moves on. */
    private void store(Gp to, int from) {
        a.stp(v(from).q(), v(from + 1).q(), Mem.post(to, 2 * A64Code.VECTOR_BYTES));
        a.stp(v(from + 2).q(), v(from + 3).q(), Mem.post(to, 2 * A64Code.VECTOR_BYTES));
    }

    private void sumAndDifference(int sum, int difference, int x, int y) {
        a.op(FADD, v(sum), v(x), v(y));
        a.op(FSUB, v(difference), v(x), v(y));
    }

    private void betweenRuns() {
        Label done = a.label();
        a.mov(STEP, RUN_BYTES);
        Label step = a.here();
        a.cmp(STEP, SIZE);
        a.b(HIGHER_OR_SAME, done);
        begin();
        Label block = a.here();
        a.op(GpOp.ADD, SECOND, FIRST, STEP);
        a.mov(LEFT_IN_STEP, STEP);
        Label next = a.here();
        load(0, Mem.at(FIRST));
        load(4, Mem.at(SECOND));
        for (int n = 0; n < VECTORS; n++) {
            sumAndDifference(16 + n, 20 + n, n, 4 + n);
        }
        store(FIRST, 16);
        store(SECOND, 20);
        a.op(GpOp.SUBS, LEFT_IN_STEP, LEFT_IN_STEP, RUN_BYTES);
        a.b(NOT_EQUAL, next);
        a.mov(FIRST, SECOND);
        a.op(GpOp.SUBS, LEFT, LEFT, STEP, Shift.LSL, 1);
        a.b(NOT_EQUAL, block);
        a.op(GpOp.ADD, STEP, STEP, STEP);
        a.b(step);
        a.bind(done);
    }

    private void multiply() {
        begin();
        Label next = a.here();
        load(0, Mem.at(FIRST));
        for (int n = 0; n < VECTORS; n++) {
            a.op(FMUL, v(n), v(n), FACTORS);
        }
        store(FIRST, 0);
        a.op(GpOp.SUBS, LEFT, LEFT, RUN_BYTES);
        a.b(NOT_EQUAL, next);
    }
}
