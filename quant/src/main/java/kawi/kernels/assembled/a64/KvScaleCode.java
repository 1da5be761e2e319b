package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.GREATER;
import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X10;
import static kawi.assembler.a64.Gp.X11;
import static kawi.assembler.a64.Gp.X12;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.ADD;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.SCVTF;
import static kawi.assembler.a64.VectorOp.SHL;
import static kawi.assembler.a64.VectorOp.SUB;
import static kawi.kernels.assembled.a64.A64Code.arg;

import java.util.List;
import java.util.function.IntConsumer;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.KvFormat;
import kawi.kernels.assembled.AttentionArguments.Page;

/**
 * Machine code, as a part of {@link AttentionPageCode}, that applies the scales of quantized keys and values to rows of
 * scores, up to a multiple of 16 positions.
 *
 * <pre>
 *    scores     from the sum of the products of integers, where S is the sum of the query's integers:
 *               q8    sum     q4    2 sum - 15 S;     then * query scale * key scale[j]
 *    weights    * value scale[j]
 * </pre>
 *
 * <p>All rows of a token are processed together, so that a scale is loaded once. V0 to V3 are scores, V4 to V7 scales
 * of 16 positions; V16 to V23 are the query scales and offsets of the rows.
 */
final class KvScaleCode {

    private static final int VECTORS = Page.STEP / A64Code.LANES;

    private static final Gp SEEN = X1;
    private static final Gp TOKENS_LEFT = X2;
    private static final Gp SCORE_ROW = X3;
    private static final Gp QUERY = X4;
    private static final Gp SCALES = X5;
    private static final Gp STEPS_LEFT = X6;
    private static final Gp SPARE = X7;
    private static final List<Gp> SCORES_OF = List.of(X8, X9, X10, X11);
    private static final Gp QUERY_ROW = X12;

    private final Assembler a;
    private final int rows;

    private KvScaleCode(A64Code code, int rows) {
        this.a = code.a;
        this.rows = rows;
    }

    /** Converts sums of integers to scores. */
    static void scores(A64Code code, KvFormat keys, int rows) {
        KvScaleCode scale = new KvScaleCode(code, rows);
        scale.overTokens(Page.KEY_SCALES, () -> scale.queries(keys), row -> scale.convert(keys, row));
    }

    /** Multiplies weights with the scales of values. */
    static void weights(A64Code code, int rows) {
        KvScaleCode scale = new KvScaleCode(code, rows);
        scale.overTokens(Page.VALUE_SCALES, () -> {}, _ -> {});
    }

    /**
     * The loop over tokens and runs of 16 positions.
     *
     * @param token emits what is done once for each token
     * @param convert emits what is done with four vectors of scores of a row before they are multiplied
     */
    private void overTokens(int scales, Runnable token, IntConsumer convert) {
        a.ldr(TOKENS_LEFT, arg(Page.TOKENS));
        a.ldr(SEEN, arg(Page.VISIBLE));
        a.ldr(SCORE_ROW, arg(Page.SCORES));
        a.ldr(QUERY, arg(Page.QUERY));
        a.ldr(SPARE, arg(Page.QUERY_SCALE_AT));
        a.op(GpOp.ADD, QUERY, QUERY, SPARE);
        Label next = a.here();
        token.run();
        a.ldr(SCALES, arg(scales));
        a.op(GpOp.ADD, STEPS_LEFT, SEEN, Page.STEP - 1);
        a.lsr(STEPS_LEFT, STEPS_LEFT, Integer.numberOfTrailingZeros(Page.STEP));
        for (int row = 0; row < rows; row++) {
            a.op(GpOp.ADD, SCORES_OF.get(row), SCORE_ROW, (long) row * Page.SCORE_BYTES);
        }
        Label step = a.here();
        a.ldp(scale(0).q(), scale(1).q(), Mem.post(SCALES, 2 * A64Code.VECTOR_BYTES));
        a.ldp(scale(2).q(), scale(3).q(), Mem.post(SCALES, 2 * A64Code.VECTOR_BYTES));
        for (int row = 0; row < rows; row++) {
            Gp at = SCORES_OF.get(row);
            a.ldp(v(0).q(), v(1).q(), Mem.at(at));
            a.ldp(v(2).q(), v(3).q(), Mem.at(at, 2 * A64Code.VECTOR_BYTES));
            convert.accept(row);
            for (int n = 0; n < VECTORS; n++) {
                a.op(FMUL, v(n), v(n), scale(n));
            }
            a.stp(v(0).q(), v(1).q(), Mem.post(at, 2 * A64Code.VECTOR_BYTES));
            a.stp(v(2).q(), v(3).q(), Mem.post(at, 2 * A64Code.VECTOR_BYTES));
        }
        a.op(GpOp.SUBS, STEPS_LEFT, STEPS_LEFT, 1);
        a.b(GREATER, step);
        a.op(GpOp.ADD, SCORE_ROW, SCORE_ROW, (long) rows * Page.SCORE_BYTES);
        a.ldr(SPARE, arg(Page.QUERY_TOKEN));
        a.op(GpOp.ADD, QUERY, QUERY, SPARE);
        AttentionPageCode.seeOneMore(a, SEEN, SPARE);
        a.op(GpOp.SUBS, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.b(NOT_EQUAL, next);
    }

    private static Vec scale(int n) {
        return v(VECTORS + n);
    }

    private static Vec queryScale(int row) {
        return v(16 + row);
    }

    /** What the levels of q4 keys have added to a sum. */
    private static Vec offset(int row) {
        return v(20 + row);
    }

    private void queries(KvFormat keys) {
        a.mov(QUERY_ROW, QUERY);
        a.ldr(SPARE, arg(Page.QUERY_HEAD));
        for (int row = 0; row < rows; row++) {
            a.ld1r(queryScale(row), Mem.at(QUERY_ROW));
            if (keys == KvFormat.Q4) {
                a.ldr(v(0).s(), Mem.at(QUERY_ROW, Float.BYTES));
                a.dup(v(0), v(0).s(0));
                a.op(SHL, offset(row), v(0), 4);
                a.op(SUB, offset(row), offset(row), v(0));
            }
            a.op(GpOp.ADD, QUERY_ROW, QUERY_ROW, SPARE);
        }
    }

    private void convert(KvFormat keys, int row) {
        for (int n = 0; n < VECTORS; n++) {
            if (keys == KvFormat.Q4) {
                a.op(ADD, v(n), v(n), v(n));
                a.op(SUB, v(n), v(n), offset(row));
            }
            a.op(SCVTF, v(n), v(n));
            a.op(FMUL, v(n), v(n), queryScale(row));
        }
    }
}
