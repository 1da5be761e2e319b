package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VSUBPS;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.BETA;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.DECAY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.KEY_BYTES;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.OUT;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.QUERY;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.STATE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.STATE_STRIDE;
import static kawi.kernels.assembled.DeltaArguments.Recurrence.VALUE;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;

/**
 * Machine code of the gated delta rule for a tile of value channels of one head and a single token, as in decoding. The
 * operations are those of {@link RecurrenceCode}, but the time is that of reading the state from memory. Therefore a
 * tile is as wide as the registers allow, so that the state is read in long runs, and the state with the decay is
 * computed twice instead of stored in between:
 *
 * <pre>
 *    for each row of the state:  r = r + (g S_i) k_i
 *    d = beta (v - r)
 *    for each row of the state:  S_i = g S_i + k_i d,  o = o + S_i q_i
 * </pre>
 */
final class RecurrenceStepCode {

    /** The prefetch distance. */
    private static final int PREFETCH_BYTES = 8 << 10;

    private static final int CHUNK = 64;

    private static final Gp QUERY_ROW = RSI;
    private static final Gp KEY_ROW = RDX;
    private static final Gp VALUE_ROW = RCX;
    private static final Gp STRIDE = R9;
    private static final Gp BETAS = R10;
    private static final Gp OUT_ROW = R11;
    private static final Gp AT = R12;
    private static final Gp END = R13;
    private static final Gp ROW = R14;
    private static final Gp DECAYS = R15;

    private final KernelCode code;
    private final Assembler a;
    private final int vectors;
    private final Vec k;
    private final Vec q;
    private final Vec s;
    private final Vec decay;

    private RecurrenceStepCode(KernelCode code, int vectors) {
        this.code = code;
        this.a = code.a;
        this.vectors = vectors;
        this.k = code.v(2 * vectors);
        this.q = code.v(2 * vectors + 1);
        this.s = code.v(2 * vectors + 2);
        this.decay = code.v(2 * vectors + 3);
    }

    /** The maximum number of vectors of a tile. */
    static int maxVectors(X86Isa isa) {
        return isa.avx512() ? 8 : 4;
    }

    /** Emits the code for tiles of {@code vectors} vectors. */
    static void emit(KernelCode code, int vectors) {
        new RecurrenceStepCode(code, vectors).emit();
    }

    /** r, then d. */
    private Vec difference(int n) {
        return code.v(n);
    }

    private Vec output(int n) {
        return code.v(vectors + n);
    }

    private void emit() {
        a.load(QUERY_ROW, arg(QUERY));
        a.load(KEY_ROW, arg(KEY));
        a.load(VALUE_ROW, arg(VALUE));
        a.load(STRIDE, arg(STATE_STRIDE));
        a.load(BETAS, arg(BETA));
        a.load(OUT_ROW, arg(OUT));
        a.load(END, arg(KEY_BYTES));
        a.load(DECAYS, arg(DECAY));
        code.broadcast(decay, Mem.at(DECAYS));
        for (int n = 0; n < vectors; n++) {
            code.zero(difference(n));
            code.zero(output(n));
        }

        Label recall = overRows();
        for (int at = 0; at < vectors * code.bytes(); at += CHUNK) {
            a.prefetchLevel2(Mem.at(ROW, PREFETCH_BYTES + at));
        }
        code.broadcast(k, Mem.at(KEY_ROW, AT, 1, 0));
        for (int n = 0; n < vectors; n++) {
            a.op(VMULPS, s, decay, vector(ROW, n));
            a.op(VFMADD231PS, difference(n), s, k);
        }
        endOfRow(recall);

        code.broadcast(s, Mem.at(BETAS));
        for (int n = 0; n < vectors; n++) {
            code.load(k, vector(VALUE_ROW, n));
            a.op(VSUBPS, difference(n), k, difference(n));
            a.op(VMULPS, difference(n), difference(n), s);
        }

        Label update = overRows();
        code.broadcast(k, Mem.at(KEY_ROW, AT, 1, 0));
        code.broadcast(q, Mem.at(QUERY_ROW, AT, 1, 0));
        for (int n = 0; n < vectors; n++) {
            a.op(VMULPS, s, decay, vector(ROW, n));
            a.op(VFMADD231PS, s, k, difference(n));
            a.op(VFMADD231PS, output(n), s, q);
            code.store(vector(ROW, n), s);
        }
        endOfRow(update);
        for (int n = 0; n < vectors; n++) {
            code.store(vector(OUT_ROW, n), output(n));
        }
    }

    /** Begins a loop over the rows of the state, which {@link #endOfRow} ends. */
    private Label overRows() {
        a.load(ROW, arg(STATE));
        a.mov(AT, 0);
        a.align(32);
        return a.here();
    }

    private void endOfRow(Label row) {
        a.op(GpOp.ADD, ROW, STRIDE);
        a.op(GpOp.ADD, AT, Float.BYTES);
        a.op(GpOp.CMP, AT, END);
        a.jump(Condition.BELOW, row);
    }

    private Mem vector(Gp row, int n) {
        return Mem.at(row, n * code.bytes());
    }
}
