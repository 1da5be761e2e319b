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
import static kawi.assembler.a64.Gp.X22;
import static kawi.assembler.a64.Gp.X23;
import static kawi.assembler.a64.Gp.X24;
import static kawi.assembler.a64.Gp.X25;
import static kawi.assembler.a64.Gp.X26;
import static kawi.assembler.a64.Gp.X27;
import static kawi.assembler.a64.Gp.X28;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.CONTINUED;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.GROUPS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.LARGE_TILES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.ROWS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.SMALL_TILES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.UNITS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.WEIGHTS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.WORK;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.X;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.X_STRIDE;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.Y;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.Y_STRIDE;

import java.util.Arrays;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Prefetch;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.MatrixArguments;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the product of some columns of quantized weights with many rows of int8 activations. The weights are unpacked
 * once for all tokens, as a panel that stays in the first-level cache:
 *
 * <pre>
 *    for each group of 16 rows
 *      unpack its panel to working memory
 *      for each tile of tokens
 *        acc[t] = 0, or y[t] if there were columns before
 *        for each block of 32 columns: the block times the tile
 *        y[t] = acc[t]
 * </pre>
 *
 * <p>The accumulators of a tile are in front of the panel. An output is one chain of fma in ascending columns, because
 * every panel continues the sums of the previous one.
 */
final class PanelProductCode {

    /** Bytes of a panel, such that it stays in a first-level cache of 32 KB. */
    private static final int PANEL_BYTES = 20 << 10;

    /** The size in bytes of the accumulators in front of the panel. */
    private static final int ACC_BYTES = 1 << 10;

    private static final int LINE = 64;

    // ---- general-purpose registers

    private static final Gp QUANTS = X1;
    private static final Gp SCALES = X2;
    private static final Gp FACTORS = X3;
    private static final Gp[] TOKENS = {X4, X5, X6, X7, X8, X9};
    private static final Gp BLOCK = X10;
    private static final Gp BLOCKS_LEFT = X11;
    private static final Gp UNITS_LEFT = X12;
    private static final Gp TILES_LEFT = X13;
    private static final Gp FIRST_TOKEN = X14;
    private static final Gp OUTPUTS = X15;
    private static final Gp SPARE = X17;
    private static final Gp GROUP = X19;
    private static final Gp GROUPS_LEFT = X20;
    private static final Gp STRIDE = X21;
    private static final Gp OUTPUT_STRIDE = X22;
    private static final Gp ROWS_LEFT = X23;
    private static final Gp MEMORY = X24;
    private static final Gp FIRST_OUTPUTS = X25;
    private static final Gp NEXT_GROUP = X26;
    private static final Gp BACK = X27;
    private static final Gp NEXT = X28;

    private final A64Code code;
    private final Assembler a;
    private final QuantLayout layout;
    private final QuantPanel panel;
    private final int tokens;

    private PanelProductCode(A64Code code, QuantLayout layout, int tokens) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.panel = new QuantPanel(layout, code.isa.i8mm());
        this.tokens = tokens;
    }

    /** @param tokens of a large tile, at least 2; a small one has one less */
    static void emit(A64Code code, QuantLayout layout, int tokens) {
        new PanelProductCode(code, layout, tokens).emit();
    }

    /** The number of tokens from which on unpacking to memory pays. */
    static int minTokens(A64Isa isa) {
        return isa.i8mm() ? 8 : 16;
    }

    /** The maximum number of tokens of a tile. */
    static int maxTokens(A64Isa isa) {
        return isa.i8mm() ? MatrixTileCode.MAX_TOKENS : isa.dotprod() ? 4 : 3;
    }

    private static int blocksPerUnit(QuantLayout layout) {
        return layout.unit() / QuantLayout.BLOCK;
    }

    /** The maximum number of units in a panel. */
    static int panelUnits(A64Isa isa, QuantLayout layout) {
        return PANEL_BYTES / new QuantPanel(layout, isa.i8mm()).blockBytes() / blocksPerUnit(layout);
    }

    private void emit() {
        a.ldr(GROUP, A64Code.arg(WEIGHTS));
        a.ldr(GROUPS_LEFT, A64Code.arg(GROUPS));
        a.ldr(STRIDE, A64Code.arg(X_STRIDE));
        a.ldr(FIRST_OUTPUTS, A64Code.arg(Y));
        a.ldr(OUTPUT_STRIDE, A64Code.arg(Y_STRIDE));
        a.ldr(ROWS_LEFT, A64Code.arg(ROWS));
        a.ldr(MEMORY, A64Code.arg(WORK));
        Label group = a.here();
        unpackPanel();
        a.ldr(FIRST_TOKEN, A64Code.arg(X));
        a.mov(OUTPUTS, FIRST_OUTPUTS);
        tiles(tokens, LARGE_TILES);
        tiles(tokens - 1, SMALL_TILES);

        a.ldr(SPARE, A64Code.arg(GROUP_BYTES));
        a.op(GpOp.ADD, GROUP, GROUP, SPARE);
        a.op(GpOp.ADD, FIRST_OUTPUTS, FIRST_OUTPUTS, QuantLayout.ROWS * Float.BYTES);
        a.op(GpOp.SUB, ROWS_LEFT, ROWS_LEFT, QuantLayout.ROWS);
        a.op(GpOp.SUBS, GROUPS_LEFT, GROUPS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, group);
    }

    // ---- unpacking; the next group's panel is prefetched

    private void unpackPanel() {
        Registers registers = new Registers();
        QuantWeights weights = new QuantWeights(a, layout, QUANTS, SCALES, FACTORS, registers, true);
        Vec offsets = registers.take();
        Vec[] spare = registers.take(2);
        weights.loadConstants();
        a.movi(offsets.b16(), new Multiplicands(layout).offset());
        a.ldr(SCALES, A64Code.arg(MatrixArguments.PanelProduct.SCALES));
        a.ldr(NEXT_GROUP, A64Code.arg(GROUP_BYTES));
        a.mov(QUANTS, GROUP);
        a.op(GpOp.ADD, SCALES, GROUP, SCALES);
        a.op(GpOp.ADD, NEXT_GROUP, GROUP, NEXT_GROUP);
        a.op(GpOp.ADD, BLOCK, MEMORY, ACC_BYTES);
        a.ldr(UNITS_LEFT, A64Code.arg(UNITS));
        Label unit = a.here();
        if (layout.unit() == QuantLayout.SUPER_BLOCK) {
            a.mov(FACTORS, SCALES);
            a.op(GpOp.ADD, SCALES, SCALES, layout.factorBytes());
        }
        a.mov(BLOCKS_LEFT, blocksPerUnit(layout));
        Label block = a.here();
        for (int at = 0; at < layout.blockBytes(); at += LINE) {
            a.prfm(Prefetch.PLDL2KEEP, Mem.at(NEXT_GROUP, at));
        }
        panel.unpack(a, weights, offsets, spare, BLOCK);
        a.op(GpOp.ADD, QUANTS, QUANTS, layout.blockBytes());
        a.op(GpOp.ADD, NEXT_GROUP, NEXT_GROUP, layout.blockBytes());
        a.op(GpOp.ADD, SCALES, SCALES, (long) QuantLayout.BLOCK / layout.run() * layout.runScaleBytes());
        a.op(GpOp.ADD, BLOCK, BLOCK, panel.blockBytes());
        a.op(GpOp.SUBS, BLOCKS_LEFT, BLOCKS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, block);
        a.op(GpOp.SUBS, UNITS_LEFT, UNITS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, unit);
    }

    // ---- tiles

    private TileCode tile(TokenBlocks x) {
        if (code.isa.i8mm()) {
            return new MatrixTileCode(code, layout, panel, BLOCK, x, MEMORY, 0);
        }
        Registers registers = new Registers();
        Multiplicands multiplicands = new Multiplicands(layout).withoutOffset();
        PanelWeights weights = new PanelWeights(a, panel, BLOCK, registers);
        int needed = code.isa.dotprod()
                ? DotSums.registers(x.tokens()) + DotSums.MORE_REGISTERS
                : WideningSums.registers(multiplicands, x.tokens());
        int accs = RowTileCode.accumulators(x.tokens());
        Vec[] accumulators = registers.take(registers.has(needed + accs) ? accs : 0);
        RunSums sums = code.isa.dotprod()
                ? new DotSums(a, multiplicands, x, registers, true)
                : new WideningSums(a, multiplicands, x, BACK, NEXT, registers);
        return new RowTileCode(code, layout, weights, sums, x, accumulators, MEMORY, 0);
    }

    /**
     * All tiles of {@code tokens} tokens.
     *
     * @param count the argument with their number
     */
    private void tiles(int tokens, int count) {
        TokenBlocks x = new TokenBlocks(Arrays.copyOf(TOKENS, tokens));
        TileCode tile = tile(x);
        ProductOutputs outputs = new ProductOutputs(code, OUTPUTS, OUTPUT_STRIDE, ROWS_LEFT, SPARE, BLOCKS_LEFT);
        Label end = a.label();
        a.ldr(TILES_LEFT, A64Code.arg(count));
        a.cbz(TILES_LEFT, end);
        tile.loadConstants();
        Label next = a.here();
        Label begin = a.label();
        Label add = a.label();
        a.ldr(SPARE, A64Code.arg(CONTINUED));
        a.cbnz(SPARE, add);
        tile.clear();
        a.b(begin);
        a.bind(add);
        tile.load(outputs);
        a.bind(begin);
        a.op(GpOp.ADD, BLOCK, MEMORY, ACC_BYTES);
        a.op(GpOp.ADD, x.pointer(0), FIRST_TOKEN, tile.startOfTokens());
        for (int t = 1; t < tokens; t++) {
            a.op(GpOp.ADD, x.pointer(t), x.pointer(t - 1), STRIDE);
        }
        x.startAt(tile.startOfTokens());
        a.ldr(BLOCKS_LEFT, A64Code.arg(UNITS));
        a.lsl(BLOCKS_LEFT, BLOCKS_LEFT, Integer.numberOfTrailingZeros(blocksPerUnit(layout)));
        a.align(LINE);
        Label block = a.here();
        tile.block();
        a.op(GpOp.ADD, BLOCK, BLOCK, panel.blockBytes());
        a.op(GpOp.SUBS, BLOCKS_LEFT, BLOCKS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, block);
        tile.store(outputs);
        a.mov(SPARE, tokens);
        a.madd(FIRST_TOKEN, SPARE, STRIDE, FIRST_TOKEN);
        a.madd(OUTPUTS, SPARE, OUTPUT_STRIDE, OUTPUTS);
        a.op(GpOp.SUBS, TILES_LEFT, TILES_LEFT, 1);
        a.b(Condition.NOT_EQUAL, next);
        a.bind(end);
    }
}
