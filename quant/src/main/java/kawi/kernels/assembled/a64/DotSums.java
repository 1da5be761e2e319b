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
    private final TokenBlocks x;
    private final Vec[] sums;
    private final Vec[] scales;

    /** The activations of a single token's block, or those that are multiplied, and the next ones. */
    private final Vec[] activations;

    /** The offset in all lanes; none if it is loaded when it is needed. */
    private final Vec[] offsets;

    /** @param more whether to take {@link #MORE_REGISTERS} */
    DotSums(Assembler a, Multiplicands multiplicands, TokenBlocks x, Registers registers, boolean more) {
        this.a = a;
        this.multiplicands = multiplicands;
        this.x = x;
        this.sums = registers.take(2 * x.tokens());
        this.scales = registers.take(x.tokens());
        this.activations = registers.take(more ? 2 : 1);
        this.offsets = registers.take(more ? 1 : 0);
    }

    /** The number of registers that the sums need. */
    static int registers(int tokens) {
        return 3 * tokens + 1;
    }

    /** The number of registers by which there are fewer instructions, or fewer that wait for each other. */
    static final int MORE_REGISTERS = 2;

    @Override
    public void loadConstants() {
        if (offsets.length > 0) {
            a.movi(offsets[0].s4(), multiplicands.offset());
        }
    }

    @Override
    public int startOfTokens() {
        return Activations.SCALE - Activations.BLOCK_BYTES;
    }

    @Override
    public void start(int run, int half, Vec spare) {
        int offset = multiplicands.offset();
        Vec factor = offsets.length > 0 ? offsets[0] : spare;
        if (offset != 0 && offsets.length == 0) {
            a.movi(spare.s4(), offset);
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
                    a.op(MUL, sum, factor.s4(), scales[t].s(multiplicands.runs() == 1 ? SUM : HALF_SUMS + run));
                }
            }
        }
    }

    @Override
    public void add(int token, int half, int pass, boolean first, Vec[] weights) {
        Vec four = load(token, half, pass);
        for (int c = 0; c < Multiplicands.CHUNKS; c++) {
            for (int v = 0; v < 2; v++) {
                a.op(SDOT, sums[2 * token + v].s4(), weights[2 * c + v].b16(), four.b4(c));
            }
        }
    }

    private Vec load(int token, int half, int pass) {
        if (x.tokens() == 1 && activations.length == Multiplicands.PASSES) {
            if (half == 0 && pass == 0) {
                a.ldp(activations[0].q(), activations[1].q(), x.at(token, 0));
            }
            return activations[pass];
        }
        Vec four = activations[token % activations.length];
        a.ldr(four.q(), x.at(token, pass * Multiplicands.PASS));
        return four;
    }

    @Override
    public Vec scales(int token, Vec spare) {
        return scales[token];
    }

    @Override
    public Vec[] finish(int token, int run, Vec scales) {
        return new Vec[] {sums[2 * token], sums[2 * token + 1]};
    }
}
