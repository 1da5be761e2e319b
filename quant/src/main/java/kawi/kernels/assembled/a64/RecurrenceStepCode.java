package kawi.kernels.assembled.a64;

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
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.FSUB;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.BETA;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.DECAY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY_BYTES;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.OUT;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.QUERY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.STATE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.STATE_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.VALUE;
import static kawi.kernels.assembled.a64.A64Code.arg;
import static kawi.kernels.assembled.a64.A64Code.v;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Prefetch;
import kawi.assembler.a64.Vec;

/**
 * Machine code of the gated delta rule for a tile of value channels of one head and a single token, as in decoding. The
 * operations are those of {@link RecurrenceCode}, but the time is that of reading the state from memory. Therefore the
 * state with the decay is computed twice instead of stored in between:
 *
 * <pre>
 *    for each row of the state:  r = r + (g S_i) k_i
 *    d = beta (v - r)
 *    for each row of the state:  S_i = g S_i + k_i d,  o = o + S_i q_i
 * </pre>
 */
final class RecurrenceStepCode {

    /** The maximum number of vectors of a tile. */
    static final int MAX_VECTORS = 8;

    /** The prefetch distance. */
    private static final int PREFETCH_BYTES = 8 << 10;

    private static final int LINE = 64;

    private static final Gp QUERY_ROW = X1;
    private static final Gp KEY_ROW = X2;
    private static final Gp VALUE_ROW = X3;
    private static final Gp STRIDE = X4;
    private static final Gp BETAS = X5;
    private static final Gp OUT_ROW = X6;
    private static final Gp AT = X7;
    private static final Gp END = X8;
    private static final Gp ROW = X9;
    private static final Gp DECAYS = X10;

    private static final Vec K = v(20);
    private static final Vec Q = v(21);
    private static final Vec DECAY_FACTOR = v(22);

    private final A64Code code;
    private final Assembler a;
    private final int vectors;
    private final StateRows rows;

    private RecurrenceStepCode(A64Code code, int vectors) {
        this.code = code;
        this.a = code.a;
        this.vectors = vectors;
        this.rows = new StateRows(a, vectors, 16);
    }

    /** Emits the code for tiles of {@code vectors} vectors, 1 to {@value #MAX_VECTORS}. */
    static void emit(A64Code code, int vectors) {
        new RecurrenceStepCode(code, vectors).emit();
    }

    /** r, then d. */
    private static Vec difference(int n) {
        return v(n);
    }

    private static Vec output(int n) {
        return v(8 + n);
    }

    private void emit() {
        a.ldr(QUERY_ROW, arg(QUERY));
        a.ldr(KEY_ROW, arg(KEY));
        a.ldr(VALUE_ROW, arg(VALUE));
        a.ldr(STRIDE, arg(STATE_STRIDE));
        a.ldr(BETAS, arg(BETA));
        a.ldr(OUT_ROW, arg(OUT));
        a.ldr(END, arg(KEY_BYTES));
        a.ldr(DECAYS, arg(DECAY));
        a.ldr(DECAY_FACTOR.s(), Mem.at(DECAYS));
        for (int n = 0; n < vectors; n++) {
            code.zero(difference(n));
            code.zero(output(n));
        }

        Label recall = overRows();
        for (int at = 0; at < rows.bytes(); at += LINE) {
            a.prfm(Prefetch.PLDL2KEEP, Mem.at(ROW, PREFETCH_BYTES + at));
        }
        a.ldr(K.s(), Mem.at(KEY_ROW, AT));
        for (int first = 0; first < vectors; first += StateRows.AT_ONCE) {
            loadDecayed(first);
            rows.forEach(first, n -> a.op(FMLA, difference(n), rows.s(n), K.s(0)));
        }
        endOfRow(recall);

        a.ldr(K.s(), Mem.at(BETAS));
        for (int first = 0; first < vectors; first += StateRows.AT_ONCE) {
            rows.load(VALUE_ROW, first);
            rows.forEach(first, n -> a.op(FSUB, difference(n), rows.s(n), difference(n)));
            rows.forEach(first, n -> a.op(FMUL, difference(n), difference(n), K.s(0)));
        }

        Label update = overRows();
        a.ldr(K.s(), Mem.at(KEY_ROW, AT));
        a.ldr(Q.s(), Mem.at(QUERY_ROW, AT));
        for (int first = 0; first < vectors; first += StateRows.AT_ONCE) {
            loadDecayed(first);
            rows.forEach(first, n -> a.op(FMLA, rows.s(n), difference(n), K.s(0)));
            rows.forEach(first, n -> a.op(FMLA, output(n), rows.s(n), Q.s(0)));
            rows.store(ROW, first);
        }
        endOfRow(update);
        rows.storeAll(OUT_ROW, n -> output(n));
    }

    private void loadDecayed(int first) {
        rows.load(ROW, first);
        rows.forEach(first, n -> a.op(FMUL, rows.s(n), rows.s(n), DECAY_FACTOR.s(0)));
    }

    /** Begins a loop over the rows of the state, which {@link #endOfRow} ends. */
    private Label overRows() {
        a.ldr(ROW, arg(STATE));
        a.mov(AT, 0);
        a.align(16);
        return a.here();
    }

    private void endOfRow(Label row) {
        a.op(GpOp.ADD, ROW, ROW, STRIDE);
        a.op(GpOp.ADD, AT, AT, Float.BYTES);
        a.cmp(AT, END);
        a.b(Condition.LOWER, row);
    }
}
