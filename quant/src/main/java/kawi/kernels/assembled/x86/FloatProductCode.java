package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.EQUAL;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VCVTPH2PS;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.ODD;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.PAIRS;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.ROWS;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.STEPS;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.WEIGHTS;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.X;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.X_STRIDE;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.Y;
import static kawi.kernels.assembled.MatrixArguments.FloatProduct.Y_STRIDE;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.assembled.AssembledLayout;
import kawi.kernels.assembled.FloatLayout;

/**
 * Emits the product of float weights with up to {@link #maxTokens} rows of activations.
 *
 * <pre>
 *    for some groups of 16 rows at a time
 *      acc[g][t] = 0
 *      for each column k: w[g] = 16 weights as f32;  acc[g][t] = fma(w[g], x[t][k], acc[g][t])
 *      y[t] = acc[g][t]
 * </pre>
 *
 * <p>An output is one chain of dependent fma, so several groups are computed concurrently: the fewer tokens, the more
 * groups.
 */
final class FloatProductCode {

    private static final int UPPER_HALF = 0xffff_0000;
    private static final int CHUNK = 64;

    /** The prefetch distance for weights. */
    private static final int PREFETCH_BYTES = 2048;

    private final KernelCode code;
    private final Assembler a;
    private final FloatLayout layout;
    private final int tokens;
    private final int groups;
    private final int vectors;

    private FloatProductCode(KernelCode code, FloatLayout layout, int tokens, int groups) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.tokens = tokens;
        this.groups = groups;
        this.vectors = groups * AssembledLayout.ROWS / code.isa.lanes();
    }

    /** The maximum number of tokens whose sums fit the registers. */
    public static int maxTokens(X86Isa isa) {
        return isa.avx512() ? 12 : 6;
    }

    /**
     * The number of groups to process at once for a number of tokens; the remaining groups are processed one by one.
     */
    public static int groupsAtOnce(X86Isa isa, int tokens) {
        if (isa.avx512()) {
            return tokens <= 6 ? 4 : 2;
        }
        return tokens <= 2 ? 2 : 1;
    }

    static void emit(KernelCode code, FloatLayout layout, int tokens, int groups) {
        new FloatProductCode(code, layout, tokens, groups).emit();
    }

    // ---- registers

    private Vec acc(int vector, int t) {
        return code.v(vector * tokens + t);
    }

    private Vec weights(int vector) {
        return code.v(vectors * tokens + vector);
    }

    private Vec activation() {
        return code.v(vectors * tokens + vectors);
    }

    /** The activation of token {@code t}, {@code column} columns after the current one. */
    private static Mem x(int t, int column) {
        Gp base = t < 4 ? R9 : t < 8 ? RDX : RCX;
        int at = column * Float.BYTES;
        return switch (t % 4) {
            case 0 -> Mem.at(base, at);
            case 1 -> Mem.at(base, R10, 1, at);
            case 2 -> Mem.at(base, R10, 2, at);
            default -> Mem.at(base, R11, 1, at);
        };
    }

    /** The size in bytes of the weights of a vector of rows. */
    private Mem w(int vector, int at) {
        int perGroup = AssembledLayout.ROWS / code.isa.lanes();
        int group = vector / perGroup;
        int bytes = at + vector % perGroup * code.isa.lanes() * (layout == FloatLayout.F16 ? Short.BYTES : Float.BYTES);
        return switch (group) {
            case 0 -> Mem.at(RSI, bytes);
            case 1 -> Mem.at(RSI, RBX, 1, bytes);
            case 2 -> Mem.at(RSI, RBX, 2, bytes);
            default -> Mem.at(RSI, R8, 1, bytes);
        };
    }

    // ---- loops: RBP groups, RSI their current columns, RBX R8 the distance of groups and its triple; the rest as in
    // QuantProductCode

    private void emit() {
        a.load(RBP, KernelCode.arg(WEIGHTS));
        a.load(RBX, KernelCode.arg(GROUP_BYTES));
        a.lea(R8, Mem.at(RBX, RBX, 2, 0));
        a.load(R10, KernelCode.arg(X_STRIDE));
        a.lea(R11, Mem.at(R10, R10, 2, 0));
        a.load(R12, KernelCode.arg(Y));
        a.load(R13, KernelCode.arg(Y_STRIDE));
        Label step = a.here();
        a.mov(RSI, RBP);
        a.load(R9, KernelCode.arg(X));
        if (tokens > 4) {
            a.lea(RDX, Mem.at(R9, R10, 4, 0));
        }
        if (tokens > 8) {
            a.lea(RCX, Mem.at(RDX, R10, 4, 0));
        }
        for (int vector = 0; vector < vectors; vector++) {
            for (int t = 0; t < tokens; t++) {
                code.zero(acc(vector, t));
            }
        }
        Label odd = a.label();
        Label end = a.label();
        a.load(RAX, KernelCode.arg(PAIRS));
        a.test(RAX, RAX);
        a.jump(EQUAL, odd);
        a.align(CHUNK);
        Label pair = a.here();
        for (int group = 0; group < groups; group++) {
            for (int at = 0; at < layout.pairBytes(); at += CHUNK) {
                a.prefetch(w(group * AssembledLayout.ROWS / code.isa.lanes(), PREFETCH_BYTES + at));
            }
        }
        column(0);
        column(1);
        a.op(GpOp.ADD, RSI, layout.pairBytes());
        a.op(GpOp.ADD, R9, 2 * Float.BYTES);
        if (tokens > 4) {
            a.op(GpOp.ADD, RDX, 2 * Float.BYTES);
        }
        if (tokens > 8) {
            a.op(GpOp.ADD, RCX, 2 * Float.BYTES);
        }
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, pair);
        a.bind(odd);
        a.load(RAX, KernelCode.arg(ODD));
        a.test(RAX, RAX);
        a.jump(EQUAL, end);
        column(0);
        a.bind(end);
        for (int vector = 0; vector < vectors; vector++) {
            Vec[] outputs = new Vec[tokens];
            for (int t = 0; t < tokens; t++) {
                outputs[t] = acc(vector, t);
            }
            ProductOutputs.emit(code, ROWS, vector * code.isa.lanes(), outputs);
        }
        a.imul(RAX, RBX, groups);
        a.op(GpOp.ADD, RBP, RAX);
        a.op(GpOp.ADD, R12, groups * AssembledLayout.ROWS * Float.BYTES);
        code.update(ROWS, GpOp.SUB, groups * AssembledLayout.ROWS);
        code.update(STEPS, GpOp.SUB, 1);
        a.jump(NOT_EQUAL, step);
    }

    /** The first or the second column of a pair. */
    private void column(int column) {
        for (int vector = 0; vector < vectors; vector++) {
            load(weights(vector), vector, column);
        }
        for (int t = 0; t < tokens; t++) {
            if (vectors == 1 && code.isa.avx512()) {
                a.op(VFMADD231PS, acc(0, t), weights(0), x(t, column).toAll());
            } else {
                code.broadcast(activation(), x(t, column));
                for (int vector = 0; vector < vectors; vector++) {
                    a.op(VFMADD231PS, acc(vector, t), weights(vector), activation());
                }
            }
        }
    }

    private void load(Vec to, int vector, int column) {
        switch (layout) {
            case F32 -> code.load(to, w(vector, column * AssembledLayout.ROWS * Float.BYTES));
            case F16 -> a.op(VCVTPH2PS, to, w(vector, column * AssembledLayout.ROWS * Short.BYTES));
            case BF16 -> {
                Mem from = w(vector, 0);
                if (code.isa.avx512()) {
                    if (column == 0) {
                        a.op(VPSLLD, to, from, Short.SIZE);
                    } else {
                        code.load(to, from);
                        a.op(VPAND, to, to, code.constant(UPPER_HALF));
                    }
                } else {
                    code.load(to, from);
                    if (column == 0) {
                        a.op(VPSLLD, to, to, Short.SIZE);
                    } else {
                        a.op(VPAND, to, to, code.constant(UPPER_HALF));
                    }
                }
            }
        }
    }
}
