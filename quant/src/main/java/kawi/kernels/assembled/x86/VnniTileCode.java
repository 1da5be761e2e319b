package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VFMADD213PS;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VFNMADD231PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPDPBUSD;
import static kawi.assembler.x86.VectorOp.VPSLLD;

import java.util.function.IntFunction;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VectorOp;
import kawi.kernels.Activations;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.QuantLayout.Scales;

/**
 * Emits the product of an unpacked block of 16 rows and 32 columns with some tokens, for the instruction sets that
 * multiply and add bytes in one instruction:
 *
 * <pre>
 *    for each run
 *      sum[t] = -offset * sum(xq[t])
 *      for each 4 columns: sum[t] += weights . xq[t]
 *      acc[t] = fma((float) sum[t], scale * xs[t], acc[t])
 *      acc[t] = fma(minimum, xs[t] * sum(xq[t]), acc[t])
 * </pre>
 *
 * <p>With AVX2, two vectors of rows share each broadcast activation. Their sums leave no registers for the
 * accumulators, which are in memory.
 */
final class VnniTileCode implements TileCode {

    private final KernelCode code;
    private final Assembler a;
    private final QuantLayout layout;
    private final int tokens;
    private final int halves;
    private final QuantPanel panel;
    private final Gp block;
    private final Gp accs;

    /** The address of a token's block of activations. */
    private final IntFunction<Mem> x;

    /** @param block the address of the unpacked block */
    VnniTileCode(
            KernelCode code, QuantLayout layout, int tokens, QuantPanel panel, Gp block, Gp accs, IntFunction<Mem> x) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.tokens = tokens;
        this.halves = QuantLayout.ROWS / code.isa.lanes();
        this.panel = panel;
        this.block = block;
        this.accs = accs;
        this.x = x;
    }

    /** The maximum number of tokens whose sums fit the registers, and whose addresses too. */
    static int maxTokens(X86Isa isa) {
        return isa.avx512() ? 12 : 6;
    }

    // ---- registers: sums from 0 on, then

    private Vec sum(int t, int half) {
        return code.v(halves * t + half);
    }

    /** With AVX-512 only. */
    private Vec acc(int t) {
        return code.v(maxTokens(code.isa) + t);
    }

    private Vec weights(int half) {
        return code.v((code.isa.avx512() ? 2 : halves) * maxTokens(code.isa) + half);
    }

    private Vec activations() {
        return weights(2);
    }

    private Vec temporary() {
        return weights(3);
    }

    private Mem x(int t, int at) {
        return x.apply(t).plus(at);
    }

    private Mem acc(int t, int half) {
        return Mem.at(accs, (halves * t + half) * code.bytes());
    }

    @Override
    public void clear() {
        code.zero(temporary());
        for (int t = 0; t < tokens; t++) {
            for (int half = 0; half < halves; half++) {
                set(t, half, temporary());
            }
        }
    }

    @Override
    public void set(int t, int half, Vec from) {
        if (code.isa.avx512()) {
            code.move(acc(t), from);
        } else {
            code.store(acc(t, half), from);
        }
    }

    @Override
    public Vec[] outputs(int half) {
        Vec[] outputs = new Vec[tokens];
        for (int t = 0; t < tokens; t++) {
            if (code.isa.avx512()) {
                outputs[t] = acc(t);
            } else {
                outputs[t] = code.v(t);
                code.load(outputs[t], acc(t, half));
            }
        }
        return outputs;
    }

    @Override
    public void block() {
        int runs = QuantLayout.BLOCK / layout.run();
        int chunks = QuantWeights.CHUNKS / runs;
        for (int run = 0; run < runs; run++) {
            clearSums(runs == 1 ? Activations.NEGATED_SUM : Activations.NEGATED_HALF_SUMS + run * Integer.BYTES);
            for (int chunk = run * chunks; chunk < (run + 1) * chunks; chunk++) {
                dot(chunk);
            }
            accumulate(run, runs == 1 ? Activations.SCALED_SUM : Activations.SCALED_HALF_SUMS + run * Float.BYTES);
        }
    }

    private void clearSums(int negatedSum) {
        int shift = Integer.numberOfTrailingZeros(layout.offset());
        for (int t = 0; t < tokens; t++) {
            for (int half = 0; half < halves; half++) {
                Vec sum = sum(t, half);
                if (layout.offset() == 0) {
                    code.zero(sum);
                } else if (code.isa.avx512()) {
                    a.op(VPSLLD, sum, x(t, negatedSum).toAll(), shift);
                } else if (half == 0) {
                    code.broadcast(sum, x(t, negatedSum));
                    a.op(VPSLLD, sum, sum, shift);
                } else {
                    code.move(sum, sum(t, 0));
                }
            }
        }
    }

    private void dot(int chunk) {
        for (int half = 0; half < halves; half++) {
            code.load(weights(half), panel.quants(block, chunk, half * code.bytes()));
        }
        for (int t = 0; t < tokens; t++) {
            Mem four = x(t, chunk * Integer.BYTES);
            if (code.isa.avx512()) {
                a.op(VPDPBUSD, sum(t, 0), weights(0), four.toAll());
                continue;
            }
            code.broadcast(activations(), four);
            for (int half = 0; half < halves; half++) {
                a.op(VPDPBUSD, sum(t, half), weights(half), activations());
            }
        }
    }

    private void accumulate(int run, int scaledSum) {
        VectorOp addMinimum = layout.scales() == Scales.FACTORED ? VFNMADD231PS : VFMADD231PS;
        for (int half = 0; half < halves; half++) {
            int row = half * code.bytes();
            Vec scale = weights(0);
            Vec minimum = weights(1);
            code.load(scale, panel.scale(block, run, row));
            if (layout.minimum()) {
                code.load(minimum, panel.minimum(block, run, row));
            }
            for (int t = 0; t < tokens; t++) {
                Vec sum = sum(t, half);
                a.op(VCVTDQ2PS, sum, sum);
                code.withAll(VMULPS, temporary(), scale, x(t, Activations.SCALE), activations());
                if (code.isa.avx512()) {
                    a.op(VFMADD231PS, acc(t), sum, temporary());
                } else {
                    a.op(VFMADD213PS, sum, temporary(), acc(t, half));
                }
                if (layout.minimum()) {
                    Vec acc = code.isa.avx512() ? acc(t) : sum;
                    code.withAll(addMinimum, acc, minimum, x(t, scaledSum), activations());
                }
                if (!code.isa.avx512()) {
                    code.store(acc(t, half), sum);
                }
            }
        }
    }
}
