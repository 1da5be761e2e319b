package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.ADDP;
import static kawi.assembler.a64.VectorOp.MLA;
import static kawi.assembler.a64.VectorOp.SADALP;
import static kawi.assembler.a64.VectorOp.SADDLP;
import static kawi.assembler.a64.VectorOp.SMLAL;
import static kawi.assembler.a64.VectorOp.SMLAL2;
import static kawi.assembler.a64.VectorOp.SMULL;
import static kawi.assembler.a64.VectorOp.SMULL2;

import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Vec;
import kawi.kernels.Activations;

/**
 * Emits sums with the instructions that multiply bytes to 16 bits. Two registers have the 4 columns of 4 rows in 16
 * bits each, in which as many products are added as cannot overflow:
 *
 * <pre>
 *    for each 4 columns: pair += weights * xq        smlal, smlal2; the 4 activations are in all lanes
 *    sum = sums of 4 elements of pair                integers of up to 4 bits: addp, saddlp; otherwise: saddlp, addp
 *    8 bits: saddlp, sadalp after each two products; addp at the end of the run
 * </pre>
 */
final class WideningSums implements RunSums {

    private static final int LARGEST = Short.MAX_VALUE;
    private static final int LARGEST_ACTIVATION = Byte.MAX_VALUE;

    /** The element with the negated sum of a block, and the first of those with a half's. */
    private static final int SUM = (Activations.NEGATED_SUM - Activations.SCALE) / Integer.BYTES;

    private static final int HALF_SUMS = (Activations.NEGATED_HALF_SUMS - Activations.SCALE) / Integer.BYTES;

    /** Distances by which the pointer to activations moves: back to the block, and to the next one. */
    private static final int BACK = -Multiplicands.PASS;

    private static final int NEXT = Activations.BLOCK_BYTES - Multiplicands.PASS;

    private final Assembler a;
    private final Multiplicands multiplicands;
    private final TokenBlocks x;

    /** Registers with {@link #BACK} and {@link #NEXT}. */
    private final Gp back;

    private final Gp next;

    /** Per token 4, for rows 0 1, 2 3, 4 5, 6 7: in 16 bits, or in 32 bits if two products are all that fit 16 bits. */
    private final Vec[] sums;

    /** 4 activations each, in all lanes. */
    private final Vec[] activations;

    /** Two products. */
    private final Vec[] products;

    WideningSums(Assembler a, Multiplicands multiplicands, TokenBlocks x, Gp back, Gp next, Registers registers) {
        this.a = a;
        this.multiplicands = multiplicands;
        this.x = x;
        this.back = back;
        this.next = next;
        this.sums = registers.take(4 * x.tokens());
        this.activations = registers.take(Multiplicands.CHUNKS);
        this.products = wide(multiplicands) ? registers.take(2) : activations;
    }

    /** Whether sums have 32 bits after every second product. */
    private static boolean wide(Multiplicands multiplicands) {
        return !fit(multiplicands, multiplicands.layout().run() / Integer.BYTES);
    }

    private static boolean fit(Multiplicands multiplicands, int products) {
        return products * multiplicands.magnitude() * LARGEST_ACTIVATION <= LARGEST;
    }

    /** The number of registers that the sums need. */
    static int registers(Multiplicands multiplicands, int tokens) {
        return 4 * tokens + Multiplicands.CHUNKS + (wide(multiplicands) ? 2 : 0);
    }

    @Override
    public void loadConstants() {
        a.mov(back, BACK);
        a.mov(next, NEXT);
    }

    @Override
    public int startOfTokens() {
        return 0;
    }

    @Override
    public void start(int run, int half, Vec spare) {}

    @Override
    public void add(int token, int half, int pass, boolean first, Vec[] weights) {
        if (pass == 0) {
            a.ld4r(activations[0].s4(), x.thenTo(token, Multiplicands.PASS));
        } else if (half == 0) {
            a.ld4r(activations[0].s4(), x.thenTo(token, 0, back));
        } else {
            a.ld4r(activations[0].s4(), x.thenTo(token, Activations.BLOCK_BYTES, next));
        }
        if (wide(multiplicands)) {
            for (int c = 0; c < Multiplicands.CHUNKS; c += 2) {
                addTwo(token, c, first && c == 0, weights);
            }
            return;
        }
        for (int c = 0; c < Multiplicands.CHUNKS; c++) {
            for (int v = 0; v < 2; v++) {
                multiply(weights[2 * c + v], c, sum(token, v, 0), sum(token, v, 1), first && c == 0);
            }
        }
    }

    private Vec sum(int token, int v, int pair) {
        return sums[4 * token + 2 * v + pair];
    }

    private void multiply(Vec w, int c, Vec lower, Vec upper, boolean first) {
        a.op(first ? SMULL : SMLAL, lower.h8(), w.b8(), activations[c].b8());
        a.op(first ? SMULL2 : SMLAL2, upper.h8(), w.b16(), activations[c].b16());
    }

    private void addTwo(int token, int c, boolean first, Vec[] weights) {
        for (int v = 0; v < 2; v++) {
            multiply(weights[2 * c + v], c, products[0], products[1], true);
            multiply(weights[2 * c + 2 + v], c + 1, products[0], products[1], false);
            for (int pair = 0; pair < 2; pair++) {
                a.op(first ? SADDLP : SADALP, sum(token, v, pair).s4(), products[pair].h8());
            }
        }
    }

    @Override
    public Vec scales(int token, Vec spare) {
        a.ldr(spare.q(), x.at(token, Activations.SCALE));
        return spare;
    }

    @Override
    public Vec[] finish(int token, int run, Vec scales) {
        Vec[] finished = {sum(token, 0, 0), sum(token, 1, 0)};
        int products = multiplicands.layout().run() / Integer.BYTES;
        for (int v = 0; v < 2; v++) {
            Vec lower = sum(token, v, 0);
            Vec upper = sum(token, v, 1);
            if (!wide(multiplicands) && fit(multiplicands, 2 * products)) {
                a.op(ADDP, lower.h8(), lower.h8(), upper.h8());
                a.op(SADDLP, lower.s4(), lower.h8());
                continue;
            }
            if (!wide(multiplicands)) {
                a.op(SADDLP, lower.s4(), lower.h8());
                a.op(SADDLP, upper.s4(), upper.h8());
            }
            a.op(ADDP, lower.s4(), lower.s4(), upper.s4());
        }
        if (multiplicands.offset() != 0) {
            Vec offsets = activations[0].s4();
            a.movi(offsets, multiplicands.offset());
            for (Vec sum : finished) {
                a.op(MLA, sum.s4(), offsets, scales.s(multiplicands.runs() == 1 ? SUM : HALF_SUMS + run));
            }
        }
        return finished;
    }
}
