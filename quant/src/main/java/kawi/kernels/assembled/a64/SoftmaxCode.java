package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.GREATER;
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
import static kawi.assembler.a64.VectorOp.FADD;
import static kawi.assembler.a64.VectorOp.FMAX;
import static kawi.assembler.a64.VectorOp.FMAXV;
import static kawi.assembler.a64.VectorOp.FSUB;
import static kawi.kernels.assembled.a64.A64Code.arg;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Shift;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.AttentionArguments.Page;

/**
 * Machine code, as a part of {@link AttentionPageCode}, that replaces rows of scores by {@code exp(score - max)} and
 * stores the maximum and the sum of each row with the partial results.
 *
 * <p>It processes whole runs of 16 positions, whose four vectors are independent: V0 to V3 are maxima, then partial
 * sums, V4 is the maximum, V5 to V20 are four exponentials. The scores after those that a token attends to are set to
 * -infinity: they are not the maximum, their exponential is zero and does not change the sum, and the second product
 * omits them.
 */
final class SoftmaxCode {

    private static final int VECTORS = Page.STEP / A64Code.LANES;
    private static final int PAIR_BYTES = 2 * A64Code.VECTOR_BYTES;
    private static final int EXPONENTIALS = 5;
    private static final Vec MAX = v(4);

    private static final Gp TOKENS_LEFT = X1;
    private static final Gp SEEN = X2;
    private static final Gp SCORE_ROW = X3;
    private static final Gp RESULT = X4;
    private static final Gp RESULTS_APART = X5;
    private static final Gp ROW_RESULT = X6;
    private static final Gp SCORES = X7;
    private static final Gp AT = X8;
    private static final Gp LEFT = X9;
    private static final Gp SPARE = X10;

    private final A64Code code;
    private final Assembler a;
    private final FunctionCode functions;
    private final int rows;

    private SoftmaxCode(A64Code code, int rows) {
        this.code = code;
        this.a = code.a;
        this.functions = new FunctionCode(code);
        this.rows = rows;
    }

    /** Emits the code for {@code rows} rows of scores per token, with the arguments of {@link AttentionPageCode}. */
    static void emit(A64Code code, int rows) {
        new SoftmaxCode(code, rows).emit();
    }

    private void emit() {
        functions.begin();
        a.ldr(TOKENS_LEFT, arg(Page.TOKENS));
        a.ldr(SEEN, arg(Page.VISIBLE));
        a.ldr(SCORE_ROW, arg(Page.SCORES));
        a.ldr(RESULT, arg(Page.MAX));
        a.ldr(RESULTS_APART, arg(Page.PARTIAL_ROW));
        Label token = a.here();
        a.mov(SCORES, SCORE_ROW);
        a.mov(ROW_RESULT, RESULT);
        for (int row = 0; row < rows; row++) {
            hideUnseen();
            maximum();
            exponentials();
            a.stp(MAX.s(), v(0).s(), Mem.at(ROW_RESULT));
            a.op(GpOp.ADD, SCORES, SCORES, Page.SCORE_BYTES);
            a.op(GpOp.ADD, ROW_RESULT, ROW_RESULT, RESULTS_APART);
        }
        a.op(GpOp.ADD, SCORE_ROW, SCORE_ROW, (long) rows * Page.SCORE_BYTES);
        a.ldr(SPARE, arg(Page.PARTIAL_TOKEN));
        a.op(GpOp.ADD, RESULT, RESULT, SPARE);
        AttentionPageCode.seeOneMore(a, SEEN, SPARE);
        a.op(GpOp.SUBS, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.b(NOT_EQUAL, token);
    }

    private void hideUnseen() {
        code.set(v(0), Float.NEGATIVE_INFINITY);
        a.op(GpOp.ADD, AT, SCORES, SEEN, Shift.LSL, 2);
        a.stp(v(0).q(), v(0).q(), Mem.at(AT));
        a.stp(v(0).q(), v(0).q(), Mem.at(AT, PAIR_BYTES));
    }

    /** Begins a loop over the runs of a row. */
    private Label runs() {
        a.mov(AT, SCORES);
        a.op(GpOp.ADD, LEFT, SEEN, Page.STEP - 1);
        a.lsr(LEFT, LEFT, Integer.numberOfTrailingZeros(Page.STEP));
        return a.here();
    }

    private void next(Label runs) {
        a.op(GpOp.SUBS, LEFT, LEFT, 1);
        a.b(GREATER, runs);
    }

    private void load(int first, Mem low, Mem high) {
        a.ldp(v(first).q(), v(first + 1).q(), low);
        a.ldp(v(first + 2).q(), v(first + 3).q(), high);
    }

    /** The maximum of a row, in all lanes of its register. */
    private void maximum() {
        for (int n = 1; n < VECTORS; n++) {
            a.mov(v(n), v(0));
        }
        Label next = runs();
        load(EXPONENTIALS, Mem.post(AT, PAIR_BYTES), Mem.post(AT, PAIR_BYTES));
        for (int n = 0; n < VECTORS; n++) {
            a.op(FMAX, v(n), v(n), v(EXPONENTIALS + n));
        }
        next(next);
        a.op(FMAX, v(0), v(0), v(1));
        a.op(FMAX, v(2), v(2), v(3));
        a.op(FMAX, v(0), v(0), v(2));
        a.op(FMAXV, MAX.s(), v(0));
        a.dup(MAX, MAX.s(0));
    }

    private void exponentials() {
        for (int n = 0; n < VECTORS; n++) {
            code.zero(v(n));
        }
        Label next = runs();
        load(EXPONENTIALS, Mem.at(AT), Mem.at(AT, PAIR_BYTES));
        for (int n = 0; n < VECTORS; n++) {
            a.op(FSUB, v(EXPONENTIALS + n), v(EXPONENTIALS + n), MAX);
        }
        functions.expOfNonPositive(EXPONENTIALS, VECTORS);
        a.stp(v(EXPONENTIALS).q(), v(EXPONENTIALS + 1).q(), Mem.post(AT, PAIR_BYTES));
        a.stp(v(EXPONENTIALS + 2).q(), v(EXPONENTIALS + 3).q(), Mem.post(AT, PAIR_BYTES));
        for (int n = 0; n < VECTORS; n++) {
            a.op(FADD, v(n), v(n), v(EXPONENTIALS + n));
        }
        next(next);
        functions.treeSum(v(0), v(1), v(2), v(3));
    }
}
