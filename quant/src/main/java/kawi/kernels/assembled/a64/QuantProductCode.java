package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Gp.X0;
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
import static kawi.assembler.a64.Gp.X22;
import static kawi.assembler.a64.Gp.X23;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
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

import java.util.Arrays;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Prefetch;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the product of quantized weights with up to {@link #maxTokens} rows of int8 activations.
 *
 * <pre>
 *    for each group of 16 rows
 *      acc[t] = 0
 *      for each block of 32 columns
 *        the block times all tokens                         see RowTileCode
 *      y[t] = acc[t]
 * </pre>
 *
 * <p>What is needed for a single token fits the registers: the unpacked weights, sums and accumulators, and mostly the
 * packed bytes too, of which the first and the second 16 columns take a half each. With several tokens, packed bytes
 * are loaded again, and accumulators are in memory behind the arguments.
 */
final class QuantProductCode {

    private static final int LINE = 64;

    /** Bytes per prefetch: CPUs with lines of 64 bytes fetch the neighbor of a line, or what follows it, as well. */
    private static final int PREFETCHED_LINES = 2 * LINE;

    /** The accumulators, behind the arguments. */
    private static final int ACCS = 256;

    // ---- general-purpose registers

    private static final Gp QUANTS = X1;
    private static final Gp SCALES = X2;
    private static final Gp FACTORS = X3;
    private static final Gp[] TOKENS = {X4, X5, X6, X7};
    private static final Gp UNITS_LEFT = X8;
    private static final Gp BLOCKS_LEFT = X9;
    private static final Gp PREFETCHED = X10;
    private static final Gp GROUP = X11;
    private static final Gp OUTPUTS = X12;
    private static final Gp OUTPUT_STRIDE = X13;
    private static final Gp ROWS_LEFT = X14;
    private static final Gp GROUPS_LEFT = X15;
    private static final Gp SPARE = X17;
    private static final Gp BACK = X19;
    private static final Gp NEXT = X20;
    private static final Gp STRIDE = X21;
    private static final Gp FIRST_TOKEN = X22;
    private static final Gp PREFETCH_DISTANCE = X23;

    private final A64Code code;
    private final Assembler a;
    private final QuantLayout layout;
    private final TokenBlocks x;
    private final TileCode tile;

    private QuantProductCode(A64Code code, QuantLayout layout, int tokens) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.x = new TokenBlocks(Arrays.copyOf(TOKENS, tokens));
        Registers registers = new Registers();
        int needed = sumRegisters(code.isa, layout, tokens);
        int accs = RowTileCode.accumulators(tokens);
        boolean accsFit = registers.has(QuantWeights.registers(layout) + needed + accs);
        boolean keep = registers.has(QuantWeights.keptRegisters(layout) + needed + (accsFit ? accs : 0));
        QuantWeights weights = new QuantWeights(a, layout, QUANTS, SCALES, FACTORS, registers, keep);
        Multiplicands multiplicands = new Multiplicands(layout);
        if (bytesOfOneToken(code.isa, layout, tokens)) {
            this.tile = new ByteTileCode(code, layout, weights, QUANTS, x, registers);
            return;
        }
        Vec[] accumulators = registers.take(accsFit ? accs : 0);
        RunSums sums = code.isa.dotprod()
                ? new DotSums(a, multiplicands, x, registers, registers.has(needed + DotSums.MORE_REGISTERS))
                : new WideningSums(a, multiplicands, x, BACK, NEXT, registers);
        this.tile = new RowTileCode(code, layout, weights, sums, x, accumulators, X0, ACCS);
    }

    /** Whether {@link ByteTileCode} computes the product, which advances the pointer to quants. */
    private static boolean bytesOfOneToken(A64Isa isa, QuantLayout layout, int tokens) {
        return isa.dotprod() && layout.bits() == Byte.SIZE && tokens == 1;
    }

    private static int sumRegisters(A64Isa isa, QuantLayout layout, int tokens) {
        return isa.dotprod() ? DotSums.registers(tokens) : WideningSums.registers(new Multiplicands(layout), tokens);
    }

    /** The maximum number of tokens whose sums fit the registers. */
    static int maxTokens(A64Isa isa, QuantLayout layout) {
        int tokens = TOKENS.length;
        while (!new Registers().has(QuantWeights.registers(layout) + sumRegisters(isa, layout, tokens))) {
            tokens--;
        }
        return tokens;
    }

    static void emit(A64Code code, QuantLayout layout, int tokens) {
        new QuantProductCode(code, layout, tokens).emit();
    }

    private void emit() {
        a.ldr(GROUP, A64Code.arg(WEIGHTS));
        a.ldr(GROUPS_LEFT, A64Code.arg(GROUPS));
        a.ldr(FIRST_TOKEN, A64Code.arg(X));
        a.ldr(STRIDE, A64Code.arg(X_STRIDE));
        a.ldr(OUTPUTS, A64Code.arg(Y));
        a.ldr(OUTPUT_STRIDE, A64Code.arg(Y_STRIDE));
        a.ldr(ROWS_LEFT, A64Code.arg(ROWS));
        a.ldr(PREFETCH_DISTANCE, A64Code.arg(AHEAD));
        tile.loadConstants();
        Label group = a.here();
        group();
        a.ldr(SPARE, A64Code.arg(GROUP_BYTES));
        a.op(GpOp.ADD, GROUP, GROUP, SPARE);
        a.op(GpOp.ADD, OUTPUTS, OUTPUTS, QuantLayout.ROWS * Float.BYTES);
        a.op(GpOp.SUB, ROWS_LEFT, ROWS_LEFT, QuantLayout.ROWS);
        a.op(GpOp.SUBS, GROUPS_LEFT, GROUPS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, group);
    }

    private void group() {
        a.ldr(SCALES, A64Code.arg(QUANT_BYTES));
        a.mov(QUANTS, GROUP);
        a.op(GpOp.ADD, SCALES, GROUP, SCALES);
        a.op(GpOp.ADD, PREFETCHED, GROUP, PREFETCH_DISTANCE);
        int start = tile.startOfTokens();
        for (int t = 0; t < x.tokens(); t++) {
            if (t > 0) {
                a.op(GpOp.ADD, x.pointer(t), x.pointer(t - 1), STRIDE);
            } else {
                a.op(GpOp.ADD, x.pointer(t), FIRST_TOKEN, start);
            }
        }
        x.startAt(start);
        tile.clear();
        a.ldr(UNITS_LEFT, A64Code.arg(UNITS));
        a.align(LINE);
        Label unit = a.here();
        if (layout.unit() == QuantLayout.SUPER_BLOCK) {
            a.mov(FACTORS, SCALES);
            a.op(GpOp.ADD, SCALES, SCALES, layout.factorBytes());
            a.mov(BLOCKS_LEFT, QuantLayout.SUPER_BLOCK / QuantLayout.BLOCK);
            a.align(LINE / 2);
            Label block = a.here();
            block();
            a.op(GpOp.SUBS, BLOCKS_LEFT, BLOCKS_LEFT, 1);
            a.b(Condition.NOT_EQUAL, block);
        } else {
            block();
        }
        a.op(GpOp.SUBS, UNITS_LEFT, UNITS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, unit);
        tile.store(new ProductOutputs(code, OUTPUTS, OUTPUT_STRIDE, ROWS_LEFT, SPARE, UNITS_LEFT));
    }

    private void block() {
        for (int at = 0; at < layout.blockBytes(); at += PREFETCHED_LINES) {
            a.prfm(Prefetch.PLDL2KEEP, Mem.at(PREFETCHED, at));
        }
        tile.block();
        a.op(GpOp.ADD, SCALES, SCALES, (long) QuantLayout.BLOCK / layout.run() * layout.runScaleBytes());
        if (!bytesOfOneToken(code.isa, layout, x.tokens())) {
            a.op(GpOp.ADD, QUANTS, QUANTS, layout.blockBytes());
        }
        a.op(GpOp.ADD, PREFETCHED, PREFETCHED, layout.blockBytes());
    }
}
