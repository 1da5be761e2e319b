package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X10;
import static kawi.assembler.a64.Gp.X11;
import static kawi.assembler.a64.Gp.X12;
import static kawi.assembler.a64.Gp.X13;
import static kawi.assembler.a64.Gp.X14;
import static kawi.assembler.a64.Gp.X15;
import static kawi.assembler.a64.Gp.X17;
import static kawi.assembler.a64.Gp.X19;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X20;
import static kawi.assembler.a64.Gp.X21;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
import static kawi.assembler.a64.VectorOp.AND;
import static kawi.assembler.a64.VectorOp.FCVTL;
import static kawi.assembler.a64.VectorOp.FCVTL2;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.SHL;
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

import java.util.Arrays;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Prefetch;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.AssembledLayout;
import kawi.kernels.assembled.FloatLayout;

/**
 * Emits the product of float weights with up to {@value #MAX_TOKENS} rows of activations.
 *
 * <pre>
 *    for some groups of 16 rows at a time
 *      acc[g][t] = 0
 *      for each 4 columns, then 2, then 1
 *        x[t] = the activations of the columns, one vector
 *        for each column k: w[g] = 16 weights as f32;  acc[g][t] = fma(w[g], x[t].s[k], acc[g][t])
 *      y[t] = acc[g][t]
 * </pre>
 *
 * <p>An output is one chain of dependent fma, and there must be about 16 chains of vectors for all pipelines to be
 * busy: one group has four for each token, so few tokens are multiplied with several groups concurrently. Weights are
 * loaded in pairs of vectors, as many of them ahead of their use as there are registers:
 *
 * <pre>
 *    F32     8 rows of a column
 *    F16     16 rows of a column, made f32 by FCVTL
 *    BF16    8 rows of a pair of columns, made f32 by a shift and a mask
 * </pre>
 */
final class FloatProductCode {

    static final int MAX_TOKENS = 5;

    private static final int VECTORS = AssembledLayout.ROWS / A64Code.LANES;
    private static final int PAIR_BYTES = 2 * A64Code.VECTOR_BYTES;
    private static final int UPPER_HALF = 0xffff_0000;
    private static final int LINE = 64;

    /** The prefetch distance for weights. */
    private static final int PREFETCH_BYTES = 1024;

    /** The maximum number of pairs of vectors that are loaded and not yet used. */
    private static final int MAX_AHEAD = 3;

    // ---- general-purpose registers

    private static final Gp[] WEIGHTS_OF_GROUP = {X1, X2, X3, X4};
    private static final Gp[] TOKENS = {X5, X6, X7, X8, X9};
    private static final Gp COLUMNS_LEFT = X10;
    private static final Gp OUTPUTS = X11;
    private static final Gp OUTPUT_STRIDE = X12;
    private static final Gp ROWS_LEFT = X13;
    private static final Gp AT = X14;
    private static final Gp COUNT = X15;
    private static final Gp GROUP_DISTANCE = X17;
    private static final Gp STEPS_LEFT = X19;
    private static final Gp STEP = X20;
    private static final Gp TOKEN_DISTANCE = X21;

    private final A64Code code;
    private final Assembler a;
    private final FloatLayout layout;
    private final int tokens;
    private final int groups;

    // ---- vector registers

    /** By group, token and vector. */
    private final Vec[] accs;

    private final Vec[] x;

    /** What was loaded, one pair after the other. */
    private final Vec[] loaded;

    /** What is f32, apart from what was converted in place. */
    private final Vec[] converted;

    private final Vec[] mask;

    private FloatProductCode(A64Code code, FloatLayout layout, int tokens, int groups) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.tokens = tokens;
        this.groups = groups;
        Registers registers = new Registers();
        this.accs = registers.take(groups * tokens * VECTORS);
        this.x = registers.take(tokens);
        this.mask = registers.take(layout == FloatLayout.BF16 ? 1 : 0);
        this.converted = registers.take(layout == FloatLayout.F32 ? 0 : 2);
        int ahead = MAX_AHEAD;
        while (!registers.has(2 * ahead)) {
            ahead--;
        }
        this.loaded = registers.take(2 * ahead);
    }

    /**
     * The number of groups to process at once for a number of tokens; the remaining groups are processed one by one.
     */
    static int groupsAtOnce(int tokens) {
        return tokens == 1 ? 4 : tokens <= 3 ? 2 : 1;
    }

    static void emit(A64Code code, FloatLayout layout, int tokens, int groups) {
        new FloatProductCode(code, layout, tokens, groups).emit();
    }

    private void emit() {
        if (mask.length > 0) {
            code.set(mask[0], UPPER_HALF);
        }
        a.ldr(STEP, A64Code.arg(WEIGHTS));
        a.ldr(GROUP_DISTANCE, A64Code.arg(GROUP_BYTES));
        a.ldr(TOKEN_DISTANCE, A64Code.arg(X_STRIDE));
        a.ldr(OUTPUTS, A64Code.arg(Y));
        a.ldr(OUTPUT_STRIDE, A64Code.arg(Y_STRIDE));
        a.ldr(ROWS_LEFT, A64Code.arg(ROWS));
        a.ldr(STEPS_LEFT, A64Code.arg(STEPS));
        ProductOutputs outputs = new ProductOutputs(code, OUTPUTS, OUTPUT_STRIDE, ROWS_LEFT, AT, COUNT);
        Label step = a.here();
        for (int g = 0; g < groups; g++) {
            a.mov(WEIGHTS_OF_GROUP[g], STEP);
            a.op(GpOp.ADD, STEP, STEP, GROUP_DISTANCE);
        }
        a.ldr(TOKENS[0], A64Code.arg(X));
        for (int t = 1; t < tokens; t++) {
            a.op(GpOp.ADD, TOKENS[t], TOKENS[t - 1], TOKEN_DISTANCE);
        }
        for (Vec acc : accs) {
            code.zero(acc);
        }
        columns();
        for (int g = 0; g < groups; g++) {
            outputs.store(Arrays.copyOfRange(accs, acc(g, 0, 0), acc(g + 1, 0, 0)));
            a.op(GpOp.ADD, OUTPUTS, OUTPUTS, AssembledLayout.ROWS * Float.BYTES);
            a.op(GpOp.SUB, ROWS_LEFT, ROWS_LEFT, AssembledLayout.ROWS);
        }
        a.op(GpOp.SUB, STEPS_LEFT, STEPS_LEFT, 1);
        a.cbnz(STEPS_LEFT, step);
    }

    private void columns() {
        Label pair = a.label();
        Label odd = a.label();
        Label end = a.label();
        a.ldr(COUNT, A64Code.arg(PAIRS));
        a.lsr(COLUMNS_LEFT, COUNT, 1);
        a.cbz(COLUMNS_LEFT, pair);
        a.align(LINE);
        Label four = a.here();
        if (tokens < MAX_TOKENS) {
            // More tokens are mostly several tiles, of which the others find the weights in the cache.
            prefetch();
        }
        columns(4);
        a.op(GpOp.SUB, COLUMNS_LEFT, COLUMNS_LEFT, 1);
        a.cbnz(COLUMNS_LEFT, four);
        a.bind(pair);
        a.tbz(COUNT, 0, odd);
        columns(2);
        a.bind(odd);
        a.ldr(COUNT, A64Code.arg(ODD));
        a.cbz(COUNT, end);
        columns(1);
        a.bind(end);
    }

    private void prefetch() {
        for (int g = 0; g < groups; g++) {
            for (int at = 0; at < 2 * layout.pairBytes(); at += LINE) {
                a.prfm(Prefetch.PLDL1STRM, Mem.at(WEIGHTS_OF_GROUP[g], PREFETCH_BYTES + at));
            }
        }
    }

    /** 4, 2 or 1 columns. */
    private void columns(int count) {
        for (int t = 0; t < tokens; t++) {
            Vec to = count == 4 ? x[t].q() : count == 2 ? x[t].d() : x[t].s();
            a.ldr(to, Mem.post(TOKENS[t], count * Float.BYTES));
        }
        int pairs = pairs(count);
        int ahead = loaded.length / 2;
        for (int i = 0; i < Math.min(ahead, pairs); i++) {
            load(i);
        }
        for (int i = 0; i < pairs; i++) {
            multiply(i, count);
            if (i + ahead < pairs) {
                load(i + ahead);
            }
        }
    }

    /** The number of pairs of vectors with the weights of some columns. */
    private int pairs(int columns) {
        return groups
                * switch (layout) {
                    case F32 -> 2 * columns;
                    case F16 -> columns;
                    case BF16 -> (columns + 1) / 2 * 2;
                };
    }

    private int group(int pair) {
        return layout == FloatLayout.F16 ? pair % groups : pair / 2 % groups;
    }

    private Vec loaded(int pair, int vector) {
        return loaded[2 * pair % loaded.length + vector];
    }

    private void load(int pair) {
        a.ldp(loaded(pair, 0).q(), loaded(pair, 1).q(), Mem.post(WEIGHTS_OF_GROUP[group(pair)], PAIR_BYTES));
    }

    /** @param columns the number of columns that are multiplied, which matters if half a pair of them is loaded */
    private void multiply(int pair, int columns) {
        Vec first = loaded(pair, 0);
        Vec second = loaded(pair, 1);
        int group = group(pair);
        int half = pair % 2 * 2;
        switch (layout) {
            case F32 -> multiply(group, half, pair / (2 * groups), first, second);
            case F16 -> {
                a.op(FCVTL, converted[0], first.h4());
                a.op(FCVTL2, first, first.h8());
                a.op(FCVTL, converted[1], second.h4());
                a.op(FCVTL2, second, second.h8());
                multiply(group, 0, pair / groups, converted[0], first, converted[1], second);
            }
            case BF16 -> {
                int column = pair / (2 * groups) * 2;
                a.op(SHL, converted[0], first, Short.SIZE);
                a.op(SHL, converted[1], second, Short.SIZE);
                if (column + 1 < columns) {
                    a.op(AND, first.b16(), first.b16(), mask[0].b16());
                    a.op(AND, second.b16(), second.b16(), mask[0].b16());
                }
                multiply(group, half, column, converted);
                if (column + 1 < columns) {
                    multiply(group, half, column + 1, first, second);
                }
            }
        }
    }

    private void multiply(int group, int vector, int column, Vec... weights) {
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < weights.length; i++) {
                a.op(FMLA, accs[acc(group, t, vector + i)], weights[i], x[t].s(column));
            }
        }
    }

    private int acc(int group, int t, int vector) {
        return (group * tokens + t) * VECTORS + vector;
    }
}
