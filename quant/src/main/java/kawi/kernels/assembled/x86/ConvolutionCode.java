package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.kernels.assembled.DeltaArguments.Convolution.CHANNELS;
import static kawi.kernels.assembled.DeltaArguments.Convolution.HISTORY;
import static kawi.kernels.assembled.DeltaArguments.Convolution.KEPT;
import static kawi.kernels.assembled.DeltaArguments.Convolution.KEPT_ROWS;
import static kawi.kernels.assembled.DeltaArguments.Convolution.NEW;
import static kawi.kernels.assembled.DeltaArguments.Convolution.NEW_ROWS;
import static kawi.kernels.assembled.DeltaArguments.Convolution.OUT;
import static kawi.kernels.assembled.DeltaArguments.Convolution.ROWS;
import static kawi.kernels.assembled.DeltaArguments.Convolution.STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Convolution.TAPS;
import static kawi.kernels.assembled.DeltaArguments.Convolution.TOKENS;
import static kawi.kernels.assembled.DeltaArguments.Convolution.WEIGHT;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;

/**
 * Machine code of the causal depthwise convolution with SiLU, for all tokens of a chunk and a run of channels.
 *
 * <p>Token by token, a vector of channels at a time. Of the taps of token t, the first {@code past - t} (if there are
 * any) are rows of the history, the others rows of the chunk. The rows that the next chunk needs are copied at the end,
 * again from the history first: in increasing order, so that none is overwritten before it is read.
 */
final class ConvolutionCode {

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

    private ConvolutionCode() {}

    static void emit(KernelCode code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
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
    private static void taps(KernelCode code, RowCode row) {
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

    /** Copies rows to {@code OUT_ROW}, which is advanced. */
    private static void copyRows(KernelCode code, RowCode row, int from, int count) {
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
