package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.MUL;
import static kawi.assembler.a64.VectorOp.SDOT;

import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Vec;
import kawi.kernels.Activations;

/**
 * Emits sums with the instruction for dot products:
 *
 * <pre>
 *    sum = offset * -(sum of xq)                       the negated sum is in memory, beside the scale
 *    for each 4 columns: sum += weights . xq           the 4 activations are an element of a register
 * </pre>
 */
final class DotSums implements RunSums {

    /** The element with the negated sum of a block, and the first of those with a half's. */
    private static final int SUM = (Activations.NEGATED_SUM - Activations.SCALE) / Integer.BYTES;

    private static final int HALF_SUMS = (Activations.NEGATED_HALF_SUMS - Activations.SCALE) / Integer.BYTES;

    private final Assembler a;
    private final Multiplicands multiplicands;
    private final Vec[] weights;
    private final TokenBlocks x;
    private final Vec[] sums;
    private final Vec[] scales;

    /** One of which the next token's activations are loaded while the other one is multiplied. */
    private final Vec[] activations;

    DotSums(Assembler a, Multiplicands multiplicands, Vec[] weights, TokenBlocks x, Registers registers) {
        this.a = a;
        this.multiplicands = multiplicands;
        this.weights = weights;
        this.x = x;
        this.sums = registers.take(2 * x.tokens());
        this.scales = registers.take(x.tokens());
        this.activations = registers.take(2);
    }

    /** The number of registers that the sums need. */
    static int registers(int tokens) {
        return 3 * tokens + 2;
    }

    @Override
    public void loadConstants() {}

    @Override
    public int startOfTokens() {
        return Activations.SCALE - Activations.BLOCK_BYTES;
    }

    @Override
    public void start(int run, int half) {
        int offset = multiplicands.offset();
        Vec offsets = weights[0].s4();
        if (offset != 0) {
            a.movi(offsets, offset);
        }
        for (int t = 0; t < x.tokens(); t++) {
            if (half == 0 && run == 0) {
                a.ldr(scales[t].q(), x.movedTo(t, Activations.SCALE));
            }
            for (int v = 0; v < 2; v++) {
                Vec sum = sums[2 * t + v].s4();
                if (offset == 0) {
                    a.movi(sum, 0);
                } else {
                    a.op(MUL, sum, offsets, scales[t].s(multiplicands.runs() == 1 ? SUM : HALF_SUMS + run));
                }
            }
        }
    }

    @Override
    public void add(int token, int half, int pass, boolean first) {
        Vec four = activations[token % 2];
        a.ldr(four.q(), x.at(token, pass * Multiplicands.PASS));
        for (int c = 0; c < Multiplicands.CHUNKS; c++) {
            for (int v = 0; v < 2; v++) {
                a.op(SDOT, sums[2 * token + v].s4(), weights[2 * c + v].b16(), four.b4(c));
            }
        }
    }

    @Override
    public Vec scales(int token) {
        return scales[token];
    }

    @Override
    public Vec[] finish(int token, int run) {
        return new Vec[] {sums[2 * token], sums[2 * token + 1]};
    }

    @Override
    public Vec[] spare(int token) {
        return activations;
    }
}
