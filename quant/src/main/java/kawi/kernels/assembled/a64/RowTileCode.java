package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMLS;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.SCVTF;

import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.assembler.a64.VectorOp;
import kawi.kernels.Activations;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.QuantLayout.Scales;

/**
 * Emits the product of a block with some tokens, whose lanes are rows.
 *
 * <pre>
 *    for each 8 rows
 *      for each run of 32 or 16 columns
 *        s[t] = -offset * sum(xq[t])
 *        for each 16 columns: 8 registers of weights for all tokens
 *          s[t] += weights . xq[t]                        exact, see RunSums
 *        acc[t] = fma((float) s[t], scale * xs[t], acc[t])
 *        acc[t] = fma(minimum, xs[t] * sum(xq[t]), acc[t])
 * </pre>
 *
 * <p>The accumulators of one or two tokens are in registers, those of more tokens in memory.
 */
final class RowTileCode implements TileCode {

    private static final int VECTORS = QuantLayout.ROWS / A64Code.LANES;
    private static final int TOKEN_BYTES = QuantLayout.ROWS * Float.BYTES;
    private static final int HALF_BYTES = TOKEN_BYTES / 2;

    private final A64Code code;
    private final Assembler a;
    private final QuantLayout layout;
    private final BlockWeights weights;
    private final RunSums sums;
    private final TokenBlocks x;

    /** Per token 4; none if they are in memory. */
    private final Vec[] accs;

    /** The address of the accumulators in memory. */
    private final Gp memory;

    private final int memoryAt;

    RowTileCode(
            A64Code code,
            QuantLayout layout,
            BlockWeights weights,
            RunSums sums,
            TokenBlocks x,
            Vec[] accs,
            Gp memory,
            int memoryAt) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.weights = weights;
        this.sums = sums;
        this.x = x;
        this.accs = accs;
        this.memory = memory;
        this.memoryAt = memoryAt;
    }

    /** The number of accumulators. */
    static int accumulators(int tokens) {
        return VECTORS * tokens;
    }

    @Override
    public void loadConstants() {
        weights.loadConstants();
        sums.loadConstants();
    }

    @Override
    public int startOfTokens() {
        return sums.startOfTokens();
    }

    @Override
    public void clear() {
        for (Vec acc : accs) {
            code.zero(acc);
        }
        if (accs.length == 0) {
            Vec zero = weights.unpacked(0)[0];
            code.zero(zero);
            for (int t = 0; t < x.tokens(); t++) {
                a.stp(zero.q(), zero.q(), acc(t, 0));
                a.stp(zero.q(), zero.q(), acc(t, 1));
            }
        }
    }

    /** The accumulators of half the rows, if they are in memory. */
    private Mem acc(int token, int half) {
        return Mem.at(memory, memoryAt + token * TOKEN_BYTES + half * HALF_BYTES);
    }

    @Override
    public void load(ProductOutputs outputs) {
        if (accs.length > 0) {
            outputs.load(accs);
            return;
        }
        Vec[] loaded = new Registers().take(VECTORS * x.tokens());
        outputs.load(loaded);
        for (int t = 0; t < x.tokens(); t++) {
            a.stp(loaded[VECTORS * t].q(), loaded[VECTORS * t + 1].q(), acc(t, 0));
            a.stp(loaded[VECTORS * t + 2].q(), loaded[VECTORS * t + 3].q(), acc(t, 1));
        }
        loadConstants();
    }

    @Override
    public void store(ProductOutputs outputs) {
        if (accs.length > 0) {
            outputs.store(accs);
            return;
        }
        Vec[] stored = new Registers().take(VECTORS * x.tokens());
        for (int t = 0; t < x.tokens(); t++) {
            a.ldp(stored[VECTORS * t].q(), stored[VECTORS * t + 1].q(), acc(t, 0));
            a.ldp(stored[VECTORS * t + 2].q(), stored[VECTORS * t + 3].q(), acc(t, 1));
        }
        outputs.store(stored);
        loadConstants();
    }

    @Override
    public void block() {
        int runs = QuantLayout.BLOCK / layout.run();
        int passes = Multiplicands.PASSES / runs;
        for (int half = 0; half < 2; half++) {
            weights.start(half);
            for (int run = 0; run < runs; run++) {
                sums.start(run, half, weights.unpacked(0)[0]);
                for (int pass = run * passes; pass < (run + 1) * passes; pass++) {
                    weights.unpack(half, pass);
                    for (int t = 0; t < x.tokens(); t++) {
                        sums.add(t, half, pass, pass == run * passes, weights.unpacked(pass));
                    }
                }
                accumulate(half, run, weights.unpacked((run + 1) * passes - 1));
            }
        }
        x.nextBlock();
    }

    /** The float part, in the registers of the weights. */
    private void accumulate(int half, int run, Vec[] free) {
        Vec[] scale = {free[0], free[1]};
        Vec[] minimum = {free[2], free[3]};
        Vec[] temporary = {free[4], free[5]};
        weights.scale(scale, half, run, temporary);
        if (layout.minimum()) {
            weights.minimum(minimum, half, run, temporary);
        }
        for (int t = 0; t < x.tokens(); t++) {
            Vec xScales = sums.scales(t, free[6]);
            Vec[] sum = sums.finish(t, run, xScales);
            for (int v = 0; v < 2; v++) {
                a.op(SCVTF, sum[v].s4(), sum[v].s4());
                a.op(FMUL, temporary[v].s4(), scale[v].s4(), xScales.s(0));
            }
            Vec[] acc = {free[6], free[7]};
            if (accs.length > 0) {
                acc = new Vec[] {accs[VECTORS * t + 2 * half], accs[VECTORS * t + 2 * half + 1]};
            } else {
                a.ldp(acc[0].q(), acc[1].q(), acc(t, half));
            }
            for (int v = 0; v < 2; v++) {
                a.op(FMLA, acc[v].s4(), sum[v].s4(), temporary[v].s4());
            }
            if (layout.minimum()) {
                VectorOp add = layout.scales() == Scales.FACTORED ? FMLS : FMLA;
                Vec xSums = temporary[0];
                a.ldr(xSums.q(), x.at(t, Activations.SCALED_SUM));
                for (int v = 0; v < 2; v++) {
                    a.op(add, acc[v].s4(), minimum[v].s4(), xSums.s(layout.run() < QuantLayout.BLOCK ? 1 + run : 0));
                }
            }
            if (accs.length == 0) {
                a.stp(acc[0].q(), acc[1].q(), acc(t, half));
            }
        }
    }
}
