package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.AND;
import static kawi.assembler.a64.VectorOp.EXT;
import static kawi.assembler.a64.VectorOp.ORR;
import static kawi.assembler.a64.VectorOp.REV64;
import static kawi.assembler.a64.VectorOp.SHL;
import static kawi.assembler.a64.VectorOp.SLI;
import static kawi.assembler.a64.VectorOp.USHL;
import static kawi.assembler.a64.VectorOp.USHR;
import static kawi.assembler.a64.VectorOp.ZIP2;

import java.util.List;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.QuantLayout;

/** Emits the scattering of a row's block among the chunks of {@link QuantLayout}. */
final class BlockScatter {

    /** The codes of the first 16 columns of a block, one byte each. */
    static final Vec U0 = Vec.v(0);

    /** Those of the other 16. */
    static final Vec U1 = Vec.v(1);

    private static final Vec T0 = Vec.v(2);
    private static final Vec T1 = Vec.v(3);
    private static final Vec BITS = Vec.v(4);
    private static final Vec CONSTANT = Vec.v(6);

    private static final int CHUNK = 64;
    private static final int PLANES = 4 * CHUNK;

    private final Assembler a;
    private final QuantLayout layout;
    private final Gp quants;
    private final Gp spare;

    /**
     * @param quants the address of the row's first word
     * @param spare is overwritten
     */
    BlockScatter(Assembler a, QuantLayout layout, Gp quants, Gp spare) {
        this.a = a;
        this.layout = layout;
        this.quants = quants;
        this.spare = spare;
    }

    /** Keeps the bits of {@code mask} of each byte. */
    void and(Vec to, Vec from, int mask) {
        a.movi(CONSTANT.b16(), mask);
        a.op(AND, to.b16(), from.b16(), CONSTANT.b16());
    }

    /** Shifts words left by amounts of their own. */
    private void shiftWords(Vec vec, int... amounts) {
        a.ldr(CONSTANT.q(), a.constant(List.of(amounts[0], amounts[1], amounts[2], amounts[3])));
        a.op(USHL, vec.s4(), vec.s4(), CONSTANT.s4());
    }

    /** Writes the block in U0 and U1, one byte per weight, in the execution layout; both are overwritten. */
    void scatter(int block) {
        if (layout.bits() == Byte.SIZE) {
            scatter(U0, block);
            scatter(U1, block + PLANES);
            return;
        }
        switch (layout.bits()) {
            case 1 -> {
                planeOfBits(block, 0);
                return;
            }
            case 2 -> {
                planesOfPairs(block, 0);
                return;
            }
            case 3 -> {
                threeBits(block);
                return;
            }
            case 5 -> planeOfBits(block + PLANES, 4);
            case 6 -> planesOfPairs(block + PLANES, 4);
            default -> {}
        }
        a.op(SLI, U0.b16(), U1.b16(), 4);
        scatter(U0, block);
    }

    /** Writes three chunks of 8 bits, which are two codes of 3 bits each and 2 bits of the last two codes. */
    private void threeBits(int at) {
        shiftWords(U0, 0, 3, 0, 3);
        a.op(REV64, T0.s4(), U0.s4());
        a.op(ORR, T0.b16(), T0.b16(), U0.b16());
        a.op(SHL, T1.b16(), U1.b16(), 6);
        a.op(ZIP2, T1.s4(), T1.s4(), T1.s4());
        a.op(ORR, T0.b16(), T0.b16(), T1.b16());
        word(T0, 0, at);
        word(T0, 2, at + CHUNK);
        a.ldr(CONSTANT.q(), a.constant(List.of(0x0707_0707, 0x0707_0707, 0x0404_0404, 0x0404_0404)));
        a.op(AND, U1.b16(), U1.b16(), CONSTANT.b16());
        shiftWords(U1, 0, 3, 4, 5);
        plane(U1, at + 2 * CHUNK);
    }

    /** Writes a chunk of one bit of each weight, from bit {@code right} on. */
    private void planeOfBits(int at, int right) {
        field(T0, U0, right, 0x01);
        field(T1, U1, right, 0x01);
        a.op(SLI, T0.b16(), T1.b16(), 4);
        shiftWords(T0, 0, 1, 2, 3);
        plane(T0, at);
    }

    /** Writes two chunks of two bits of each weight, from bit {@code right} on. */
    private void planesOfPairs(int at, int right) {
        field(T0, U0, right, 0x03);
        field(T1, U1, right, 0x03);
        shiftWords(T0, 0, 2, 4, 6);
        shiftWords(T1, 0, 2, 4, 6);
        plane(T0, at);
        plane(T1, at + CHUNK);
    }

    private void field(Vec to, Vec u, int right, int mask) {
        if (right > 0) {
            a.op(USHR, to.b16(), u.b16(), right);
            u = to;
        }
        and(to, u, mask);
    }

    /** Writes the union of the 4 words. */
    private void plane(Vec words, int at) {
        for (int bytes = 2 * Integer.BYTES; bytes >= Integer.BYTES; bytes /= 2) {
            a.op(EXT, BITS.b16(), words.b16(), words.b16(), bytes);
            a.op(ORR, words.b16(), words.b16(), BITS.b16());
        }
        a.str(words.s(), Mem.at(quants, at));
    }

    /** Writes word c to chunk c. */
    void scatter(Vec words, int at) {
        for (int chunk = 0; chunk < 4; chunk++) {
            word(words, chunk, at + chunk * CHUNK);
        }
    }

    private void word(Vec words, int index, int at) {
        if (index == 0) {
            a.str(words.s(), Mem.at(quants, at));
        } else {
            a.umov(spare, words.s(index));
            a.strw(spare, Mem.at(quants, at));
        }
    }
}
