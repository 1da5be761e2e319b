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
import static kawi.assembler.x86.Gp.RSI;
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
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.kernels.Activations;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the product of quantized weights with up to {@link Avx2TileCode#MAX_TOKENS} rows of int8 activations for AVX2
 * without VNNI. Memory bandwidth is the limit, so the weights are used straight from the execution layout:
 *
 * <pre>
 *    for each group of 16 rows
 *      acc[t] = 0
 *      for each block of 32 columns: prefetch; the block times all tokens
 *      y[t] = acc[t]
 * </pre>
 */
final class Avx2ProductCode {

    /** The prefetch distance for weights from the second-level cache; {@code AHEAD} is the distance to it. */
    private static final int PREFETCH_BYTES = 2048;

    private static final int LINE = 64;

    /** The accumulators, behind the arguments. */
    private static final int ACCS = 256;

    private final KernelCode code;
    private final Assembler a;
    private final QuantLayout layout;
    private final Avx2TileCode tile;

    private Avx2ProductCode(KernelCode code, QuantLayout layout, int tokens) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        QuantWeights weights = new QuantWeights(code, layout, RSI, R8, R14);
        this.tile = new Avx2TileCode(
                code, layout, tokens, new Avx2TileCode.Packed(weights), RCX, Avx2ProductCode::activations);
    }

    static void emit(KernelCode code, QuantLayout layout, int tokens) {
        new Avx2ProductCode(code, layout, tokens).emit();
    }

    // ---- RSI quants, R8 scales, R14 factors, R9 activations of token 0, R10 R11 their stride and its triple; R12 R13
    // outputs; RAX units and RBX blocks left; RBP the distance of prefetching, R15 that of groups; RCX accumulators

    private static Mem activations(int t) {
        return switch (t) {
            case 0 -> Mem.at(R9);
            case 1 -> Mem.at(R9, R10, 1, 0);
            case 2 -> Mem.at(R9, R10, 2, 0);
            default -> Mem.at(R9, R11, 1, 0);
        };
    }

    private void emit() {
        a.load(RBP, KernelCode.arg(AHEAD));
        a.load(R10, KernelCode.arg(X_STRIDE));
        a.lea(R11, Mem.at(R10, R10, 2, 0));
        a.load(R12, KernelCode.arg(Y));
        a.load(R13, KernelCode.arg(Y_STRIDE));
        Label group = a.here();
        group();
        code.update(WEIGHTS, GpOp.ADD, KernelCode.arg(GROUP_BYTES));
        a.op(GpOp.ADD, R12, QuantLayout.ROWS * Float.BYTES);
        code.update(ROWS, GpOp.SUB, QuantLayout.ROWS);
        code.update(GROUPS, GpOp.SUB, 1);
        a.jump(NOT_EQUAL, group);
    }

    private void group() {
        a.load(RSI, KernelCode.arg(WEIGHTS));
        a.mov(R8, RSI);
        a.op(GpOp.ADD, R8, KernelCode.arg(QUANT_BYTES));
        a.load(R9, KernelCode.arg(X));
        a.load(R15, KernelCode.arg(GROUP_BYTES));
        a.lea(RCX, KernelCode.arg(ACCS));
        tile.clear();
        a.load(RAX, KernelCode.arg(UNITS));
        a.align(LINE);
        Label unit = a.here();
        if (layout.unit() == QuantLayout.SUPER_BLOCK) {
            a.mov(R14, R8);
            a.op(GpOp.ADD, R8, layout.factorBytes());
            a.mov(RBX, QuantLayout.SUPER_BLOCK / QuantLayout.BLOCK);
            a.align(LINE / 2);
            Label block = a.here();
            block();
            a.op(GpOp.SUB, RBX, 1);
            a.jump(NOT_EQUAL, block);
        } else {
            block();
        }
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, unit);
        for (int half = 0; half < 2; half++) {
            a.lea(RCX, KernelCode.arg(ACCS));
            ProductOutputs.emit(code, ROWS, half * code.isa.lanes(), tile.outputs(half));
        }
    }

    private void block() {
        for (int at = 0; at < layout.blockBytes(); at += LINE) {
            a.prefetch(Mem.at(RSI, PREFETCH_BYTES + at));
            a.prefetchLevel2(Mem.at(RSI, RBP, 1, at));
        }
        // The scales of the next group.
        a.prefetch(Mem.at(R8, R15, 1, 0));
        tile.block();
        a.op(GpOp.ADD, R8, QuantLayout.BLOCK / layout.run() * layout.runScaleBytes());
        a.op(GpOp.ADD, RSI, layout.blockBytes());
        a.op(GpOp.ADD, R9, Activations.BLOCK_BYTES);
    }
}
