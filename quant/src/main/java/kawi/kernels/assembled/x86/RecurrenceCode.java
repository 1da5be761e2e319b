package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VSUBPS;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.BETA;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.BETA_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.DECAY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.DECAY_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.FINAL_TOKENS;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.FREE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY_BYTES;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.NEXT_TILE;
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
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VecOrMem;

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
 * with adjacent rows of the tile: 128 rows of 64 channels fill 32 KB of a first-level cache evenly, whereas in the
 * state itself, whose rows are a power of two apart, they share half of its sets and evict one another. The caller may
 * also pass the state itself as the scratch memory.
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
 * <p>d, o, r: 4 vectors each; 3 elements of k and q in all lanes, and one vector of the state: 16 registers. With AVX2
 * the decay is therefore an operand in memory.
 */
final class RecurrenceCode {

    /** The maximum number of vectors of a tile. */
    static final int MAX_VECTORS = 4;

    private static final int DECAY_VECTOR = FREE;

    /** The prefetch distance for the state. */
    private static final int PREFETCH_BYTES = 8 << 10;

    private static final int CHUNK = 64;

    private static final Gp QUERY_ROW = RSI;
    private static final Gp KEY_ROW = RDX;
    private static final Gp VALUE_ROW = RCX;
    private static final Gp ROW_BYTES = R8;
    private static final Gp DECAYS = R9;
    private static final Gp BETAS = R10;
    private static final Gp OUT_ROW = R11;
    private static final Gp TOKENS_LEFT = RBX;
    private static final Gp WORK_BYTES = RBP;
    private static final Gp AT = R12;
    private static final Gp END = R13;
    private static final Gp FROM = R14;
    private static final Gp TO = R15;
    /** The distance to the next tile of the state, in a sweep that stores the state. */
    private static final Gp NEXT_STATE = BETAS;
    /** The next token's key, or the distance between rows of the state. */
    private static final Gp NEXT = RAX;

    private final KernelCode code;
    private final Assembler a;
    private final int vectors;
    private final boolean revocable;
    private final Vec k;
    private final Vec q;
    private final Vec nextKey;
    private final Vec s;
    private final VecOrMem decay;

    private RecurrenceCode(KernelCode code, int vectors, boolean revocable) {
        this.code = code;
        this.a = code.a;
        this.vectors = vectors;
        this.revocable = revocable;
        this.k = code.v(12);
        this.q = code.v(13);
        this.nextKey = code.v(14);
        this.s = code.v(15);
        this.decay = code.isa.avx512() ? code.v(16) : arg(DECAY_VECTOR);
    }

    /**
     * Emits the code for tiles of {@code vectors} vectors, 1 to {@value #MAX_VECTORS}.
     *
     * @param revocable whether there may be revocable and replayed rows
     */
    static void emit(KernelCode code, int vectors, boolean revocable) {
        RecurrenceCode recurrence = new RecurrenceCode(code, vectors, revocable);
        if (revocable) {
            recurrence.emitRevocable();
        } else {
            recurrence.emit();
        }
    }

    private Vec difference(int n) {
        return code.v(n);
    }

    private Vec output(int n) {
        return code.v(4 + n);
    }

    private Vec recalled(int n) {
        return code.v(8 + n);
    }

    private void emit() {
        loadRows();
        Label token = a.label();
        Label last = a.label();

        firstSweep();
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(Condition.EQUAL, last);

        a.bind(token);
        difference();
        prefetchNextToken();
        sweep(false);
        nextToken();
        a.jump(Condition.NOT_EQUAL, token);

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

        compare(FINAL_TOKENS, 0);
        a.jump(Condition.NOT_EQUAL, start);
        replay();
        compare(TOKENS, 0);
        a.jump(Condition.EQUAL, end);
        a.bind(start);
        loadRows();
        firstSweep();
        loadRows();
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(Condition.EQUAL, last);

        a.bind(token);
        difference();
        storeDifference();
        compare(FINAL_TOKENS, 1);
        a.jump(Condition.EQUAL, stored);
        sweep(false);
        a.jump(next);
        a.bind(stored);
        sweep(true);
        a.bind(next);
        decrement(FINAL_TOKENS);
        nextToken();
        a.jump(Condition.NOT_EQUAL, token);

        a.bind(last);
        difference();
        storeDifference();
        compare(FINAL_TOKENS, 1);
        a.jump(Condition.NOT_EQUAL, lastOutput);
        lastSweep(true);
        a.jump(output);
        a.bind(lastOutput);
        lastSweep(false);
        a.bind(output);
        storeOutput();
        a.bind(end);
    }

    private void compare(int argument, int with) {
        a.load(NEXT, arg(argument));
        a.op(GpOp.CMP, NEXT, with);
    }

    private void decrement(int argument) {
        a.load(NEXT, arg(argument));
        a.op(GpOp.SUB, NEXT, 1);
        a.store(arg(argument), NEXT);
    }

    private void loadRows() {
        a.load(QUERY_ROW, arg(QUERY));
        a.load(KEY_ROW, arg(KEY));
        a.load(VALUE_ROW, arg(VALUE));
        a.load(ROW_BYTES, arg(ROW));
        a.load(DECAYS, arg(DECAY));
        a.load(BETAS, arg(BETA));
        a.load(OUT_ROW, arg(OUT));
        a.load(TOKENS_LEFT, arg(TOKENS));
        a.load(WORK_BYTES, arg(WORK_STRIDE));
        a.load(END, arg(KEY_BYTES));
    }

    /** Stores the outputs of a token and advances to the next one; the flags say whether there is one after it. */
    private void nextToken() {
        storeOutput();
        a.op(GpOp.ADD, KEY_ROW, ROW_BYTES);
        a.op(GpOp.ADD, QUERY_ROW, ROW_BYTES);
        a.op(GpOp.ADD, VALUE_ROW, ROW_BYTES);
        a.op(GpOp.ADD, BETAS, arg(BETA_STRIDE));
        a.op(GpOp.ADD, OUT_ROW, arg(OUT_STRIDE));
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
    }

    /** Applies the replayed rows to the state in place. */
    private void replay() {
        Label none = a.label();
        compare(REPLAYED, 0);
        a.jump(Condition.EQUAL, none);
        a.load(ROW_BYTES, arg(ROW));
        a.load(END, arg(KEY_BYTES));
        a.load(FROM, arg(STATE));
        Label row = overKeys();
        loadReplayed();
        for (int n = 0; n < vectors; n++) {
            code.store(vector(FROM, n), state(n));
        }
        a.op(GpOp.ADD, FROM, arg(STATE_STRIDE));
        endOfRow(row);
        a.mov(NEXT, 0);
        a.store(arg(REPLAYED), NEXT);
        a.bind(none);
    }

    /** The state during a replay, in registers that the sweeps of tokens use for outputs. */
    private Vec state(int n) {
        return output(n);
    }

    /** Loads a row of the state and applies the replayed rows. TOKENS_LEFT and rows of tokens are overwritten. */
    private void loadReplayed() {
        Gp key = QUERY_ROW;
        Gp difference = VALUE_ROW;
        Gp decays = BETAS;
        Gp left = TOKENS_LEFT;
        for (int at = 0; at < vectors * code.bytes(); at += CHUNK) {
            a.prefetch(Mem.at(FROM, PREFETCH_BYTES + at));
        }
        for (int n = 0; n < vectors; n++) {
            code.load(state(n), vector(FROM, n));
        }
        Label none = a.label();
        a.load(left, arg(REPLAYED));
        a.op(GpOp.CMP, left, 0);
        a.jump(Condition.EQUAL, none);
        a.load(key, arg(REPLAYED_KEY));
        a.load(difference, arg(REPLAYED_DIFFERENCE));
        a.load(decays, arg(REPLAYED_DECAY));
        Label replayed = a.here();
        code.broadcast(q, Mem.at(key, AT, 1, 0));
        code.broadcast(nextKey, Mem.at(decays));
        for (int n = 0; n < vectors; n++) {
            a.op(VMULPS, state(n), state(n), nextKey);
            a.op(VFMADD231PS, state(n), q, vector(difference, n));
        }
        a.op(GpOp.ADD, key, ROW_BYTES);
        a.op(GpOp.ADD, difference, ROW_BYTES);
        a.op(GpOp.ADD, decays, arg(DECAY_STRIDE));
        a.op(GpOp.SUB, left, 1);
        a.jump(Condition.NOT_EQUAL, replayed);
        a.bind(none);
    }

    /** Decays the state into the scratch memory and computes r of the first token. */
    private void firstSweep() {
        loadDecay();
        a.load(FROM, arg(STATE));
        a.load(TO, arg(WORK));
        a.load(NEXT, arg(STATE_STRIDE));
        for (int n = 0; n < vectors; n++) {
            code.zero(recalled(n));
        }
        Label row = overKeys();
        if (revocable) {
            loadReplayed();
        }
        code.broadcast(k, Mem.at(KEY_ROW, AT, 1, 0));
        for (int n = 0; n < vectors; n++) {
            if (revocable) {
                a.op(VMULPS, s, state(n), decay);
            } else {
                code.load(s, vector(FROM, n));
                a.op(VMULPS, s, s, decay);
            }
            a.op(VFMADD231PS, recalled(n), s, k);
            code.store(vector(TO, n), s);
        }
        a.op(GpOp.ADD, FROM, NEXT);
        a.op(GpOp.ADD, TO, WORK_BYTES);
        endOfRow(row);
    }

    /**
     * The sweep of a token that is not the last.
     *
     * @param stored whether the state after this token is stored
     */
    private void sweep(boolean stored) {
        a.op(GpOp.ADD, DECAYS, arg(DECAY_STRIDE));
        loadDecay();
        a.load(FROM, arg(WORK));
        if (stored) {
            a.load(TO, arg(STATE));
            a.store(arg(BETA), BETAS);
            a.load(NEXT_STATE, arg(NEXT_TILE));
        }
        a.lea(NEXT, Mem.at(KEY_ROW, ROW_BYTES, 1, 0));
        for (int n = 0; n < vectors; n++) {
            code.zero(recalled(n));
            code.zero(output(n));
        }
        Label row = overKeys();
        if (stored) {
            prefetchNextTile();
        }
        code.broadcast(k, Mem.at(KEY_ROW, AT, 1, 0));
        code.broadcast(q, Mem.at(QUERY_ROW, AT, 1, 0));
        code.broadcast(nextKey, Mem.at(NEXT, AT, 1, 0));
        for (int n = 0; n < vectors; n++) {
            code.load(s, vector(FROM, n));
            a.op(VFMADD231PS, s, k, difference(n));
            a.op(VFMADD231PS, output(n), s, q);
            if (stored) {
                code.store(vector(TO, n), s);
            }
            a.op(VMULPS, s, s, decay);
            a.op(VFMADD231PS, recalled(n), s, nextKey);
            code.store(vector(FROM, n), s);
        }
        a.op(GpOp.ADD, FROM, WORK_BYTES);
        if (stored) {
            a.op(GpOp.ADD, TO, arg(STATE_STRIDE));
        }
        endOfRow(row);
        if (stored) {
            a.load(BETAS, arg(BETA));
        }
    }

    /**
     * Prefetches what the sweep of the next token reads: its query and its value, and the key of the token after it.
     * Rows of tokens are so far apart that the hardware does not foresee them.
     */
    private void prefetchNextToken() {
        a.lea(FROM, Mem.at(KEY_ROW, ROW_BYTES, 2, 0));
        a.lea(TO, Mem.at(QUERY_ROW, ROW_BYTES, 1, 0));
        a.mov(AT, 0);
        Label line = a.here();
        a.prefetch(Mem.at(FROM, AT, 1, 0));
        a.prefetch(Mem.at(TO, AT, 1, 0));
        a.op(GpOp.ADD, AT, CHUNK);
        a.op(GpOp.CMP, AT, END);
        a.jump(Condition.BELOW, line);
        for (int at = 0; at < vectors * code.bytes(); at += CHUNK) {
            a.prefetch(Mem.at(VALUE_ROW, ROW_BYTES, 1, at));
        }
    }

    /** Prefetches a row of the tile after this one. */
    private void prefetchNextTile() {
        for (int at = 0; at < vectors * code.bytes(); at += CHUNK) {
            a.prefetchLevel2(Mem.at(TO, NEXT_STATE, 1, at));
        }
    }

    /**
     * The sweep of the last token.
     *
     * @param stored whether the state after this token is stored
     */
    private void lastSweep(boolean stored) {
        a.load(FROM, arg(WORK));
        a.load(TO, arg(STATE));
        a.load(NEXT, arg(STATE_STRIDE));
        for (int n = 0; n < vectors; n++) {
            code.zero(output(n));
        }
        Label row = overKeys();
        code.broadcast(k, Mem.at(KEY_ROW, AT, 1, 0));
        code.broadcast(q, Mem.at(QUERY_ROW, AT, 1, 0));
        for (int n = 0; n < vectors; n++) {
            code.load(s, vector(FROM, n));
            a.op(VFMADD231PS, s, k, difference(n));
            a.op(VFMADD231PS, output(n), s, q);
            if (stored) {
                code.store(vector(TO, n), s);
            }
        }
        a.op(GpOp.ADD, FROM, WORK_BYTES);
        a.op(GpOp.ADD, TO, NEXT);
        endOfRow(row);
    }

    /** Begins a loop over the key channels, which {@link #endOfRow} ends. */
    private Label overKeys() {
        a.mov(AT, 0);
        a.align(32);
        return a.here();
    }

    private void endOfRow(Label row) {
        a.op(GpOp.ADD, AT, Float.BYTES);
        a.op(GpOp.CMP, AT, END);
        a.jump(Condition.BELOW, row);
    }

    private void loadDecay() {
        if (decay instanceof Vec register) {
            code.broadcast(register, Mem.at(DECAYS));
        } else {
            code.broadcast(s, Mem.at(DECAYS));
            code.store(arg(DECAY_VECTOR), s);
        }
    }

    /** {@code d = beta (v - r)} */
    private void difference() {
        code.broadcast(s, Mem.at(BETAS));
        for (int n = 0; n < vectors; n++) {
            code.load(difference(n), vector(VALUE_ROW, n));
            a.op(VSUBPS, difference(n), difference(n), recalled(n));
            a.op(VMULPS, difference(n), difference(n), s);
        }
    }

    /** Writes d in place of the values if the token is revocable. */
    private void storeDifference() {
        Label end = a.label();
        compare(FINAL_TOKENS, 0);
        a.jump(Condition.GREATER, end);
        for (int n = 0; n < vectors; n++) {
            code.store(vector(VALUE_ROW, n), difference(n));
        }
        a.bind(end);
    }

    private void storeOutput() {
        for (int n = 0; n < vectors; n++) {
            code.store(vector(OUT_ROW, n), output(n));
        }
    }

    private Mem vector(Gp row, int n) {
        return Mem.at(row, n * code.bytes());
    }
}
