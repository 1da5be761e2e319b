package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.SUB;
import static kawi.assembler.a64.VectorOp.ZIP1;
import static kawi.assembler.a64.VectorOp.ZIP2;

import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Blocks of 16 rows and 32 columns in working memory, unpacked for the products of many tokens:
 *
 * <pre>
 *    for each 8 rows, for each 16 columns: the integers of the weights in 8 registers
 *    for each run, for each 8 rows: f32 scales, and f32 minimums if there are any
 * </pre>
 *
 * <p>Registers are those of {@link BlockWeights}, or in pairs, for products of matrices of 2 rows of 8 columns: one
 * register of rows 0 and 1, of rows 2 and 3, of rows 4 and 5, of rows 6 and 7, then the same of the next 8 columns.
 * Scales are then those of 2 rows, twice.
 *
 * @param pairs whether rows are in pairs
 */
record QuantPanel(QuantLayout layout, boolean pairs) {

    private static final int REGISTER = A64Code.VECTOR_BYTES;
    private static final int PASS_BYTES = 8 * REGISTER;
    private static final int QUANT_BYTES = 4 * PASS_BYTES;

    private int scaleBytes() {
        return (pairs ? 4 : 2) * REGISTER;
    }

    private int runBytes() {
        return 2 * scaleBytes() * (layout.minimum() ? 2 : 1);
    }

    private int runs() {
        return QuantLayout.BLOCK / layout.run();
    }

    int blockBytes() {
        return QUANT_BYTES + runs() * runBytes();
    }

    /** The first of 8 registers. */
    Mem quants(Gp block, int half, int pass) {
        return Mem.at(block, (2 * half + pass) * PASS_BYTES);
    }

    /** The first of 2 registers, or 4 of pairs. */
    Mem scales(Gp block, int half, int run) {
        return Mem.at(block, QUANT_BYTES + run * runBytes() + half * scaleBytes());
    }

    Mem minimums(Gp block, int half, int run) {
        return scales(block, half, run).plus(2 * scaleBytes());
    }

    /**
     * Emits the unpacking of a block to {@code to}.
     *
     * @param offsets a register with the offset of the multiplicands in all bytes, if they have one
     * @param spare two registers
     */
    void unpack(Assembler a, QuantWeights weights, Vec offsets, Vec[] spare, Gp to) {
        for (int half = 0; half < 2; half++) {
            weights.start(half);
            for (int pass = 0; pass < Multiplicands.PASSES; pass++) {
                weights.unpack(half, pass);
                Vec[] unpacked = weights.unpacked(pass);
                if (new Multiplicands(layout).offset() != 0) {
                    for (Vec vec : unpacked) {
                        a.op(SUB, vec.b16(), vec.b16(), offsets.b16());
                    }
                }
                store(a, unpacked, spare, quants(to, half, pass));
            }
            for (int run = 0; run < runs(); run++) {
                Vec[] unpacked = weights.unpacked(0);
                Vec[] values = {unpacked[0], unpacked[1]};
                Vec[] temporary = {unpacked[2], unpacked[3]};
                weights.scale(values, half, run, temporary);
                storeScales(a, values, temporary, scales(to, half, run));
                if (layout.minimum()) {
                    weights.minimum(values, half, run, temporary);
                    storeScales(a, values, temporary, minimums(to, half, run));
                }
            }
        }
    }

    private void store(Assembler a, Vec[] unpacked, Vec[] spare, Mem to) {
        for (int i = 0; i < unpacked.length; i += 2) {
            if (pairs) {
                // 4 columns of 4 rows, and the next 4 columns of them.
                Vec columns = unpacked[i / 4 * 4 + i % 4 / 2];
                Vec next = unpacked[i / 4 * 4 + i % 4 / 2 + 2];
                a.op(ZIP1, spare[0].s4(), columns.s4(), next.s4());
                a.op(ZIP2, spare[1].s4(), columns.s4(), next.s4());
                a.stp(spare[0].q(), spare[1].q(), to.plus(i * REGISTER));
            } else {
                a.stp(unpacked[i].q(), unpacked[i + 1].q(), to.plus(i * REGISTER));
            }
        }
    }

    private void storeScales(Assembler a, Vec[] values, Vec[] spare, Mem to) {
        if (!pairs) {
            a.stp(values[0].q(), values[1].q(), to);
            return;
        }
        for (int v = 0; v < 2; v++) {
            a.op(ZIP1, spare[0].d2(), values[v].d2(), values[v].d2());
            a.op(ZIP2, spare[1].d2(), values[v].d2(), values[v].d2());
            a.stp(spare[0].q(), spare[1].q(), to.plus(2 * v * REGISTER));
        }
    }
}
