package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMLS;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.SCVTF;
import static kawi.assembler.a64.VectorOp.SMMLA;
import static kawi.assembler.a64.VectorOp.ZIP1;
import static kawi.assembler.a64.VectorOp.ZIP2;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.assembler.a64.VectorOp;
import kawi.kernels.Activations;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.QuantLayout.Scales;

/**
 * Emits the product of an unpacked block with up to {@link #MAX_TOKENS} tokens by the instruction that multiplies two
 * tokens' 8 columns with two rows' 8 columns. A register has 2 rows of one token, then of the next one:
 *
 * <pre>
 *    for each run
 *      s = 0                                                  8 registers per pair of tokens
 *      for each 8 columns: x = those of pairs of tokens
 *        for each 2 rows: s += x . weights                    smmla, for all pairs
 *      acc = fma((float) s, scale * xs, acc)                  scales of 2 rows, twice; xs of 2 tokens, each twice
 *      acc = fma(minimum, xs * sum(xq), acc)
 * </pre>
 *
 * <p>The sums take all registers but 8, so the accumulators are in memory. If the number of tokens is odd, the last
 * token is multiplied twice.
 */
final class MatrixTileCode implements TileCode {

    static final int MAX_TOKENS = 6;

    private static final int OTHERS = 8;
    private static final int ROW_PAIRS = QuantLayout.ROWS / 2;
    private static final int PAIR_BYTES = ROW_PAIRS * A64Code.VECTOR_BYTES;
    private static final int VECTORS = QuantLayout.ROWS / A64Code.LANES;

    private final A64Code code;
    private final Assembler a;
    private final QuantLayout layout;
    private final QuantPanel panel;
    private final Gp block;
    private final TokenBlocks x;
    private final Gp memory;
    private final int memoryAt;
    private final Vec[] sums;

    /** The other registers. */
    private final List<Vec> others;

    /** @param block the address of the unpacked block */
    MatrixTileCode(
            A64Code code, QuantLayout layout, QuantPanel panel, Gp block, TokenBlocks x, Gp memory, int memoryAt) {
        this.code = code;
        this.a = code.a;
        this.layout = layout;
        this.panel = panel;
        this.block = block;
        this.x = x;
        this.memory = memory;
        this.memoryAt = memoryAt;
        Registers registers = new Registers();
        this.sums = registers.take(ROW_PAIRS * pairs());
        this.others = List.of(registers.take(OTHERS));
    }

    private int pairs() {
        return (x.tokens() + 1) / 2;
    }

    private int second(int pair) {
        return Math.min(2 * pair + 1, x.tokens() - 1);
    }

    private Vec sum(int pair, int rowPair) {
        return sums[ROW_PAIRS * pair + rowPair];
    }

    /** The accumulators of a pair of tokens from a pair of rows on. */
    private Mem acc(int pair, int rowPair) {
        return Mem.at(memory, memoryAt + pair * PAIR_BYTES + rowPair * A64Code.VECTOR_BYTES);
    }

    @Override
    public void loadConstants() {}

    @Override
    public int startOfTokens() {
        return -Activations.BLOCK_BYTES;
    }

    @Override
    public void clear() {
        code.zero(others.get(0));
        for (int pair = 0; pair < pairs(); pair++) {
            for (int rowPair = 0; rowPair < ROW_PAIRS; rowPair += 2) {
                a.stp(others.get(0).q(), others.get(0).q(), acc(pair, rowPair));
            }
        }
    }

    // ---- outputs, whose lanes are 4 rows of one token

    @Override
    public void load(ProductOutputs outputs) {
        Vec[] loaded = Arrays.copyOf(sums, VECTORS * x.tokens());
        outputs.load(loaded);
        for (int pair = 0; pair < pairs(); pair++) {
            for (int v = 0; v < VECTORS; v++) {
                exchange(loaded[2 * VECTORS * pair + v], loaded[VECTORS * second(pair) + v]);
                a.stp(others.get(0).q(), others.get(1).q(), acc(pair, 2 * v));
            }
        }
    }

    @Override
    public void store(ProductOutputs outputs) {
        Vec[] stored = Arrays.copyOf(sums, VECTORS * x.tokens());
        for (int pair = 0; pair < pairs(); pair++) {
            for (int v = 0; v < VECTORS; v++) {
                Vec first = stored[2 * VECTORS * pair + v];
                Vec second = stored[VECTORS * second(pair) + v];
                a.ldp(others.get(2).q(), others.get(3).q(), acc(pair, 2 * v));
                exchange(others.get(2), others.get(3));
                a.mov(second, others.get(1));
                a.mov(first, others.get(0));
            }
        }
        outputs.store(stored);
    }

    /** The lower halves of both into one register, the upper halves into another one. */
    private void exchange(Vec first, Vec second) {
        a.op(ZIP1, others.get(0).d2(), first.d2(), second.d2());
        a.op(ZIP2, others.get(1).d2(), first.d2(), second.d2());
    }

    // ---- the block

    @Override
    public void block() {
        int runs = QuantLayout.BLOCK / layout.run();
        int passes = Multiplicands.PASSES / runs;
        for (int run = 0; run < runs; run++) {
            for (Vec sum : sums) {
                code.zero(sum);
            }
            for (int pass = run * passes; pass < (run + 1) * passes; pass++) {
                multiply(pass);
            }
            accumulate(run);
        }
        x.nextBlock();
    }

    /** Adds the products of 16 columns. */
    private void multiply(int pass) {
        Deque<Vec> free = new ArrayDeque<>(others);
        Vec[] columns = new Vec[2 * pairs()];
        for (int pair = 0; pair < pairs(); pair++) {
            Vec first = free.remove();
            Vec second = free.remove();
            Vec lower = free.remove();
            a.ldr(first.q(), quants(2 * pair, pass, true));
            a.ldr(second.q(), quants(second(pair), pass, second(pair) > 2 * pair));
            a.op(ZIP1, lower.d2(), first.d2(), second.d2());
            a.op(ZIP2, second.d2(), first.d2(), second.d2());
            columns[2 * pair] = lower;
            columns[2 * pair + 1] = second;
            free.add(first);
        }
        Vec even = free.remove();
        Vec odd = free.remove();
        for (int part = 0; part < 2; part++) {
            for (int rowPair = 0; rowPair < ROW_PAIRS; rowPair += 2) {
                Mem from = panel.quants(block, rowPair / 4, pass);
                a.ldp(even.q(), odd.q(), from.plus((4 * part + rowPair % 4) * A64Code.VECTOR_BYTES));
                for (int pair = 0; pair < pairs(); pair++) {
                    Vec x = columns[2 * pair + part];
                    a.op(SMMLA, sum(pair, rowPair).s4(), x.b16(), even.b16());
                    a.op(SMMLA, sum(pair, rowPair + 1).s4(), x.b16(), odd.b16());
                }
            }
        }
    }

    /** 16 columns of a token; its first access in a block moves the pointer there. */
    private Mem quants(int token, int pass, boolean first) {
        int at = pass * Multiplicands.PASS;
        return pass == 0 && first ? x.movedTo(token, at) : x.at(token, at);
    }

    /** The float part: accumulators take the registers of sums that have been added. */
    private void accumulate(int run) {
        Deque<Vec> free = new ArrayDeque<>(others);
        Vec[] xScales = new Vec[pairs()];
        for (int pair = 0; pair < pairs(); pair++) {
            xScales[pair] = twice(pair, Activations.SCALE, 0, free);
        }
        Vec[] accs = new Vec[sums.length];
        Vec[] scales = {free.remove(), free.remove()};
        Vec product = free.remove();
        for (int rowPair = 0; rowPair < ROW_PAIRS; rowPair += 2) {
            a.ldp(scales[0].q(), scales[1].q(), ofRows(panel.scales(block, rowPair / 4, run), rowPair));
            for (int pair = 0; pair < pairs(); pair++) {
                int at = ROW_PAIRS * pair + rowPair;
                accs[at] = free.remove();
                accs[at + 1] = free.remove();
                a.ldp(accs[at].q(), accs[at + 1].q(), acc(pair, rowPair));
                for (int i = 0; i < 2; i++) {
                    a.op(SCVTF, sums[at + i].s4(), sums[at + i].s4());
                    a.op(FMUL, product.s4(), scales[i].s4(), xScales[pair].s4());
                    a.op(FMLA, accs[at + i].s4(), sums[at + i].s4(), product.s4());
                }
                if (layout.minimum()) {
                    free.add(sums[at]);
                    free.add(sums[at + 1]);
                } else {
                    a.stp(accs[at].q(), accs[at + 1].q(), acc(pair, rowPair));
                    free.add(accs[at]);
                    free.add(accs[at + 1]);
                }
            }
        }
        if (layout.minimum()) {
            free.addAll(List.of(xScales));
            free.addAll(List.of(scales));
            free.add(product);
            addMinimums(run, accs, free);
        }
    }

    private void addMinimums(int run, Vec[] accs, Deque<Vec> free) {
        VectorOp add = layout.scales() == Scales.FACTORED ? FMLS : FMLA;
        Vec[] xSums = new Vec[pairs()];
        for (int pair = 0; pair < pairs(); pair++) {
            int element = layout.run() < QuantLayout.BLOCK ? 1 + run : 0;
            xSums[pair] = twice(pair, Activations.SCALED_SUM, element, free);
        }
        Vec[] minimums = {free.remove(), free.remove()};
        for (int rowPair = 0; rowPair < ROW_PAIRS; rowPair += 2) {
            a.ldp(minimums[0].q(), minimums[1].q(), ofRows(panel.minimums(block, rowPair / 4, run), rowPair));
            for (int pair = 0; pair < pairs(); pair++) {
                int at = ROW_PAIRS * pair + rowPair;
                a.op(add, accs[at].s4(), minimums[0].s4(), xSums[pair].s4());
                a.op(add, accs[at + 1].s4(), minimums[1].s4(), xSums[pair].s4());
                a.stp(accs[at].q(), accs[at + 1].q(), acc(pair, rowPair));
            }
        }
    }

    private static Mem ofRows(Mem ofHalf, int rowPair) {
        return ofHalf.plus(rowPair % 4 * A64Code.VECTOR_BYTES);
    }

    /** An element behind the activations of two tokens, each twice, in a register of {@code free}. */
    private Vec twice(int pair, int at, int element, Deque<Vec> free) {
        Vec first = free.remove();
        Vec second = free.remove();
        a.ldr(first.q(), x.at(2 * pair, at));
        a.ldr(second.q(), x.at(second(pair), at));
        a.op(element < 2 ? ZIP1 : ZIP2, first.s4(), first.s4(), second.s4());
        a.op(element % 2 == 0 ? ZIP1 : ZIP2, first.s4(), first.s4(), first.s4());
        free.add(second);
        return first;
    }
}
