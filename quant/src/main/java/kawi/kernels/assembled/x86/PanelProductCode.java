package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.EQUAL;
import static kawi.assembler.x86.Condition.GREATER_OR_EQUAL;
import static kawi.assembler.x86.Condition.LESS_OR_EQUAL;
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
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.CONTINUED;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.GROUPS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.LARGE_TILES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.MAX_TOKENS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.ROWS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.SCALES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.SMALL_TILES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.TOKENS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.UNITS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.WEIGHTS;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.WORK;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.WORK_BYTES;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.X;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.X_STRIDE;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.Y;
import static kawi.kernels.assembled.MatrixArguments.PanelProduct.Y_STRIDE;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.Activations;
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
 * <p>If the panel is in 16 bits, the activations are first widened as well, to working memory behind it.
 *
 * <p>The accumulators of a tile are in front of the panel. An output is one chain of fma in ascending columns, because
 * every panel continues the sums of the previous one.
 */
final class PanelProductCode {

    /** Bytes of a panel, such that it stays in a first-level cache of 32 KB. */
    private static final int PANEL_BYTES = 20 << 10;

    /** The size in bytes of the accumulators in front of the panel. */
    private static final int ACC_BYTES = 1 << 10;

    private static final int PANEL_AT = ACC_BYTES;
    private static final int WIDE_AT = PANEL_AT + PANEL_BYTES;

    private static final int LINE = 64;

    private final KernelCode code;
    private final Assembler a;
    private final QuantLayout layout;
    private final QuantPanel panel;
    private final int tokens;

    private PanelProductCode(KernelCode code, QuantLayout layout, int tokens) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.panel = new QuantPanel(code.isa, layout);
        this.tokens = tokens;
    }

    /** @param tokens of a large tile, at least 2; a small one has one less */
    static void emit(KernelCode code, QuantLayout layout, int tokens) {
        new PanelProductCode(code, layout, tokens).emit();
    }

    /**
     * The number of tokens from which on unpacking pays: where the weights are unpacked for 12 tokens at a time
     * otherwise, more than for 4.
     */
    static int minTokens(X86Isa isa) {
        return isa.avx512() ? 25 : 14;
    }

    /** The maximum number of tokens of a tile. */
    static int maxTokens(X86Isa isa) {
        return isa.vnni() ? VnniTileCode.maxTokens(isa) : Avx2TileCode.MAX_TOKENS;
    }

    private static int blocksPerUnit(QuantLayout layout) {
        return layout.unit() / QuantLayout.BLOCK;
    }

    /** The maximum number of units in a panel; 0 for a layout whose weights are not unpacked. */
    static int panelUnits(X86Isa isa, QuantLayout layout) {
        if (isa == X86Isa.AVX512) {
            return 0;
        }
        QuantPanel panel = new QuantPanel(isa, layout);
        if (layout.bits() == Byte.SIZE && isa != X86Isa.AVX2_VNNI && !panel.wide()) {
            return 0;
        }
        int blocks = PANEL_BYTES / panel.blockBytes();
        if (panel.wide()) {
            blocks = Math.min(blocks, (WORK_BYTES - WIDE_AT) / (MAX_TOKENS * WideActivations.BLOCK_BYTES));
        }
        return blocks / blocksPerUnit(layout);
    }

    // ---- R8 working memory; R10 R11 stride of activations and its triple; R13 stride of outputs; RAX as needed

    private void emit() {
        a.load(R8, KernelCode.arg(WORK));
        a.load(R10, KernelCode.arg(X_STRIDE));
        if (panel.wide()) {
            widenActivations();
        }
        a.lea(R11, Mem.at(R10, R10, 2, 0));
        a.load(R13, KernelCode.arg(Y_STRIDE));
        Label group = a.here();
        unpackPanel();
        if (panel.wide()) {
            a.lea(R9, Mem.at(R8, WIDE_AT));
        } else {
            a.load(R9, KernelCode.arg(X));
        }
        a.load(R12, KernelCode.arg(Y));
        tiles(tokens, LARGE_TILES);
        tiles(tokens - 1, SMALL_TILES);

        code.update(WEIGHTS, GpOp.ADD, KernelCode.arg(GROUP_BYTES));
        code.update(Y, GpOp.ADD, QuantLayout.ROWS * Float.BYTES);
        code.update(ROWS, GpOp.SUB, QuantLayout.ROWS);
        code.update(GROUPS, GpOp.SUB, 1);
        a.jump(NOT_EQUAL, group);
    }

    /** Widens the activations and sets their stride to that of the widened ones. */
    private void widenActivations() {
        a.load(R9, KernelCode.arg(X));
        a.lea(RSI, Mem.at(R8, WIDE_AT));
        a.load(RBX, KernelCode.arg(TOKENS));
        loadBlocks(RBP);
        WideActivations.emit(code, R9, RSI, R10, RBX, RBP, RDX, RAX);
        a.mov(R10, 0);
        Label block = a.here();
        a.op(GpOp.ADD, R10, WideActivations.BLOCK_BYTES);
        a.op(GpOp.SUB, RBP, 1);
        a.jump(NOT_EQUAL, block);
    }

    /** Loads the number of blocks in a panel. */
    private void loadBlocks(Gp to) {
        a.load(to, KernelCode.arg(UNITS));
        a.shl(to, Integer.numberOfTrailingZeros(blocksPerUnit(layout)));
    }

    // ---- unpacking: R14 quants, R15 scales, RDX factors, RSI unpacked, RAX units and RBX blocks left, RBP the
    // distance to the next group, whose panel is prefetched

    private void unpackPanel() {
        a.load(R14, KernelCode.arg(WEIGHTS));
        a.mov(R15, R14);
        a.op(GpOp.ADD, R15, KernelCode.arg(SCALES));
        a.lea(RSI, Mem.at(R8, PANEL_AT));
        a.load(RBP, KernelCode.arg(GROUP_BYTES));
        a.load(RAX, KernelCode.arg(UNITS));
        Label unit = a.here();
        if (layout.unit() == QuantLayout.SUPER_BLOCK) {
            a.mov(RDX, R15);
            a.op(GpOp.ADD, R15, layout.factorBytes());
            a.mov(RBX, blocksPerUnit(layout));
            Label block = a.here();
            unpackBlock();
            a.op(GpOp.SUB, RBX, 1);
            a.jump(NOT_EQUAL, block);
        } else {
            unpackBlock();
        }
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, unit);
    }

    private void unpackBlock() {
        for (int at = 0; at < layout.blockBytes(); at += LINE) {
            a.prefetchLevel2(Mem.at(R14, RBP, 1, at));
        }
        panel.unpack(code, new QuantWeights(code, layout, R14, R15, RDX), RSI);
        a.op(GpOp.ADD, R14, layout.blockBytes());
        a.op(GpOp.ADD, R15, QuantLayout.BLOCK / layout.run() * layout.runScaleBytes());
        a.op(GpOp.ADD, RSI, panel.blockBytes());
    }

    // ---- tiles: RSI blocks, RDX their activations, R14 and R15 those of tokens 4 and 8, RAX blocks left; R9 and R12
    // activations and outputs of the tile, RBX tiles left

    private static Mem activations(int t) {
        Gp base = t < 4 ? RDX : t < 8 ? R14 : R15;
        return switch (t % 4) {
            case 0 -> Mem.at(base);
            case 1 -> Mem.at(base, R10, 1, 0);
            case 2 -> Mem.at(base, R10, 2, 0);
            default -> Mem.at(base, R11, 1, 0);
        };
    }

    private TileCode tile(int tokens) {
        return code.isa.vnni()
                ? new VnniTileCode(code, layout, tokens, panel, RSI, R8, PanelProductCode::activations)
                : new Avx2TileCode(
                        code, layout, tokens, new Avx2TileCode.Unpacked(panel, RSI), R8, PanelProductCode::activations);
    }

    /**
     * All tiles of {@code tokens} tokens.
     *
     * @param count the argument with their number
     */
    private void tiles(int tokens, int count) {
        TileCode tile = tile(tokens);
        Label end = a.label();
        a.load(RBX, KernelCode.arg(count));
        a.test(RBX, RBX);
        a.jump(EQUAL, end);
        Label next = a.here();
        Label begin = a.label();
        Label add = a.label();
        a.load(RAX, KernelCode.arg(CONTINUED));
        a.test(RAX, RAX);
        a.jump(NOT_EQUAL, add);
        tile.clear();
        a.jump(begin);
        a.bind(add);
        loadSums(tile, tokens);
        a.bind(begin);
        prefetchSums(tokens);
        a.lea(RSI, Mem.at(R8, PANEL_AT));
        a.mov(RDX, R9);
        if (tokens > 4) {
            a.lea(R14, Mem.at(R9, R10, 4, 0));
        }
        if (tokens > 8) {
            a.lea(R15, Mem.at(R14, R10, 4, 0));
        }
        loadBlocks(RAX);
        a.align(LINE);
        Label block = a.here();
        tile.block();
        a.op(GpOp.ADD, RSI, panel.blockBytes());
        a.op(GpOp.ADD, RDX, panel.wide() ? WideActivations.BLOCK_BYTES : Activations.BLOCK_BYTES);
        if (tokens > 4) {
            a.op(GpOp.ADD, R14, Activations.BLOCK_BYTES);
        }
        if (tokens > 8) {
            a.op(GpOp.ADD, R15, Activations.BLOCK_BYTES);
        }
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, block);
        for (int row = 0; row < QuantLayout.ROWS; row += code.isa.lanes()) {
            ProductOutputs.emit(code, ROWS, row, tile.outputs(row / code.isa.lanes()));
        }
        advance(R9, R10, tokens);
        advance(R12, R13, tokens);
        a.op(GpOp.SUB, RBX, 1);
        a.jump(NOT_EQUAL, next);
        a.bind(end);
    }

    private void advance(Gp at, Gp stride, int times) {
        for (int i = 0; i < times; i++) {
            a.op(GpOp.ADD, at, stride);
        }
    }

    /** Prefetches the outputs of the next tile: those of many tokens do not fit the second-level cache. */
    private void prefetchSums(int tokens) {
        a.mov(RBP, R12);
        advance(RBP, R13, tokens);
        for (int t = 0; t < tokens; t++) {
            a.prefetch(Mem.at(RBP));
            a.op(GpOp.ADD, RBP, R13);
        }
    }

    /** Loads the accumulators from the outputs; rows that do not exist are not touched. */
    private void loadSums(TileCode tile, int tokens) {
        Vec sums = code.v(code.isa.avx512() ? 31 : 0);
        for (int half = 0; half * code.isa.lanes() < QuantLayout.ROWS; half++) {
            Label whole = a.label();
            Label end = a.label();
            int firstRow = half * code.isa.lanes();
            a.lea(RDX, Mem.at(R12, firstRow * Float.BYTES));
            a.load(RBP, KernelCode.arg(ROWS));
            a.op(GpOp.SUB, RBP, firstRow);
            a.op(GpOp.CMP, RBP, code.isa.lanes());
            a.jump(GREATER_OR_EQUAL, whole);
            a.op(GpOp.CMP, RBP, 0);
            a.jump(LESS_OR_EQUAL, end);
            code.maskTail(RBP, RAX);
            for (int t = 0; t < tokens; t++) {
                code.loadTail(sums, Mem.at(RDX));
                tile.set(t, half, sums);
                a.op(GpOp.ADD, RDX, R13);
            }
            a.jump(end);
            a.bind(whole);
            for (int t = 0; t < tokens; t++) {
                code.load(sums, Mem.at(RDX));
                tile.set(t, half, sums);
                a.op(GpOp.ADD, RDX, R13);
            }
            a.bind(end);
        }
    }
}
