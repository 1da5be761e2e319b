package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VCVTPH2PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPABSB;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPMOVB2M;
import static kawi.assembler.x86.VectorOp.VPMOVSXBD;
import static kawi.assembler.x86.VectorOp.VPMOVZXWD;
import static kawi.assembler.x86.VectorOp.VPOR;
import static kawi.assembler.x86.VectorOp.VPSHUFB;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.assembler.x86.VectorOp.VPSLLW;
import static kawi.assembler.x86.VectorOp.VPSRLW;
import static kawi.assembler.x86.VectorOp.VPTERNLOGD;
import static kawi.assembler.x86.VectorOp.VPXOR;

import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mask;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the unpacking of weights for {@link QuantProductCode}, whose registers RSI, R8 and R14 point at quants, scales
 * and factors of the first group; R15 is the distance to the second.
 */
final class ProductWeights {

    /** Without VNNI: which weights are negative, where their magnitudes are multiplied. */
    static final Mask NEGATIVE = Mask.K2;

    private static final int HALF_ROWS = 8;
    private static final int CHUNK = 64;
    private static final int PLANES = 4 * CHUNK;
    private static final int SIGN_BITS = 0x8080_8080;
    private static final int LOW_NIBBLES = 0x0f0f_0f0f;
    private static final int LOW_PAIRS = 0x0303_0303;
    private static final int LOW_TRIPLES = 0x0707_0707;
    private static final int SINGLE_BITS = 0x0101_0101;
    private static final int OR_AND = 0xf8;

    private final KernelCode code;
    private final Assembler a;
    private final QuantLayout layout;
    private final boolean signed;
    private final Vec temporary;
    private final Vec magnitudes;
    private final Vec lowBits;
    private final Vec table;

    /**
     * @param signed whether magnitudes are multiplied
     * @param temporary is overwritten
     * @param magnitudes receives the magnitudes
     * @param lowBits see {@link #loadLowBits}
     * @param table see {@link #loadTable}
     */
    ProductWeights(
            KernelCode code,
            QuantLayout layout,
            boolean signed,
            Vec temporary,
            Vec magnitudes,
            Vec lowBits,
            Vec table) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.signed = signed;
        this.temporary = temporary;
        this.magnitudes = magnitudes;
        this.lowBits = lowBits;
        this.table = table;
    }

    /** {@code displacement} bytes from a pointer to what belongs to the first group, in a group. */
    static Mem in(int group, Gp base, int displacement) {
        return group == 0 ? Mem.at(base, displacement) : Mem.at(base, R15, 1, displacement);
    }

    /** Loads the mask of the bits of a weight that are not in a plane of upper bits. */
    void loadLowBits() {
        int bits = switch (layout.bits()) {
            case 1 -> SINGLE_BITS << layout.oneBit();
            case 2 -> LOW_PAIRS;
            case 3 -> LOW_TRIPLES;
            default -> LOW_NIBBLES;
        };
        code.broadcast(lowBits, a.constant(bits, 1));
    }

    /** Loads the integers of the codes, if there is a table. With AVX2, the mask of partial outputs overwrites them. */
    void loadTable() {
        if (layout.lookup()) {
            code.load(table, CodeTable.in(code, layout, signed));
        }
    }

    /** Unpacks 4 weights of each row of a group to bytes. */
    void unpack(int group, int chunk, boolean second, Vec to) {
        codes(group, chunk, second, to);
        if (layout.lookup()) {
            a.op(VPSHUFB, to, table, to);
        } else if (signed) {
            a.op(VPXOR, to, to, code.constant(SIGN_BITS));
        }
        if (signed) {
            a.op(VPABSB, magnitudes, to);
            a.op(VPMOVB2M, NEGATIVE, to);
        }
    }

    private void codes(int group, int chunk, boolean second, Vec to) {
        int pairs = second ? CHUNK : 0;
        int bit = second ? 4 + chunk : chunk;
        switch (layout.bits()) {
            case 1 -> low(to, in(group, RSI, 0), bit - layout.oneBit());
            case 2 -> low(to, in(group, RSI, pairs), 2 * chunk);
            case 3 -> threeBits(group, bit, to);
            case 8 -> code.load(to, in(group, RSI, bit * CHUNK));
            default -> low(to, in(group, RSI, chunk * CHUNK), second ? 4 : 0);
        }
        switch (layout.bits()) {
            case 5 -> upperBits(to, in(group, RSI, PLANES), bit - 4, 0x1010_1010);
            case 6 -> upperBits(to, in(group, RSI, PLANES + pairs), 2 * chunk - 4, 0x3030_3030);
            default -> {}
        }
    }

    private void threeBits(int group, int chunk, Vec to) {
        if (chunk < 6) {
            low(to, in(group, RSI, chunk / 2 * CHUNK), chunk % 2 * 3);
        } else {
            shift(to, in(group, RSI, chunk % 2 * CHUNK), 6);
            a.op(VPAND, to, to, code.constant(LOW_PAIRS));
            upperBits(to, in(group, RSI, 2 * CHUNK), chunk - 2, 0x0404_0404);
        }
    }

    private void low(Vec to, Mem from, int right) {
        if (right == 0) {
            a.op(VPAND, to, lowBits, from);
        } else {
            shift(to, from, right);
            a.op(VPAND, to, to, lowBits);
        }
    }

    /** Adds the bits of {@code mask} of a plane that is first shifted right. */
    private void upperBits(Vec to, Mem plane, int right, int mask) {
        shift(temporary, plane, right);
        if (code.isa.avx512()) {
            a.op(VPTERNLOGD, to, temporary, code.constant(mask), OR_AND);
        } else {
            a.op(VPAND, temporary, temporary, code.constant(mask));
            a.op(VPOR, to, to, temporary);
        }
    }

    /**
     * Shifts 16-bit lanes right, or left if {@code right} is negative; the bits that cross bytes are masked away later.
     */
    private void shift(Vec to, Mem from, int right) {
        if (right == 0) {
            code.load(to, from);
        } else if (code.isa.avx512()) {
            a.op(right > 0 ? VPSRLW : VPSLLW, to, from, Math.abs(right));
        } else {
            code.load(to, from);
            a.op(right > 0 ? VPSRLW : VPSLLW, to, to, Math.abs(right));
        }
    }

    /**
     * @param at offset in bytes from the scales of the block
     * @param factorAt offset in bytes from the factors of the unit
     */
    void loadScale(int group, Vec to, int at, int factorAt, int half) {
        switch (layout.scales()) {
            case HALF -> a.op(VCVTPH2PS, to, in(group, R8, at + half * HALF_ROWS * Short.BYTES));
            case UPPER -> {
                a.op(VPMOVZXWD, to, in(group, R8, at + half * HALF_ROWS * Short.BYTES));
                a.op(VPSLLD, to, to, Short.SIZE);
            }
            case FACTORED -> {
                a.op(VPMOVSXBD, to, in(group, R8, at + half * HALF_ROWS));
                a.op(VCVTDQ2PS, to, to);
                a.op(VCVTPH2PS, temporary, in(group, R14, factorAt + half * HALF_ROWS * Short.BYTES));
                a.op(VMULPS, to, to, temporary);
            }
            case MULTIPLES -> {
                a.op(VPMOVSXBD, to, in(group, R8, at + half * HALF_ROWS));
                a.op(VCVTDQ2PS, to, to);
                a.op(VMULPS, to, to, in(group, R14, factorAt + half * HALF_ROWS * Float.BYTES));
            }
            case PLAIN -> code.load(to, in(group, R8, at + half * HALF_ROWS * Float.BYTES));
        }
    }
}
