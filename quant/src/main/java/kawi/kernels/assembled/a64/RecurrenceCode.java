package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X10;
import static kawi.assembler.a64.Gp.X11;
import static kawi.assembler.a64.Gp.X12;
import static kawi.assembler.a64.Gp.X13;
import static kawi.assembler.a64.Gp.X14;
import static kawi.assembler.a64.Gp.X15;
import static kawi.assembler.a64.Gp.X17;
import static kawi.assembler.a64.Gp.X19;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X20;
import static kawi.assembler.a64.Gp.X21;
import static kawi.assembler.a64.Gp.X22;
import static kawi.assembler.a64.Gp.X23;
import static kawi.assembler.a64.Gp.X24;
import static kawi.assembler.a64.Gp.X25;
import static kawi.assembler.a64.Gp.X26;
import static kawi.assembler.a64.Gp.X27;
import static kawi.assembler.a64.Gp.X28;
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
import static kawi.kernels.assembled.DeltaArguments.Recurrence.BETA_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.DECAY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.DECAY_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.FINAL_TOKENS;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY_BYTES;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.OUT;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.OUT_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.QUERY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.REPLAYED;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.REPLAYED_DECAY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.REPLAYED_DIFFERENCE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.REPLAYED_KEY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.ROW;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.STATE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.STATE_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.TOKENS;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.VALUE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.WORK;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.WORK_STRIDE;
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
 * Machine code of the gated delta rule for a tile of value channels of one head, over all tokens of a chunk:
 *
 * <pre>
 *    S = g S;   r = S^T k;   d = beta (v - r);   S = S + k d^T;   o = S^T q
 * </pre>
 *
 * A direct implementation sweeps twice over the state for each token, because d depends on all of r. But the decay and
 * the r of the next token can be computed in the sweep that updates the state, so there is one sweep per token, and one
 * before the first. Row i of the state, in the sweep of token t:
 *
 * <pre>
 *    s = work[i] + k_t[i] d_t        work holds the state with the decay of token t
 *    o = o + s q_t[i]
 *    s = s g_{t+1}
 *    r = r + s k_{t+1}[i]
 *    work[i] = s
 * </pre>
 *
 * Every value is rounded as in the definition. The first sweep does only the last three lines, and the sweep of the
 * last token only the first two; they read and write the state itself. The intermediate states are in scratch memory,
 * or in the state itself if the caller passes it as the scratch memory.
 *
 * <p>The form for revocable rows first replays rows whose d is known, in the first sweep, and stores the state in the
 * sweep that completes the last final row; what follows is in scratch memory only. It writes the d of revocable rows in
 * place of their values, for the next replay:
 *
 * <pre>
 *    s = S[i]
 *    for each replayed row u:  s = s g_u + k_u[i] d_u
 * </pre>
 *
 * <p>d, o, r: up to 8 vectors each, of 4 channels. The state passes through 4 registers. An element of k, of q, of the
 * next k and the decay are in the lowest lanes of the last 4 registers, from where the instructions take them.
 */
final class RecurrenceCode {

    /** The maximum number of vectors of a tile. */
    static final int MAX_VECTORS = 8;

    /** The prefetch distance for the state. */
    private static final int PREFETCH_BYTES = 8 << 10;

    private static final int LINE = 64;

    private static final Gp QUERY_ROW = X1;
    private static final Gp KEY_ROW = X2;
    private static final Gp VALUE_ROW = X3;
    private static final Gp ROW_BYTES = X4;
    private static final Gp DECAYS = X5;
    private static final Gp BETAS = X6;
    private static final Gp OUT_ROW = X7;
    private static final Gp TOKENS_LEFT = X8;
    private static final Gp WORK_BYTES = X9;
    private static final Gp AT = X10;
    private static final Gp END = X11;
    private static final Gp FROM = X12;
    private static final Gp TO = X13;
    private static final Gp NEXT_KEY_ROW = X14;
    private static final Gp STATE_BYTES = X15;
    private static final Gp DECAY_BYTES = X17;
    private static final Gp BETA_BYTES = X19;
    private static final Gp OUT_BYTES = X20;
    private static final Gp FINAL_LEFT = X21;
    private static final Gp REPLAYED_ROWS = X22;
    private static final Gp REPLAYED_LEFT = X23;
    private static final Gp REPLAYED_KEYS = X24;
    private static final Gp REPLAYED_DIFFERENCES = X25;
    private static final Gp REPLAYED_DECAYS = X26;
    private static final Gp AHEAD = X27;
    private static final Gp AHEAD_QUERY = X28;

    private static final Vec K = v(28);
    private static final Vec Q = v(29);
    private static final Vec NEXT_KEY = v(30);
    private static final Vec DECAY_FACTOR = v(31);

    private final A64Code code;
    private final Assembler a;
    private final int vectors;
    private final boolean revocable;
    private final StateRows rows;

    private RecurrenceCode(A64Code code, int vectors, boolean revocable) {
        this.code = code;
        this.a = code.a;
        this.vectors = vectors;
        this.revocable = revocable;
        this.rows = new StateRows(a, vectors, 24);
    }

    /**
     * Emits the code for tiles of {@code vectors} vectors, 1 to {@value #MAX_VECTORS}.
     *
     * @param revocable whether there may be revocable and replayed rows
     */
    static void emit(A64Code code, int vectors, boolean revocable) {
        RecurrenceCode recurrence = new RecurrenceCode(code, vectors, revocable);
        recurrence.loadArguments();
        if (revocable) {
            recurrence.emitRevocable();
        } else {
            recurrence.emit();
        }
    }

    private static Vec difference(int n) {
        return v(n);
    }

    private static Vec output(int n) {
        return v(8 + n);
    }

    private static Vec recalled(int n) {
        return v(16 + n);
    }

    private void loadArguments() {
        a.ldr(QUERY_ROW, arg(QUERY));
        a.ldr(KEY_ROW, arg(KEY));
        a.ldr(VALUE_ROW, arg(VALUE));
        a.ldr(ROW_BYTES, arg(ROW));
        a.ldr(DECAYS, arg(DECAY));
        a.ldr(BETAS, arg(BETA));
        a.ldr(OUT_ROW, arg(OUT));
        a.ldr(TOKENS_LEFT, arg(TOKENS));
        a.ldr(WORK_BYTES, arg(WORK_STRIDE));
        a.ldr(END, arg(KEY_BYTES));
        a.ldr(STATE_BYTES, arg(STATE_STRIDE));
        a.ldr(DECAY_BYTES, arg(DECAY_STRIDE));
        a.ldr(BETA_BYTES, arg(BETA_STRIDE));
        a.ldr(OUT_BYTES, arg(OUT_STRIDE));
        if (revocable) {
            a.ldr(FINAL_LEFT, arg(FINAL_TOKENS));
            a.ldr(REPLAYED_ROWS, arg(REPLAYED));
        }
    }

    private void emit() {
        Label token = a.label();
        Label last = a.label();

        firstSweep();
        a.op(GpOp.SUB, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.cbz(TOKENS_LEFT, last);

        a.bind(token);
        difference();
        prefetchNextToken();
        sweep(false);
        nextToken();
        a.cbnz(TOKENS_LEFT, token);

        a.bind(last);
        difference();
        lastSweep(true);
        storeOutput();
    }

    private void emitRevocable() {
        Label start = a.label();
        Label token = a.label();
        Label stored = a.label();
        Label next = a.label();
        Label last = a.label();
        Label lastOutput = a.label();
        Label output = a.label();
        Label end = a.label();

        a.cbnz(FINAL_LEFT, start);
        replay();
        a.cbz(TOKENS_LEFT, end);
        a.bind(start);
        firstSweep();
        a.op(GpOp.SUB, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.cbz(TOKENS_LEFT, last);

        a.bind(token);
        difference();
        storeDifference();
        a.cmp(FINAL_LEFT, 1);
        a.b(Condition.EQUAL, stored);
        sweep(false);
        a.b(next);
        a.bind(stored);
        sweep(true);
        a.bind(next);
        a.op(GpOp.SUB, FINAL_LEFT, FINAL_LEFT, 1);
        nextToken();
        a.cbnz(TOKENS_LEFT, token);

        a.bind(last);
        difference();
        storeDifference();
        a.cmp(FINAL_LEFT, 1);
        a.b(Condition.NOT_EQUAL, lastOutput);
        lastSweep(true);
        a.b(output);
        a.bind(lastOutput);
        lastSweep(false);
        a.bind(output);
        storeOutput();
        a.bind(end);
    }

    /** Stores the outputs of a token and advances to the next one. */
    private void nextToken() {
        storeOutput();
        a.op(GpOp.ADD, KEY_ROW, KEY_ROW, ROW_BYTES);
        a.op(GpOp.ADD, QUERY_ROW, QUERY_ROW, ROW_BYTES);
        a.op(GpOp.ADD, VALUE_ROW, VALUE_ROW, ROW_BYTES);
        a.op(GpOp.ADD, BETAS, BETAS, BETA_BYTES);
        a.op(GpOp.ADD, OUT_ROW, OUT_ROW, OUT_BYTES);
        a.op(GpOp.SUB, TOKENS_LEFT, TOKENS_LEFT, 1);
    }

    /** Applies the replayed rows to the state in place. */
    private void replay() {
        Label none = a.label();
        a.cbz(REPLAYED_ROWS, none);
        a.ldr(FROM, arg(STATE));
        Label row = overKeys();
        loadReplayed();
        rows.storeAll(FROM, n -> output(n));
        a.op(GpOp.ADD, FROM, FROM, STATE_BYTES);
        endOfRow(row);
        a.mov(REPLAYED_ROWS, 0);
        a.bind(none);
    }

    /** Loads a row of the state, in the registers of the outputs, and applies the replayed rows. */
    private void loadReplayed() {
        for (int at = 0; at < rows.bytes(); at += LINE) {
            a.prfm(Prefetch.PLDL1KEEP, Mem.at(FROM, PREFETCH_BYTES + at));
        }
        rows.loadAll(FROM, n -> output(n));
        Label none = a.label();
        a.cbz(REPLAYED_ROWS, none);
        a.mov(REPLAYED_LEFT, REPLAYED_ROWS);
        a.ldr(REPLAYED_KEYS, arg(REPLAYED_KEY));
        a.ldr(REPLAYED_DIFFERENCES, arg(REPLAYED_DIFFERENCE));
        a.ldr(REPLAYED_DECAYS, arg(REPLAYED_DECAY));
        Label replayed = a.here();
        a.ldr(Q.s(), Mem.at(REPLAYED_KEYS, AT));
        a.ldr(NEXT_KEY.s(), Mem.at(REPLAYED_DECAYS));
        for (int first = 0; first < vectors; first += StateRows.AT_ONCE) {
            rows.load(REPLAYED_DIFFERENCES, first);
            rows.forEach(first, n -> a.op(FMUL, output(n), output(n), NEXT_KEY.s(0)));
            rows.forEach(first, n -> a.op(FMLA, output(n), rows.s(n), Q.s(0)));
        }
        a.op(GpOp.ADD, REPLAYED_KEYS, REPLAYED_KEYS, ROW_BYTES);
        a.op(GpOp.ADD, REPLAYED_DIFFERENCES, REPLAYED_DIFFERENCES, ROW_BYTES);
        a.op(GpOp.ADD, REPLAYED_DECAYS, REPLAYED_DECAYS, DECAY_BYTES);
        a.op(GpOp.SUB, REPLAYED_LEFT, REPLAYED_LEFT, 1);
        a.cbnz(REPLAYED_LEFT, replayed);
        a.bind(none);
    }

    /** Decays the state into the scratch memory and computes r of the first token. */
    private void firstSweep() {
        a.ldr(DECAY_FACTOR.s(), Mem.at(DECAYS));
        a.ldr(FROM, arg(STATE));
        a.ldr(TO, arg(WORK));
        for (int n = 0; n < vectors; n++) {
            code.zero(recalled(n));
        }
        Label row = overKeys();
        if (revocable) {
            loadReplayed();
        }
        a.ldr(K.s(), Mem.at(KEY_ROW, AT));
        for (int first = 0; first < vectors; first += StateRows.AT_ONCE) {
            if (!revocable) {
                rows.load(FROM, first);
            }
            rows.forEach(first, n -> a.op(FMUL, rows.s(n), revocable ? output(n) : rows.s(n), DECAY_FACTOR.s(0)));
            rows.forEach(first, n -> a.op(FMLA, recalled(n), rows.s(n), K.s(0)));
            rows.store(TO, first);
        }
        a.op(GpOp.ADD, FROM, FROM, STATE_BYTES);
        a.op(GpOp.ADD, TO, TO, WORK_BYTES);
        endOfRow(row);
    }

    /**
     * The sweep of a token that is not the last.
     *
     * @param stored whether the state after this token is stored
     */
    private void sweep(boolean stored) {
        a.op(GpOp.ADD, DECAYS, DECAYS, DECAY_BYTES);
        a.ldr(DECAY_FACTOR.s(), Mem.at(DECAYS));
        a.ldr(FROM, arg(WORK));
        if (stored) {
            a.ldr(TO, arg(STATE));
        }
        a.op(GpOp.ADD, NEXT_KEY_ROW, KEY_ROW, ROW_BYTES);
        for (int n = 0; n < vectors; n++) {
            code.zero(recalled(n));
            code.zero(output(n));
        }
        Label row = overKeys();
        a.ldr(K.s(), Mem.at(KEY_ROW, AT));
        a.ldr(Q.s(), Mem.at(QUERY_ROW, AT));
        a.ldr(NEXT_KEY.s(), Mem.at(NEXT_KEY_ROW, AT));
        for (int first = 0; first < vectors; first += StateRows.AT_ONCE) {
            update(first);
            if (stored) {
                rows.store(TO, first);
            }
            rows.forEach(first, n -> a.op(FMUL, rows.s(n), rows.s(n), DECAY_FACTOR.s(0)));
            rows.forEach(first, n -> a.op(FMLA, recalled(n), rows.s(n), NEXT_KEY.s(0)));
            rows.store(FROM, first);
        }
        a.op(GpOp.ADD, FROM, FROM, WORK_BYTES);
        if (stored) {
            a.op(GpOp.ADD, TO, TO, STATE_BYTES);
        }
        endOfRow(row);
    }

    /**
     * The sweep of the last token.
     *
     * @param stored whether the state after this token is stored
     */
    private void lastSweep(boolean stored) {
        a.ldr(FROM, arg(WORK));
        a.ldr(TO, arg(STATE));
        for (int n = 0; n < vectors; n++) {
            code.zero(output(n));
        }
        Label row = overKeys();
        a.ldr(K.s(), Mem.at(KEY_ROW, AT));
        a.ldr(Q.s(), Mem.at(QUERY_ROW, AT));
        for (int first = 0; first < vectors; first += StateRows.AT_ONCE) {
            update(first);
            if (stored) {
                rows.store(TO, first);
            }
        }
        a.op(GpOp.ADD, FROM, FROM, WORK_BYTES);
        a.op(GpOp.ADD, TO, TO, STATE_BYTES);
        endOfRow(row);
    }

    /** Adds {@code k d} to some vectors of a row of the state, and the result times q to the outputs. */
    private void update(int first) {
        rows.load(FROM, first);
        rows.forEach(first, n -> a.op(FMLA, rows.s(n), difference(n), K.s(0)));
        rows.forEach(first, n -> a.op(FMLA, output(n), rows.s(n), Q.s(0)));
    }

    /**
     * Prefetches what the sweep of the next token reads: its query and its value, and the key of the token after it.
     * Rows of tokens are so far apart that the hardware does not foresee them.
     */
    private void prefetchNextToken() {
        a.op(GpOp.ADD, AHEAD_QUERY, QUERY_ROW, ROW_BYTES);
        a.op(GpOp.ADD, AHEAD, KEY_ROW, ROW_BYTES);
        a.op(GpOp.ADD, AHEAD, AHEAD, ROW_BYTES);
        a.mov(AT, 0);
        Label line = a.here();
        a.prfm(Prefetch.PLDL1KEEP, Mem.at(AHEAD, AT));
        a.prfm(Prefetch.PLDL1KEEP, Mem.at(AHEAD_QUERY, AT));
        a.op(GpOp.ADD, AT, AT, LINE);
        a.cmp(AT, END);
        a.b(Condition.LOWER, line);
        a.op(GpOp.ADD, AHEAD, VALUE_ROW, ROW_BYTES);
        for (int at = 0; at < rows.bytes(); at += LINE) {
            a.prfm(Prefetch.PLDL1KEEP, Mem.at(AHEAD, at));
        }
    }

    /** Begins a loop over the key channels, which {@link #endOfRow} ends. */
    private Label overKeys() {
        a.mov(AT, 0);
        a.align(16);
        return a.here();
    }

    private void endOfRow(Label row) {
        a.op(GpOp.ADD, AT, AT, Float.BYTES);
        a.cmp(AT, END);
        a.b(Condition.LOWER, row);
    }

    /** {@code d = beta (v - r)} */
    private void difference() {
        a.ldr(K.s(), Mem.at(BETAS));
        rows.loadAll(VALUE_ROW, n -> difference(n));
        for (int n = 0; n < vectors; n++) {
            a.op(FSUB, difference(n), difference(n), recalled(n));
            a.op(FMUL, difference(n), difference(n), K.s(0));
        }
    }

    /** Writes d in place of the values if the token is revocable. */
    private void storeDifference() {
        Label end = a.label();
        a.cmp(FINAL_LEFT, 0);
        a.b(Condition.GREATER, end);
        rows.storeAll(VALUE_ROW, n -> difference(n));
        a.bind(end);
    }

    private void storeOutput() {
        rows.storeAll(OUT_ROW, n -> output(n));
    }
}
