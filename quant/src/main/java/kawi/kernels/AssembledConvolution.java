package kawi.kernels;

import static kawi.assembler.Gp.R10;
import static kawi.assembler.Gp.R11;
import static kawi.assembler.Gp.R15;
import static kawi.assembler.Gp.R8;
import static kawi.assembler.Gp.R9;
import static kawi.assembler.Gp.RBP;
import static kawi.assembler.Gp.RBX;
import static kawi.assembler.Gp.RCX;
import static kawi.assembler.Gp.RDX;
import static kawi.assembler.Gp.RSI;
import static kawi.assembler.VectorOp.VFMADD231PS;
import static kawi.kernels.VectorCode.arg;

import kawi.assembler.Assembler;
import kawi.assembler.Condition;
import kawi.assembler.Gp;
import kawi.assembler.GpOp;
import kawi.assembler.Label;

/**
 * Machine code of the causal depthwise convolution with SiLU, for all tokens of a chunk and a run of channels.
 *
 * <p>Token by token, a vector of channels at a time. Of the taps of token t, the first {@code past - t} (if there are any) are rows of
 * the history, the others rows of the chunk. The rows that the next chunk needs are copied at the end, again from the
 * history first: in increasing order, so that none is overwritten before it is read.
 */
final class AssembledConvolution {

    static final int ROWS = 0;
    static final int WEIGHT = 8;
    static final int HISTORY = 16;
    static final int OUT = 24;
    static final int CHANNELS = 32;
    static final int STRIDE = 40;
    static final int TOKENS = 48;
    static final int TAPS = 56;
    static final int KEPT = 64;
    static final int KEPT_ROWS = 72;
    static final int NEW = 80;
    static final int NEW_ROWS = 88;

    private static final Gp ROW = RSI;
    private static final Gp PAST_ROW = R8;
    private static final Gp PAST_TAPS = RBP;
    private static final Gp OUT_ROW = R9;
    private static final Gp ROW_BYTES = R10;
    private static final Gp TAPS_LEFT = R11;
    private static final Gp SOURCE = R15;
    private static final Gp WEIGHTS = RDX;
    private static final Gp WEIGHT_ROW = RCX;
    private static final Gp ROWS_LEFT = RBX;

    private AssembledConvolution() {}

    static void emit(VectorCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        AssembledFunctions functions = new AssembledFunctions(code);
        a.load(ROW, arg(ROWS));
        a.load(WEIGHTS, arg(WEIGHT));
        a.load(PAST_ROW, arg(HISTORY));
        a.load(OUT_ROW, arg(OUT));
        a.load(ROW_BYTES, arg(STRIDE));
        a.load(ROWS_LEFT, arg(TOKENS));
        a.load(PAST_TAPS, arg(TAPS));
        a.op(GpOp.SUB, PAST_TAPS, 1);
        row.width(arg(CHANNELS));

        Label token = a.here();
        Label wholeInRows = a.label();
        Label next = a.label();
        row.begin();
        do {
            Label inRows = a.label();
            code.zero(code.v(0));
            a.mov(WEIGHT_ROW, WEIGHTS);
            a.mov(TAPS_LEFT, PAST_TAPS);
            a.test(TAPS_LEFT, TAPS_LEFT);
            a.jump(Condition.EQUAL, inRows);
            a.mov(SOURCE, PAST_ROW);
            taps(code, row);
            a.bind(inRows);
            a.load(TAPS_LEFT, arg(TAPS));
            a.op(GpOp.SUB, TAPS_LEFT, PAST_TAPS);
            a.mov(SOURCE, ROW);
            taps(code, row);
            functions.silu(code.v(1), code.v(0), code.v(2), code.v(3));
            row.store(row.at(OUT_ROW), code.v(1));
        } while (row.next());
        a.op(GpOp.ADD, OUT_ROW, ROW_BYTES);
        a.test(PAST_TAPS, PAST_TAPS);
        a.jump(Condition.EQUAL, wholeInRows);
        a.op(GpOp.SUB, PAST_TAPS, 1);
        a.op(GpOp.ADD, PAST_ROW, ROW_BYTES);
        a.jump(next);
        a.bind(wholeInRows);
        a.op(GpOp.ADD, ROW, ROW_BYTES);
        a.bind(next);
        a.op(GpOp.SUB, ROWS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, token);

        a.load(OUT_ROW, arg(HISTORY));
        copyRows(code, row, KEPT, KEPT_ROWS);
        copyRows(code, row, NEW, NEW_ROWS);
    }

    /** One {@code fma} for each of {@code TAPS_LEFT} taps. */
    private static void taps(VectorCode code, RowCode row) {
        Assembler a = code.a;
        Label tap = a.here();
        row.load(code.v(1), row.at(WEIGHT_ROW));
        row.load(code.v(2), row.at(SOURCE));
        a.op(VFMADD231PS, code.v(0), code.v(1), code.v(2));
        a.op(GpOp.ADD, WEIGHT_ROW, ROW_BYTES);
        a.op(GpOp.ADD, SOURCE, ROW_BYTES);
        a.op(GpOp.SUB, TAPS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, tap);
    }

    /** Copies rows to where {@code OUT_ROW} is, which moves on. */
    private static void copyRows(VectorCode code, RowCode row, int from, int count) {
        Assembler a = code.a;
        Label done = a.label();
        a.load(SOURCE, arg(from));
        a.load(ROWS_LEFT, arg(count));
        a.test(ROWS_LEFT, ROWS_LEFT);
        a.jump(Condition.EQUAL, done);
        Label next = a.here();
        row.begin();
        do {
            row.load(code.v(0), row.at(SOURCE));
            row.store(row.at(OUT_ROW), code.v(0));
        } while (row.next());
        a.op(GpOp.ADD, SOURCE, ROW_BYTES);
        a.op(GpOp.ADD, OUT_ROW, ROW_BYTES);
        a.op(GpOp.SUB, ROWS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, next);
        a.bind(done);
    }
}
