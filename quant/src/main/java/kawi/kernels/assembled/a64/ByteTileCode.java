package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.EOR;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMLS;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.SCVTF;
import static kawi.assembler.a64.VectorOp.SDOT;

import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.assembler.a64.VectorOp;
import kawi.kernels.Activations;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.QuantLayout.Scales;

/**
 * Emits the product of a block of weights of 8 bits with a single token, as {@link RowTileCode} does, but all 16 rows
 * at a time: one instruction loads 4 columns of each.
 *
 * <pre>
 *    for each run of 32 or 16 columns
 *      s = 0
 *      for each 4 columns: load 4 registers; invert their signs; s += weights . xq
 *      acc = fma((float) s, scale * xs, acc)
 *      acc = fma(minimum, xs * sum(xq), acc)
 * </pre>
 */
final class ByteTileCode implements TileCode {

    private static final int VECTORS = QuantLayout.ROWS / A64Code.LANES;
    private static final int CHUNK = 64;

    private final A64Code code;
    private final Assembler a;
    private final QuantLayout layout;
    private final QuantWeights weights;
    private final Gp quants;
    private final TokenBlocks x;
    private final Vec[] accs;
    private final Vec[] sums;

    /** Two times 4 registers of weights. */
    private final Vec[] bytes;

    private final Vec[] activations;
    private final Vec signs;

    /** What follows the activations of a block: the scale, and the scaled sums. */
    private final Vec[] behind;

    /** @param weights loads the scales */
    ByteTileCode(
            A64Code code, QuantLayout layout, QuantWeights weights, Gp quants, TokenBlocks x, Registers registers) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.weights = weights;
        this.quants = quants;
        this.x = x;
        this.accs = registers.take(VECTORS);
        this.sums = registers.take(VECTORS);
        this.bytes = weights.unpacked(0);
        this.activations = registers.take(2);
        this.signs = registers.take();
        this.behind = registers.take(2);
    }

    @Override
    public void loadConstants() {
        a.movi(signs.b16(), 0x80);
    }

    @Override
    public int startOfTokens() {
        return 0;
    }

    @Override
    public void clear() {
        for (Vec acc : accs) {
            code.zero(acc);
        }
    }

    @Override
    public void load(ProductOutputs outputs) {
        outputs.load(accs);
    }

    @Override
    public void store(ProductOutputs outputs) {
        outputs.store(accs);
    }

    @Override
    public void block() {
        int runs = QuantLayout.BLOCK / layout.run();
        int chunks = layout.run() / Integer.BYTES;
        if (layout.minimum()) {
            a.ldp(behind[0].q(), behind[1].q(), x.at(0, Activations.SCALE));
        } else {
            a.ldr(behind[0].q(), x.at(0, Activations.SCALE));
        }
        a.ldp(activations[0].q(), activations[1].q(), x.thenTo(0, Activations.BLOCK_BYTES));
        for (int run = 0; run < runs; run++) {
            for (Vec sum : sums) {
                code.zero(sum);
            }
            for (int chunk = run * chunks; chunk < (run + 1) * chunks; chunk++) {
                Vec first = bytes[chunk % 2 * VECTORS];
                a.ld1(first.b16(), VECTORS, Mem.post(quants, CHUNK));
                for (int v = 0; v < VECTORS; v++) {
                    Vec four = bytes[chunk % 2 * VECTORS + v].b16();
                    a.op(EOR, four, four, signs.b16());
                }
                for (int v = 0; v < VECTORS; v++) {
                    Vec four = bytes[chunk % 2 * VECTORS + v].b16();
                    a.op(SDOT, sums[v].s4(), four, activations[chunk / 4].b4(chunk % 4));
                }
            }
            accumulate(run);
        }
        x.nextBlock();
    }

    private void accumulate(int run) {
        Vec[] spare = {bytes[2], bytes[3]};
        for (int half = 0; half < 2; half++) {
            Vec[] scale = {bytes[0], bytes[1]};
            weights.scale(scale, half, run, spare);
            for (int v = 0; v < 2; v++) {
                Vec sum = sums[2 * half + v];
                a.op(SCVTF, sum.s4(), sum.s4());
                a.op(FMUL, scale[v].s4(), scale[v].s4(), behind[0].s(0));
                a.op(FMLA, accs[2 * half + v].s4(), sum.s4(), scale[v].s4());
            }
            if (layout.minimum()) {
                VectorOp add = layout.scales() == Scales.FACTORED ? FMLS : FMLA;
                weights.minimum(scale, half, run, spare);
                for (int v = 0; v < 2; v++) {
                    int element = layout.run() < QuantLayout.BLOCK ? 1 + run : 0;
                    a.op(add, accs[2 * half + v].s4(), scale[v].s4(), behind[1].s(element));
                }
            }
        }
    }
}
