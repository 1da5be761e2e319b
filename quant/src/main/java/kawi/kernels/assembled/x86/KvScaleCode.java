package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.BELOW;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPADDD;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.assembler.x86.VectorOp.VPSUBD;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.KvFormat;
import kawi.kernels.assembled.AttentionArguments.Page;

/**
 * Machine code, as a part of {@link AttentionPageCode}, that applies the scales of quantized keys and values to rows of
 * scores, up to a multiple of 16 positions.
 *
 * <pre>
 *    scores     from the sum of u * q, where u is the stored, unsigned number and S the sum of the query's integers:
 *               q8    sum - 128 S     q4    2 sum - 15 S;     then * query scale * key scale[j]
 *               q8 without VNNI: the sum as it is, as {@link AttentionElementCode} multiplies signed numbers
 *    weights    * value scale[j]
 * </pre>
 */
final class KvScaleCode {

    private static final Gp SEEN = RCX;
    private static final Gp TOKENS_LEFT = RBX;
    private static final Gp END = RAX;
    private static final Gp AT = RDX;
    private static final Gp SCORE_ROW = RBP;
    private static final Gp SCALES = RSI;
    private static final Gp QUERY = R8;
    private static final Gp QUERY_ROW = R9;

    private final KernelCode code;
    private final Assembler a;
    private final int rows;

    private KvScaleCode(KernelCode code, int rows) {
        this.code = code;
        this.a = code.a;
        this.rows = rows;
    }

    /** Converts sums of integers to scores. */
    static void scores(KernelCode code, KvFormat keys, int rows) {
        KvScaleCode scale = new KvScaleCode(code, rows);
        scale.overRows(Page.KEY_SCALES, () -> scale.query(keys), () -> scale.score(keys));
    }

    /** Multiplies weights with the scales of values. */
    static void weights(KernelCode code, int rows) {
        KvScaleCode scale = new KvScaleCode(code, rows);
        scale.overRows(Page.VALUE_SCALES, () -> {}, () -> {});
    }

    /**
     * The loop over tokens, rows and vectors.
     *
     * @param row emits what is done once for each row
     * @param convert emits what is done with a vector before it is multiplied
     */
    private void overRows(int scales, Runnable row, Runnable convert) {
        a.load(TOKENS_LEFT, arg(Page.TOKENS));
        a.load(SEEN, arg(Page.VISIBLE));
        a.load(SCORE_ROW, arg(Page.SCORES));
        a.load(SCALES, arg(scales));
        a.load(QUERY, arg(Page.QUERY));
        a.op(GpOp.ADD, QUERY, arg(Page.QUERY_SCALE_AT));
        Label token = a.here();
        a.lea(END, Mem.at(SEEN, Page.STEP - 1));
        a.op(GpOp.AND, END, -Page.STEP);
        a.shl(END, 2);
        a.mov(QUERY_ROW, QUERY);
        for (int i = 0; i < rows; i++) {
            row.run();
            a.mov(AT, 0);
            Label next = a.here();
            for (int at = 0; at < Page.STEP * Float.BYTES; at += code.bytes()) {
                Mem score = Mem.at(SCORE_ROW, AT, 1, i * Page.SCORE_BYTES + at);
                code.load(x(), score);
                convert.run();
                a.op(VMULPS, x(), x(), Mem.at(SCALES, AT, 1, at));
                code.store(score, x());
            }
            a.op(GpOp.ADD, AT, Page.STEP * Float.BYTES);
            a.op(GpOp.CMP, AT, END);
            a.jump(BELOW, next);
            a.op(GpOp.ADD, QUERY_ROW, arg(Page.QUERY_HEAD));
        }
        a.op(GpOp.ADD, SCORE_ROW, rows * Page.SCORE_BYTES);
        a.op(GpOp.ADD, QUERY, arg(Page.QUERY_TOKEN));
        AttentionPageCode.seeOneMore(a, SEEN);
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(NOT_EQUAL, token);
    }

    private Vec x() {
        return code.v(0);
    }

    private Vec queryScale() {
        return code.v(1);
    }

    /** What the unsigned numbers have added to a sum. */
    private Vec offset() {
        return code.v(2);
    }

    private void query(KvFormat keys) {
        code.broadcast(queryScale(), Mem.at(QUERY_ROW));
        if (hasOffset(keys)) {
            code.broadcast(code.v(3), Mem.at(QUERY_ROW, Float.BYTES));
            a.op(VPSLLD, offset(), code.v(3), keys == KvFormat.Q8 ? 7 : 4);
            if (keys == KvFormat.Q4) {
                a.op(VPSUBD, offset(), offset(), code.v(3));
            }
        }
    }

    private boolean hasOffset(KvFormat keys) {
        return keys == KvFormat.Q4 || code.isa.vnni();
    }

    private void score(KvFormat keys) {
        if (keys == KvFormat.Q4) {
            a.op(VPADDD, x(), x(), x());
        }
        if (hasOffset(keys)) {
            a.op(VPSUBD, x(), x(), offset());
        }
        a.op(VCVTDQ2PS, x(), x());
        a.op(VMULPS, x(), x(), queryScale());
    }
}
