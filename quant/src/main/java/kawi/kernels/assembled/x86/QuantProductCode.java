package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VFNMADD231PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPADDD;
import static kawi.assembler.x86.VectorOp.VPDPBUSD;
import static kawi.assembler.x86.VectorOp.VPMADDUBSW;
import static kawi.assembler.x86.VectorOp.VPMADDWD;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.assembler.x86.VectorOp.VPSUBB;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.AHEAD;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.GROUPS;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.QUANT_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.ROWS;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.UNITS;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.WEIGHTS;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.X;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.X_STRIDE;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.Y;
import static kawi.kernels.assembled.MatrixArguments.QuantProduct.Y_STRIDE;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Masking;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.Activations;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.QuantLayout.Scales;

/**
 * Emits the product of quantized weights with up to {@link #maxTokens} rows of int8 activations, for every instruction
 * set except AVX2 without VNNI, which has {@link Avx2ProductCode} and {@link PanelProductCode}.
 *
 * <pre>
 *    for each group of 16 rows                       (AVX2: for each half of it)
 *      acc[t] = 0
 *      for each block of 32 columns, or run of 16
 *        s[t] = -offset * sum(xq[t])                 one shift of the sum that the activations carry
 *        for each 4 columns: w = 64 bytes of weights, unpacked once for all tokens
 *          s[t] += w . xq[t]                         4 products per lane; the 4 activations are broadcast
 *        acc[t] = fma((float) s[t], scale * xs[t], acc[t])
 *        acc[t] = fma(minimum, xs[t] * sum(xq[t]), acc[t])
 *      y[t] = acc[t]
 * </pre>
 *
 * <p>Lanes are rows, every token has its own registers, and all operations before the float part are exact, so neither
 * the number of tokens nor the instruction set can change a bit. The dot product is one instruction with VNNI. Without
 * VNNI, 7-bit weights use pairs of 16 bits, which cannot overflow; larger ones would overflow, so their sign is moved
 * to the activation first: |w| times x with the sign of w. Codes are replaced with the integers of a table after they
 * have been unpacked.
 */
final class QuantProductCode {

    /**
     * The prefetch distance for weights from the second-level cache; {@code AHEAD} is the distance to it. The hardware
     * prefetcher is too late, even if tokens share the weights, and a core has too few buffers for lines on the way to
     * its first-level cache to fetch all of them from memory.
     */
    private static final int PREFETCH_BYTES = 2048;

    private static final int MIN_PAIR_TOKENS = 2;
    private static final int MAX_PAIR_TOKENS = 6;

    private static final int HALF_ROWS = 8;
    private static final int CHUNK = 64;

    private final KernelCode code;
    private final Assembler a;
    private final QuantLayout layout;
    private final int tokens;

    /** Groups multiplied at once. */
    private final int groups;

    /** Whether weights of more than 7 bits are made signed before they are multiplied, without VNNI. */
    private final boolean signed;

    /** Whether each token has two sums: with few tokens, one chain of dot products would be limited by latency. */
    private final boolean twoSums;

    private final int firstFree;
    private final ProductWeights packed;

    private QuantProductCode(KernelCode code, QuantLayout layout, int tokens, int groups) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.tokens = tokens;
        this.groups = groups;
        this.signed = layout.largest() > Byte.MAX_VALUE && !code.isa.vnni();
        this.twoSums = tokens * groups <= 2;
        this.firstFree = (twoSums ? 3 : 2) * tokens * groups;
        this.packed = new ProductWeights(code, layout, signed, temporary(), magnitudes(), lowBits(), table());
    }

    /** The maximum number of tokens whose sums fit the registers. */
    public static int maxTokens(X86Isa isa) {
        return isa.avx512() ? 12 : 4;
    }

    /**
     * The number of groups that share the activations in registers. Two, where a few tokens make the time of a product
     * that of its instructions rather than that of reading the weights, and where registers remain.
     */
    static int groupsAtOnce(X86Isa isa, int tokens) {
        return isa == X86Isa.AVX512_VNNI && tokens >= MIN_PAIR_TOKENS && tokens <= MAX_PAIR_TOKENS ? 2 : 1;
    }

    /** @param groups {@link #groupsAtOnce}, or 1 */
    static void emit(KernelCode code, QuantLayout layout, int tokens, int groups) {
        new QuantProductCode(code, layout, tokens, groups).emit();
    }

    // ---- registers

    private Vec sum(int group, int t) {
        return code.v(group * tokens + t);
    }

    private Vec acc(int group, int t) {
        return code.v((groups + group) * tokens + t);
    }

    private Vec secondSum(int t) {
        return code.v(2 * tokens + t);
    }

    private Vec scale() {
        return code.v(firstFree);
    }

    private Vec minimum() {
        return code.v(firstFree + 1);
    }

    private Vec temporary() {
        return code.v(firstFree + 2);
    }

    /** Of the second group if two are multiplied at once, which excludes the use as magnitudes. */
    private Vec secondWeights() {
        return magnitudes();
    }

    private Vec weights() {
        return code.v(firstFree + 3);
    }

    private Vec magnitudes() {
        return code.v(firstFree + 4);
    }

    private Vec activations() {
        return code.v(firstFree + 5);
    }

    /** The mask of the bits of a weight that are not in a plane of upper bits. */
    private Vec lowBits() {
        return code.v(firstFree + 6);
    }

    /** The integers of the codes. */
    private Vec table() {
        return code.v(firstFree + 7);
    }

    /** The bytes of token {@code t}'s block of activations, from {@code displacement} on. */
    private static Mem x(int t, int displacement) {
        Gp base = t < 4 ? R9 : t < 8 ? RDX : RCX;
        return switch (t % 4) {
            case 0 -> Mem.at(base, displacement);
            case 1 -> Mem.at(base, R10, 1, displacement);
            case 2 -> Mem.at(base, R10, 2, displacement);
            default -> Mem.at(base, R11, 1, displacement);
        };
    }

    // ---- loops: RBP the distance of prefetching, RSI quants, R8 scales, R14 factors; R9 RDX RCX activations of tokens
    // 0, 4, 8, R10 R11
    // their strides; R12 R13 outputs

    private void emit() {
        a.load(RBP, KernelCode.arg(AHEAD));
        a.load(R10, KernelCode.arg(X_STRIDE));
        a.lea(R11, Mem.at(R10, R10, 2, 0));
        a.load(R12, KernelCode.arg(Y));
        packed.loadLowBits();
        Label group = a.here();
        for (int half = 0; half * code.isa.lanes() < QuantLayout.ROWS; half++) {
            rows(half);
        }
        a.load(RAX, KernelCode.arg(WEIGHTS));
        for (int i = 0; i < groups; i++) {
            a.op(GpOp.ADD, RAX, KernelCode.arg(GROUP_BYTES));
        }
        a.store(KernelCode.arg(WEIGHTS), RAX);
        a.op(GpOp.ADD, R12, groups * QuantLayout.ROWS * Float.BYTES);
        code.update(ROWS, GpOp.SUB, groups * QuantLayout.ROWS);
        code.update(GROUPS, GpOp.SUB, groups);
        a.jump(NOT_EQUAL, group);
    }

    /** The loop over all columns for the rows of one vector. */
    private void rows(int half) {
        a.load(RSI, KernelCode.arg(WEIGHTS));
        a.mov(R8, RSI);
        a.op(GpOp.ADD, R8, KernelCode.arg(QUANT_BYTES));
        a.op(GpOp.ADD, RSI, half * code.bytes());
        a.load(R9, KernelCode.arg(X));
        a.load(R15, KernelCode.arg(GROUP_BYTES));
        if (tokens > 4) {
            a.lea(RDX, Mem.at(R9, R10, 4, 0));
        }
        if (tokens > 8) {
            a.lea(RCX, Mem.at(RDX, R10, 4, 0));
        }
        if (groups == 2) {
            a.lea(RCX, Mem.at(RBP, R15, 1, 0));
            a.lea(R13, Mem.at(R15, R15, 2, 0));
        }
        packed.loadTable();
        for (int t = 0; t < groups * tokens; t++) {
            code.zero(acc(0, t));
        }
        a.load(RAX, KernelCode.arg(UNITS));
        a.align(CHUNK);
        Label unit = a.here();
        if (layout.unit() == QuantLayout.SUPER_BLOCK) {
            a.mov(R14, R8);
            a.op(GpOp.ADD, R8, layout.factorBytes());
            a.mov(RBX, QuantLayout.SUPER_BLOCK / QuantLayout.BLOCK);
            a.align(CHUNK / 2);
            Label block = a.here();
            block(half);
            a.op(GpOp.SUB, RBX, 1);
            a.jump(NOT_EQUAL, block);
        } else {
            block(half);
        }
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, unit);
        a.load(R13, KernelCode.arg(Y_STRIDE));
        for (int group = 0; group < groups; group++) {
            Vec[] outputs = new Vec[tokens];
            for (int t = 0; t < tokens; t++) {
                outputs[t] = acc(group, t);
            }
            ProductOutputs.emit(code, ROWS, group * QuantLayout.ROWS + half * HALF_ROWS, outputs);
        }
    }

    private void block(int half) {
        if (half == 0) {
            for (int at = 0; at < layout.blockBytes(); at += CHUNK) {
                a.prefetch(Mem.at(RSI, PREFETCH_BYTES + at));
                a.prefetchLevel2(Mem.at(RSI, RBP, 1, at));
                if (groups == 2) {
                    a.prefetch(ProductWeights.in(1, RSI, PREFETCH_BYTES + at));
                    a.prefetchLevel2(Mem.at(RSI, RCX, 1, at));
                }
            }
            // The scales of the next group or pair.
            a.prefetch(Mem.at(R8, R15, groups, 0));
            if (groups == 2) {
                a.prefetch(Mem.at(R8, R13, 1, 0));
            }
        }
        int runs = QuantLayout.BLOCK / layout.run();
        for (int run = 0; run < runs; run++) {
            clearSums(runs == 1 ? Activations.NEGATED_SUM : Activations.NEGATED_HALF_SUMS + run * Integer.BYTES);
            for (int chunk = 0; chunk < 4; chunk++) {
                if (runs == 1 || run == 0) {
                    dot(chunk, false);
                }
                if (runs == 1 || run == 1) {
                    dot(chunk, true);
                }
            }
            for (int group = 0; group < groups; group++) {
                accumulate(group, run, half);
            }
        }
        a.op(GpOp.ADD, R8, runs * layout.runScaleBytes());
        a.op(GpOp.ADD, RSI, layout.blockBytes());
        a.op(GpOp.ADD, R9, Activations.BLOCK_BYTES);
        if (tokens > 4) {
            a.op(GpOp.ADD, RDX, Activations.BLOCK_BYTES);
        }
        if (tokens > 8) {
            a.op(GpOp.ADD, RCX, Activations.BLOCK_BYTES);
        }
    }

    // ---- the integer part

    /** Initializes the sums with the negated contribution of the offset of the weights. */
    private void clearSums(int negatedSum) {
        for (int t = 0; t < tokens; t++) {
            if (layout.offset() == 0 || signed) {
                code.zero(sum(0, t));
            } else {
                int shift = Integer.numberOfTrailingZeros(layout.offset());
                if (code.isa.avx512()) {
                    a.op(VPSLLD, sum(0, t), x(t, negatedSum).toAll(), shift);
                } else {
                    code.broadcast(sum(0, t), x(t, negatedSum));
                    a.op(VPSLLD, sum(0, t), sum(0, t), shift);
                }
            }
            if (groups == 2) {
                code.move(sum(1, t), sum(0, t));
            }
            if (twoSums) {
                code.zero(secondSum(t));
            }
        }
    }

    /** Columns {@code 4 chunk} to {@code 4 chunk + 3} of the first or the second 16 of a block. */
    private void dot(int chunk, boolean second) {
        packed.unpack(0, chunk, second, weights());
        if (groups == 2) {
            packed.unpack(1, chunk, second, secondWeights());
        }
        for (int t = 0; t < tokens; t++) {
            Vec sum = twoSums && chunk % 2 == 1 ? secondSum(t) : sum(0, t);
            Mem four = x(t, (second ? 16 : 0) + 4 * chunk);
            if (groups == 2) {
                code.broadcast(activations(), four);
                a.op(VPDPBUSD, sum(0, t), weights(), activations());
                a.op(VPDPBUSD, sum(1, t), secondWeights(), activations());
                continue;
            }
            if (code.isa == X86Isa.AVX512_VNNI) {
                a.op(VPDPBUSD, sum, weights(), four.toAll());
                continue;
            }
            Vec product = activations();
            code.broadcast(product, four);
            if (code.isa == X86Isa.AVX2_VNNI) {
                a.op(VPDPBUSD, sum, weights(), product);
                continue;
            }
            if (signed) {
                code.zero(temporary());
                a.op(VPSUBB, Masking.merge(ProductWeights.NEGATIVE), product, temporary(), product);
            }
            a.op(VPMADDUBSW, product, signed ? magnitudes() : weights(), product);
            a.op(VPMADDWD, product, product, onesOf16Bits());
            a.op(VPADDD, sum, sum, product);
        }
    }

    private Mem onesOf16Bits() {
        return a.constant(0x0001_0001, code.isa.lanes());
    }

    // ---- the float part

    private void accumulate(int group, int run, int half) {
        packed.loadScale(group, scale(), run * layout.runScaleBytes(), 0, half);
        if (layout.minimum()) {
            int share = layout.runScaleBytes() / 2;
            packed.loadScale(group, minimum(), run * layout.runScaleBytes() + share, layout.factorBytes() / 2, half);
        }
        boolean halves = layout.run() < QuantLayout.BLOCK;
        int scaledSum = halves ? Activations.SCALED_HALF_SUMS + run * Float.BYTES : Activations.SCALED_SUM;
        for (int t = 0; t < tokens; t++) {
            if (twoSums) {
                a.op(VPADDD, sum(0, t), sum(0, t), secondSum(t));
            }
            a.op(VCVTDQ2PS, sum(group, t), sum(group, t));
            code.withAll(VMULPS, temporary(), scale(), x(t, Activations.SCALE), activations());
            a.op(VFMADD231PS, acc(group, t), sum(group, t), temporary());
            if (layout.minimum()) {
                boolean negated = layout.scales() == Scales.FACTORED;
                code.withAll(
                        negated ? VFNMADD231PS : VFMADD231PS, acc(group, t), minimum(), x(t, scaledSum), activations());
            }
        }
    }
}
