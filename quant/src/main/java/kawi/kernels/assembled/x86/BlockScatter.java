package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPERMILPS;
import static kawi.assembler.x86.VectorOp.VPEXTRD;
import static kawi.assembler.x86.VectorOp.VPOR;
import static kawi.assembler.x86.VectorOp.VPSLLVD;
import static kawi.assembler.x86.VectorOp.VPSLLW;
import static kawi.assembler.x86.VectorOp.VPSRLW;

import java.util.List;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VectorOp;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the scattering of a row's block among the chunks of {@link QuantLayout}: RSI is the address of the quants, RBX
 * the row's number in its group.
 */
final class BlockScatter {

    /** The codes of the first 16 columns of a block, one byte each. */
    static final Vec U0 = Vec.xmm(0);

    /** Those of the other 16. */
    static final Vec U1 = Vec.xmm(1);

    private static final int CHUNK = 64;
    private static final int PLANES = 4 * CHUNK;

    private static final Vec T0 = Vec.xmm(2);
    private static final Vec T1 = Vec.xmm(3);
    private static final Vec BITS = Vec.xmm(4);

    private final Assembler a;
    private final QuantLayout layout;

    BlockScatter(KernelCode code, QuantLayout layout) {
        this.a = code.a;
        this.layout = layout;
    }

    private Mem bytes(int value) {
        return a.constant(value * 0x0101_0101, 4);
    }

    /** Writes the block in U0 and U1, one byte per weight, in the execution layout; both are overwritten. */
    void scatter(int block) {
        if (layout.bits() == 8) {
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
        if (layout.bits() > 4) {
            a.op(VPAND, U0, U0, bytes(0x0f));
            a.op(VPAND, U1, U1, bytes(0x0f));
        }
        a.op(VPSLLW, U1, U1, 4);
        a.op(VPOR, U0, U0, U1);
        scatter(U0, block);
    }

    /** Writes three chunks of 8 bits, which are two codes of 3 bits each and 2 bits of the last two codes. */
    private void threeBits(int at) {
        a.op(VPSLLVD, T0, U0, a.constant(List.of(0, 3, 0, 3)));
        a.op(VPERMILPS, BITS, T0, 0xb1);
        a.op(VPOR, T0, T0, BITS);
        a.op(VPAND, T1, U1, bytes(0x03));
        a.op(VPSLLW, T1, T1, 6);
        a.op(VPERMILPS, T1, T1, 0xfa);
        a.op(VPOR, T0, T0, T1);
        a.op(VPEXTRD, T0, Mem.at(RSI, RBX, 4, at), 0);
        a.op(VPEXTRD, T0, Mem.at(RSI, RBX, 4, at + CHUNK), 2);
        a.op(VPAND, T1, U1, a.constant(List.of(0x0707_0707, 0x0707_0707, 0x0404_0404, 0x0404_0404)));
        a.op(VPSLLVD, T1, T1, a.constant(List.of(0, 3, 4, 5)));
        plane(T1, at + 2 * CHUNK);
    }

    /** Writes a chunk of one bit of each weight, from bit {@code right} on. */
    private void planeOfBits(int at, int right) {
        bits(T0, U0, right, 0x01, 1, 0);
        bits(T1, U1, right, 0x01, 1, 4);
        a.op(VPOR, T0, T0, T1);
        plane(T0, at);
    }

    /** Writes two chunks of two bits of each weight, from bit {@code right} on. */
    private void planesOfPairs(int at, int right) {
        bits(T0, U0, right, 0x03, 2, 0);
        plane(T0, at);
        bits(T1, U1, right, 0x03, 2, 0);
        plane(T1, at + CHUNK);
    }

    /** The bits from {@code right} on, those of word c shifted left by {@code c * step + first} bits. */
    private void bits(Vec to, Vec u, int right, int mask, int step, int first) {
        if (right == 0) {
            a.op(VPAND, to, u, bytes(mask));
        } else {
            a.op(VPSRLW, to, u, right);
            a.op(VPAND, to, to, bytes(mask));
        }
        a.op(VPSLLVD, to, to, a.constant(List.of(first, first + step, first + 2 * step, first + 3 * step)));
    }

    /** Writes the union of the 4 words. */
    private void plane(Vec words, int at) {
        a.op(VPERMILPS, BITS, words, 0x4e);
        a.op(VPOR, words, words, BITS);
        a.op(VPERMILPS, BITS, words, 0xb1);
        a.op(VPOR, words, words, BITS);
        a.op(VectorOp.VMOVD_STORE, words, Mem.at(RSI, RBX, 4, at));
    }

    /** Writes word c to chunk c. */
    void scatter(Vec words, int at) {
        for (int chunk = 0; chunk < 4; chunk++) {
            a.op(VPEXTRD, words, Mem.at(RSI, RBX, 4, at + chunk * CHUNK), chunk);
        }
    }
}
