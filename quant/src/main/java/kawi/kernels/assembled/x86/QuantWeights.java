package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VCVTPH2PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPMOVSXBD;
import static kawi.assembler.x86.VectorOp.VPMOVZXWD;
import static kawi.assembler.x86.VectorOp.VPOR;
import static kawi.assembler.x86.VectorOp.VPSHUFB;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.assembler.x86.VectorOp.VPSLLW;
import static kawi.assembler.x86.VectorOp.VPSRLW;
import static kawi.assembler.x86.VectorOp.VPXOR;

import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.QuantLayout.Scales;

/**
 * Emits the unpacking of weights in {@link QuantLayout}: a vector holds 4 columns, or one scale, of the 16 rows of a
 * group, or with AVX2 of its first or second 8 rows.
 */
final class QuantWeights {

    /** The number of times 4 columns in a block. */
    static final int CHUNKS = 8;

    private static final int CHUNK = 64;
    private static final int PLANES = 4 * CHUNK;
    private static final int SIGN_BITS = 0x8080_8080;
    private static final int LOW_NIBBLES = 0x0f0f_0f0f;
    private static final int LOW_PAIRS = 0x0303_0303;
    private static final int LOW_TRIPLES = 0x0707_0707;
    private static final int SINGLE_BITS = 0x0101_0101;

    private final KernelCode code;
    private final Assembler a;
    private final QuantLayout layout;

    /** Addresses of a block's quants and scales, and of the factors of its unit. */
    private final Gp quants;

    private final Gp scales;
    private final Gp factors;

    QuantWeights(KernelCode code, QuantLayout layout, Gp quants, Gp scales, Gp factors) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.quants = quants;
        this.scales = scales;
        this.factors = factors;
    }

    /** Whether weights are signed when they are multiplied: those of more than 7 bits, without VNNI. */
    static boolean signed(X86Isa isa, QuantLayout layout) {
        return layout.largest() > Byte.MAX_VALUE && !isa.vnni();
    }

    /**
     * Columns {@code 4 chunk} to {@code 4 chunk + 3} of a block as bytes: {@link #signed}, or otherwise unsigned, with
     * the offset.
     *
     * @param spare is overwritten
     */
    void quants(Vec to, int chunk, int half, Vec spare) {
        codes(to, chunk, half, spare);
        if (layout.lookup()) {
            code.load(spare, CodeTable.in(code, layout, signed(code.isa, layout)));
            a.op(VPSHUFB, to, spare, to);
        } else if (signed(code.isa, layout)) {
            a.op(VPXOR, to, to, code.constant(SIGN_BITS));
        }
    }

    private void codes(Vec to, int chunk, int half, Vec spare) {
        int row = half * code.bytes();
        boolean high = chunk >= 4;
        int pairs = (high ? CHUNK : 0) + row;
        switch (layout.bits()) {
            case 1 -> field(to, row, chunk - layout.oneBit(), SINGLE_BITS << layout.oneBit());
            case 2 -> field(to, pairs, 2 * (chunk % 4), LOW_PAIRS);
            case 3 -> {
                if (chunk < 6) {
                    field(to, chunk / 2 * CHUNK + row, chunk % 2 * 3, LOW_TRIPLES);
                    return;
                }
                field(to, chunk % 2 * CHUNK + row, 6, LOW_PAIRS);
            }
            case 8 -> code.load(to, Mem.at(quants, chunk * CHUNK + row));
            default -> field(to, chunk % 4 * CHUNK + row, high ? 4 : 0, LOW_NIBBLES);
        }
        switch (layout.bits()) {
            case 3 -> field(spare, 2 * CHUNK + row, chunk - 2, 0x0404_0404);
            case 5 -> field(spare, PLANES + row, chunk - 4, 0x1010_1010);
            case 6 -> field(spare, PLANES + pairs, 2 * (chunk % 4) - 4, 0x3030_3030);
            default -> {
                return;
            }
        }
        a.op(VPOR, to, to, spare);
    }

    /** Loads the bits of {@code mask} after a shift. */
    private void field(Vec to, int at, int right, int mask) {
        shifted(to, at, right);
        a.op(VPAND, to, to, code.constant(mask));
    }

    /** Loads and shifts 16-bit lanes right, or left if {@code right} is negative. */
    private void shifted(Vec to, int at, int right) {
        code.load(to, Mem.at(quants, at));
        if (right != 0) {
            a.op(right > 0 ? VPSRLW : VPSLLW, to, to, Math.abs(right));
        }
    }

    /** The scales of a run. */
    void scale(Vec to, int run, int half, Vec spare) {
        scale(to, run * layout.runScaleBytes(), 0, half, spare);
    }

    /** The minimums of a run; those of {@link Scales#FACTORED} with the opposite sign. */
    void minimum(Vec to, int run, int half, Vec spare) {
        int share = layout.runScaleBytes() / 2;
        scale(to, run * layout.runScaleBytes() + share, layout.factorBytes() / 2, half, spare);
    }

    private void scale(Vec to, int at, int factorAt, int half, Vec spare) {
        switch (layout.scales()) {
            case HALF -> a.op(VCVTPH2PS, to, Mem.at(scales, at + half * code.isa.lanes() * Short.BYTES));
            case UPPER -> {
                a.op(VPMOVZXWD, to, Mem.at(scales, at + half * code.isa.lanes() * Short.BYTES));
                a.op(VPSLLD, to, to, Short.SIZE);
            }
            case FACTORED -> {
                a.op(VPMOVSXBD, to, Mem.at(scales, at + half * code.isa.lanes()));
                a.op(VCVTDQ2PS, to, to);
                a.op(VCVTPH2PS, spare, Mem.at(factors, factorAt + half * code.isa.lanes() * Short.BYTES));
                a.op(VMULPS, to, to, spare);
            }
            case MULTIPLES -> {
                a.op(VPMOVSXBD, to, Mem.at(scales, at + half * code.isa.lanes()));
                a.op(VCVTDQ2PS, to, to);
                a.op(VMULPS, to, to, Mem.at(factors, factorAt + half * code.isa.lanes() * Float.BYTES));
            }
            case PLAIN -> code.load(to, Mem.at(scales, at + half * code.isa.lanes() * Float.BYTES));
        }
    }
}
