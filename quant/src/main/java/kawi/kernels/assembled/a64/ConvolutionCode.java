package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X14;
import static kawi.assembler.a64.Gp.X15;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMUL;
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
import static kawi.kernels.assembled.a64.A64Code.arg;
import static kawi.kernels.assembled.a64.A64Code.v;
import static kawi.kernels.assembled.a64.RowOperationsCode.AT_ONCE;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Vec;

/**
 * Machine code of the causal depthwise convolution with SiLU, for all tokens of a chunk and a run of channels.
 *
 * <p>Token by token, four vectors of channels at a time. Of the taps of token t, the first {@code past - t} (if there are
 * any) are rows of the history, the others rows of the chunk. The rows that the next chunk needs are copied at the end,
 * again from the history first: in increasing order, so that none is overwritten before it is read.
 */
final class ConvolutionCode {

    private static final Gp ROW = X1;
    private static final Gp PAST_ROW = X2;
    private static final Gp PAST_TAPS = X3;
    private static final Gp OUT_ROW = X4;
    private static final Gp ROW_BYTES = X5;
    private static final Gp TAPS_LEFT = X6;
    private static final Gp SOURCE = X7;
    private static final Gp WEIGHTS = X8;
    private static final Gp WEIGHT_ROW = X9;
    private static final Gp ROWS_LEFT = X14;
    private static final Gp ALL_TAPS = X15;

    /** The registers of {@value RowOperationsCode#AT_ONCE} vectors each. */
    private static final Vec GATE = v(0);

    private static final Vec WEIGHT_VECTOR = v(0);
    private static final Vec INPUT = v(4);
    private static final Vec SUM = v(16);

    private ConvolutionCode() {}

    static void emit(A64Code code) {
        Assembler a = code.a;
        RowCode row = new RowCode(code);
        FunctionCode functions = new FunctionCode(code);
        functions.begin();
        a.ldr(ROW, arg(ROWS));
        a.ldr(WEIGHTS, arg(WEIGHT));
        a.ldr(PAST_ROW, arg(HISTORY));
        a.ldr(OUT_ROW, arg(OUT));
        a.ldr(ROW_BYTES, arg(STRIDE));
        a.ldr(ROWS_LEFT, arg(TOKENS));
        a.ldr(ALL_TAPS, arg(TAPS));
        a.op(GpOp.SUB, PAST_TAPS, ALL_TAPS, 1);
        row.width(arg(CHANNELS));

        Label token = a.here();
        Label wholeInRows = a.label();
        Label next = a.label();
        row.begin(AT_ONCE);
        do {
            Label inRows = a.label();
            for (int n = 0; n < row.vectors(); n++) {
                code.zero(v(SUM.number() + n));
            }
            a.mov(WEIGHT_ROW, WEIGHTS);
            a.cbz(PAST_TAPS, inRows);
            a.mov(TAPS_LEFT, PAST_TAPS);
            a.mov(SOURCE, PAST_ROW);
            taps(a, row);
            a.bind(inRows);
            a.op(GpOp.SUB, TAPS_LEFT, ALL_TAPS, PAST_TAPS);
            a.mov(SOURCE, ROW);
            taps(a, row);
            for (int n = 0; n < row.vectors(); n++) {
                code.move(v(GATE.number() + n), v(SUM.number() + n));
            }
            functions.sigmoid(GATE.number(), row.vectors());
            row.each(FMUL, SUM, SUM, GATE);
            row.store(OUT_ROW, SUM);
        } while (row.next());
        a.op(GpOp.ADD, OUT_ROW, OUT_ROW, ROW_BYTES);
        a.cbz(PAST_TAPS, wholeInRows);
        a.op(GpOp.SUB, PAST_TAPS, PAST_TAPS, 1);
        a.op(GpOp.ADD, PAST_ROW, PAST_ROW, ROW_BYTES);
        a.b(next);
        a.bind(wholeInRows);
        a.op(GpOp.ADD, ROW, ROW, ROW_BYTES);
        a.bind(next);
        a.op(GpOp.SUB, ROWS_LEFT, ROWS_LEFT, 1);
        a.cbnz(ROWS_LEFT, token);

        a.ldr(OUT_ROW, arg(HISTORY));
        copyRows(a, row, KEPT, KEPT_ROWS);
        copyRows(a, row, NEW, NEW_ROWS);
    }

    /** One {@code fma} for each of {@code TAPS_LEFT} taps. */
    private static void taps(Assembler a, RowCode row) {
        Label tap = a.here();
        row.load(WEIGHT_VECTOR, WEIGHT_ROW);
        row.load(INPUT, SOURCE);
        row.each(FMLA, SUM, WEIGHT_VECTOR, INPUT);
        a.op(GpOp.ADD, WEIGHT_ROW, WEIGHT_ROW, ROW_BYTES);
        a.op(GpOp.ADD, SOURCE, SOURCE, ROW_BYTES);
        a.op(GpOp.SUB, TAPS_LEFT, TAPS_LEFT, 1);
        a.cbnz(TAPS_LEFT, tap);
    }

    /** Copies rows to {@code OUT_ROW}, which is advanced. */
    private static void copyRows(Assembler a, RowCode row, int from, int count) {
        Label done = a.label();
        a.ldr(SOURCE, arg(from));
        a.ldr(ROWS_LEFT, arg(count));
        a.cbz(ROWS_LEFT, done);
        Label next = a.here();
        row.begin(AT_ONCE);
        do {
            row.load(INPUT, SOURCE);
            row.store(OUT_ROW, INPUT);
        } while (row.next());
        a.op(GpOp.ADD, SOURCE, SOURCE, ROW_BYTES);
        a.op(GpOp.ADD, OUT_ROW, OUT_ROW, ROW_BYTES);
        a.op(GpOp.SUB, ROWS_LEFT, ROWS_LEFT, 1);
        a.cbnz(ROWS_LEFT, next);
        a.bind(done);
    }
}
