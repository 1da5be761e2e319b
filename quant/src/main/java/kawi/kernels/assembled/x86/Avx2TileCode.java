package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VFMADD213PS;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VFNMADD231PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPABSB;
import static kawi.assembler.x86.VectorOp.VPADDD;
import static kawi.assembler.x86.VectorOp.VPADDW;
import static kawi.assembler.x86.VectorOp.VPMADDUBSW;
import static kawi.assembler.x86.VectorOp.VPMADDWD;
import static kawi.assembler.x86.VectorOp.VPSIGNB;
import static kawi.assembler.x86.VectorOp.VPSLLD;

import java.util.function.IntFunction;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VecOrMem;
import kawi.kernels.Activations;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.QuantLayout.Scales;

/**
 * Emits the product of a block of 16 rows and 32 columns with up to 4 tokens for AVX2 without VNNI, where the exact sum
 * of bytes times bytes takes three steps: vpmaddubsw adds the products of 2 columns in 16 bits, vpmaddwd adds two of
 * these sums in 32 bits, vpaddd accumulates them. The second and third step are the rarer, the more columns fit 16
 * bits:
 *
 * <pre>
 *    1 to 4    a whole run: 16 products of at most 15 * 127 in a lane make 30480
 *    5         16 columns: 8 products of at most 31 * 127 make 31496
 *    6         8 columns: 4 products of at most 63 * 127 make 32004
 *    7         4 columns: 2 products of at most 127 * 127 make 32258
 *    8         4 columns: |w| * (x with the sign of w), 2 products of at most 128 * 127 make 32512
 * </pre>
 *
 * <p>With many tokens, weights of 8 bits are unpacked to 16 bits, as the activations are, and vpmaddwd adds the products
 * of 2 columns in 32 bits: as many instructions, but fewer on the ports that multiply.
 *
 * <p>Where codes stand for the integers of a table, the bits are those of the largest of these.
 *
 * <p>The contribution of the offset, {@code -offset * sum(xq)}, is added in 32 bits. Two vectors of rows share each
 * broadcast activation. The 8 sums leave no registers for the 8 accumulators, which are in memory and are used once per
 * run; so are the sums of the first 16 columns of 5 bits:
 *
 * <pre>
 *    acc[t] = fma((float) sum[t], scale * xs[t], acc[t])
 *    acc[t] = fma(minimum, xs[t] * sum(xq[t]), acc[t])
 * </pre>
 */
final class Avx2TileCode implements TileCode {

    static final int MAX_TOKENS = 4;

    private static final int SUM_BYTES = MAX_TOKENS * QuantLayout.ROWS * Integer.BYTES;

    /** 4 columns at a time: the number of times that 5-bit weights are added in 16 bits. */
    private static final int HALF_CHUNKS = 4;

    private static final int HALVES = 2;
    private static final int VECTOR = 32;

    /** Where the weights come from. */
    sealed interface Source {}

    /** Unpacked, at {@code block}. */
    record Unpacked(QuantPanel panel, Gp block) implements Source {}

    /** In the execution layout. */
    record Packed(QuantWeights weights) implements Source {}

    private final KernelCode code;
    private final Assembler a;
    private final QuantLayout layout;
    private final int tokens;
    private final Source source;
    private final Gp accs;

    /** The address of a token's block of activations. */
    private final IntFunction<Mem> x;

    Avx2TileCode(KernelCode code, QuantLayout layout, int tokens, Source source, Gp accs, IntFunction<Mem> x) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.tokens = tokens;
        this.source = source;
        this.accs = accs;
        this.x = x;
    }

    // ---- registers: 0 to 7 sums, 8 to 11 weights or what belongs to them, 12 to 14 the rest, 15 a constant

    private Vec sum(int t, int half) {
        return code.v(HALVES * t + half);
    }

    private Vec weights(int half) {
        return code.v(8 + half);
    }

    private Vec otherWeights(int half) {
        return code.v(10 + half);
    }

    private Vec activations() {
        return code.v(12);
    }

    private Vec otherActivations() {
        return code.v(13);
    }

    private Vec temporary() {
        return code.v(14);
    }

    private Vec last() {
        return code.v(15);
    }

    /** The accumulators of a token for a vector of rows. */
    private Mem acc(int t, int half) {
        return Mem.at(accs, (HALVES * t + half) * VECTOR);
    }

    private Mem x(int t, int at) {
        return x.apply(t).plus(at);
    }

    /** A number that belongs to a token's block of activations. */
    private Mem field(int t, int at) {
        return x(t, at + (wide() ? WideActivations.FIELDS : 0));
    }

    private boolean wide() {
        return source instanceof Unpacked(QuantPanel panel, Gp _) && panel.wide();
    }

    private Mem onesOf16Bits() {
        return a.constant(0x0001_0001, code.isa.lanes());
    }

    // ---- the accumulators

    @Override
    public void clear() {
        code.zero(temporary());
        eachSum((t, half) -> code.store(acc(t, half), temporary()));
    }

    @Override
    public void set(int t, int half, Vec from) {
        code.store(acc(t, half), from);
    }

    @Override
    public Vec[] outputs(int half) {
        Vec[] outputs = new Vec[tokens];
        for (int t = 0; t < tokens; t++) {
            outputs[t] = code.v(t);
            code.load(outputs[t], acc(t, half));
        }
        return outputs;
    }

    // ---- a block

    @Override
    public void block() {
        int runs = QuantLayout.BLOCK / layout.run();
        int chunks = QuantWeights.CHUNKS / runs;
        for (int run = 0; run < runs; run++) {
            int inWords = Short.MAX_VALUE / (2 * Byte.MAX_VALUE * layout.largest());
            if (wide()) {
                sumWide(run * chunks, chunks);
            } else if (inWords >= chunks) {
                sumInWords(run * chunks, chunks);
            } else if (inWords >= HALF_CHUNKS) {
                sumHalves(run * chunks, chunks);
            } else if (inWords >= 2) {
                sumPairs(run * chunks, chunks);
            } else if (inWords == 1) {
                sumSingly(run * chunks, chunks);
            } else {
                sumSigned(run * chunks, chunks);
            }
            if (!QuantWeights.signed(code.isa, layout) && layout.offset() > 0) {
                addOffset(runs == 1 ? Activations.NEGATED_SUM : Activations.NEGATED_HALF_SUMS + run * Integer.BYTES);
            }
            accumulate(run, runs);
        }
    }

    private interface Sums {
        void emit(int token, int half);
    }

    private void eachSum(Sums sums) {
        for (int t = 0; t < tokens; t++) {
            for (int half = 0; half < HALVES; half++) {
                sums.emit(t, half);
            }
        }
    }

    private void loadWeights(IntFunction<Vec> to, int chunk) {
        for (int half = 0; half < HALVES; half++) {
            switch (source) {
                case Unpacked(QuantPanel panel, Gp block) ->
                    code.load(to.apply(half), panel.quants(block, chunk, half * VECTOR));
                case Packed(QuantWeights packed) -> packed.quants(to.apply(half), chunk, half, temporary());
            }
        }
    }

    /** Sums of weights of up to 4 bits, which fit 16 bits. */
    private void sumInWords(int from, int count) {
        for (int chunk = from; chunk < from + count; chunk++) {
            loadWeights(this::weights, chunk);
            for (int t = 0; t < tokens; t++) {
                code.broadcast(activations(), x(t, 4 * chunk));
                if (chunk == from) {
                    a.op(VPMADDUBSW, sum(t, 0), weights(0), activations());
                    a.op(VPMADDUBSW, sum(t, 1), weights(1), activations());
                } else {
                    a.op(VPMADDUBSW, temporary(), weights(0), activations());
                    a.op(VPMADDUBSW, activations(), weights(1), activations());
                    a.op(VPADDW, sum(t, 0), sum(t, 0), temporary());
                    a.op(VPADDW, sum(t, 1), sum(t, 1), activations());
                }
            }
        }
        eachSum((t, half) -> a.op(VPMADDWD, sum(t, half), sum(t, half), onesOf16Bits()));
    }

    /** Sums of 5-bit weights, 16 columns at a time. */
    private void sumHalves(int from, int count) {
        sumInWords(from, HALF_CHUNKS);
        if (count > HALF_CHUNKS) {
            eachSum((t, half) -> code.store(firstSum(t, half), sum(t, half)));
            sumInWords(from + HALF_CHUNKS, count - HALF_CHUNKS);
            eachSum((t, half) -> a.op(VPADDD, sum(t, half), sum(t, half), firstSum(t, half)));
        }
    }

    private Mem firstSum(int t, int half) {
        return acc(t, half).plus(SUM_BYTES);
    }

    /** Sums of 6-bit weights, 8 columns at a time. */
    private void sumPairs(int from, int count) {
        for (int chunk = from; chunk < from + count; chunk += 2) {
            loadWeights(this::weights, chunk);
            loadWeights(this::otherWeights, chunk + 1);
            for (int t = 0; t < tokens; t++) {
                code.broadcast(activations(), x(t, 4 * chunk));
                code.broadcast(otherActivations(), x(t, 4 * chunk + 4));
                Vec first = chunk == from ? sum(t, 0) : temporary();
                Vec second = chunk == from ? sum(t, 1) : activations();
                a.op(VPMADDUBSW, first, weights(0), activations());
                a.op(VPMADDUBSW, last(), otherWeights(0), otherActivations());
                a.op(VPMADDUBSW, second, weights(1), activations());
                a.op(VPMADDUBSW, otherActivations(), otherWeights(1), otherActivations());
                a.op(VPADDW, first, first, last());
                a.op(VPADDW, second, second, otherActivations());
                a.op(VPMADDWD, first, first, onesOf16Bits());
                a.op(VPMADDWD, second, second, onesOf16Bits());
                if (chunk > from) {
                    a.op(VPADDD, sum(t, 0), sum(t, 0), first);
                    a.op(VPADDD, sum(t, 1), sum(t, 1), second);
                }
            }
        }
    }

    /** Sums of 7-bit weights, 4 columns at a time. */
    private void sumSingly(int from, int count) {
        code.load(last(), onesOf16Bits());
        for (int chunk = from; chunk < from + count; chunk++) {
            loadWeights(this::weights, chunk);
            for (int t = 0; t < tokens; t++) {
                code.broadcast(activations(), x(t, 4 * chunk));
                Vec first = chunk == from ? sum(t, 0) : temporary();
                Vec second = chunk == from ? sum(t, 1) : activations();
                a.op(VPMADDUBSW, first, weights(0), activations());
                a.op(VPMADDUBSW, second, weights(1), activations());
                a.op(VPMADDWD, first, first, last());
                a.op(VPMADDWD, second, second, last());
                if (chunk > from) {
                    a.op(VPADDD, sum(t, 0), sum(t, 0), first);
                    a.op(VPADDD, sum(t, 1), sum(t, 1), second);
                }
            }
        }
    }

    /** Sums of 8-bit weights, 4 columns at a time. */
    private void sumSigned(int from, int count) {
        code.load(last(), onesOf16Bits());
        for (int chunk = from; chunk < from + count; chunk++) {
            loadWeights(this::weights, chunk);
            a.op(VPABSB, otherWeights(0), weights(0));
            a.op(VPABSB, otherWeights(1), weights(1));
            for (int t = 0; t < tokens; t++) {
                code.broadcast(activations(), x(t, 4 * chunk));
                Vec first = chunk == from ? sum(t, 0) : temporary();
                Vec second = chunk == from ? sum(t, 1) : activations();
                a.op(VPSIGNB, first, activations(), weights(0));
                a.op(VPSIGNB, second, activations(), weights(1));
                a.op(VPMADDUBSW, first, otherWeights(0), first);
                a.op(VPMADDUBSW, second, otherWeights(1), second);
                a.op(VPMADDWD, first, first, last());
                a.op(VPMADDWD, second, second, last());
                if (chunk > from) {
                    a.op(VPADDD, sum(t, 0), sum(t, 0), first);
                    a.op(VPADDD, sum(t, 1), sum(t, 1), second);
                }
            }
        }
    }

    /** Sums of weights in 16 bits, 2 columns at a time. */
    private void sumWide(int from, int count) {
        for (int chunk = 2 * from; chunk < 2 * (from + count); chunk++) {
            loadWeights(this::weights, chunk);
            for (int t = 0; t < tokens; t++) {
                code.broadcast(activations(), x(t, WideActivations.columns(chunk)));
                if (chunk == 2 * from) {
                    a.op(VPMADDWD, sum(t, 0), weights(0), activations());
                    a.op(VPMADDWD, sum(t, 1), weights(1), activations());
                } else {
                    a.op(VPMADDWD, temporary(), weights(0), activations());
                    a.op(VPMADDWD, activations(), weights(1), activations());
                    a.op(VPADDD, sum(t, 0), sum(t, 0), temporary());
                    a.op(VPADDD, sum(t, 1), sum(t, 1), activations());
                }
            }
        }
    }

    private void addOffset(int negatedSum) {
        int shift = Integer.numberOfTrailingZeros(layout.offset());
        for (int t = 0; t < tokens; t++) {
            code.broadcast(activations(), field(t, negatedSum));
            a.op(VPSLLD, activations(), activations(), shift);
            a.op(VPADDD, sum(t, 0), sum(t, 0), activations());
            a.op(VPADDD, sum(t, 1), sum(t, 1), activations());
        }
    }

    // ---- the float part

    private void accumulate(int run, int runs) {
        VecOrMem[] scales = new VecOrMem[HALVES];
        VecOrMem[] minimums = new VecOrMem[HALVES];
        for (int half = 0; half < HALVES; half++) {
            switch (source) {
                case Unpacked(QuantPanel panel, Gp block) -> {
                    scales[half] = panel.scale(block, run, half * VECTOR);
                    minimums[half] = panel.minimum(block, run, half * VECTOR);
                }
                case Packed(QuantWeights packed) -> {
                    packed.scale(weights(half), run, half, temporary());
                    scales[half] = weights(half);
                    if (layout.minimum()) {
                        packed.minimum(otherWeights(half), run, half, temporary());
                    }
                    minimums[half] = otherWeights(half);
                }
            }
        }
        int scaledSum = runs == 1 ? Activations.SCALED_SUM : Activations.SCALED_HALF_SUMS + run * Float.BYTES;
        for (int t = 0; t < tokens; t++) {
            code.broadcast(activations(), field(t, Activations.SCALE));
            a.op(VCVTDQ2PS, sum(t, 0), sum(t, 0));
            a.op(VCVTDQ2PS, sum(t, 1), sum(t, 1));
            a.op(VMULPS, temporary(), activations(), scales[0]);
            a.op(VMULPS, activations(), activations(), scales[1]);
            a.op(VFMADD213PS, sum(t, 0), temporary(), acc(t, 0));
            a.op(VFMADD213PS, sum(t, 1), activations(), acc(t, 1));
            if (layout.minimum()) {
                boolean negated = layout.scales() == Scales.FACTORED;
                code.broadcast(activations(), field(t, scaledSum));
                a.op(negated ? VFNMADD231PS : VFMADD231PS, sum(t, 0), activations(), minimums[0]);
                a.op(negated ? VFNMADD231PS : VFMADD231PS, sum(t, 1), activations(), minimums[1]);
            }
            code.store(acc(t, 0), sum(t, 0));
            code.store(acc(t, 1), sum(t, 1));
        }
    }
}
