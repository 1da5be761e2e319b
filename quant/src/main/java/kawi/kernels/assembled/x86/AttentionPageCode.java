package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.ABOVE_OR_EQUAL;
import static kawi.assembler.x86.Condition.BELOW;
import static kawi.assembler.x86.Condition.BELOW_OR_EQUAL;
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
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.kernels.assembled.AttentionArguments.Page.AFTER;
import static kawi.kernels.assembled.AttentionArguments.Page.KEYS;
import static kawi.kernels.assembled.AttentionArguments.Page.KEY_ROWS;
import static kawi.kernels.assembled.AttentionArguments.Page.KEY_SLICE;
import static kawi.kernels.assembled.AttentionArguments.Page.PARTIAL;
import static kawi.kernels.assembled.AttentionArguments.Page.PARTIAL_ROW;
import static kawi.kernels.assembled.AttentionArguments.Page.PARTIAL_TOKEN;
import static kawi.kernels.assembled.AttentionArguments.Page.POSITIONS;
import static kawi.kernels.assembled.AttentionArguments.Page.QUERY;
import static kawi.kernels.assembled.AttentionArguments.Page.QUERY_HEAD;
import static kawi.kernels.assembled.AttentionArguments.Page.QUERY_TOKEN;
import static kawi.kernels.assembled.AttentionArguments.Page.SCORES;
import static kawi.kernels.assembled.AttentionArguments.Page.SCORE_BYTES;
import static kawi.kernels.assembled.AttentionArguments.Page.SEEN_BY_LAST;
import static kawi.kernels.assembled.AttentionArguments.Page.TOKENS;
import static kawi.kernels.assembled.AttentionArguments.Page.VALUES;
import static kawi.kernels.assembled.AttentionArguments.Page.VALUE_DIM;
import static kawi.kernels.assembled.AttentionArguments.Page.VALUE_ROW;
import static kawi.kernels.assembled.AttentionArguments.Page.VALUE_SLICE;
import static kawi.kernels.assembled.AttentionArguments.Page.VISIBLE;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.kernels.KvFormat;
import kawi.kernels.KvPages;
import kawi.kernels.assembled.AttentionArguments;

/**
 * Machine code for the partial result of a page, for some tokens and up to {@value AttentionArguments.Page#MAX_HEADS}
 * query heads: three consecutive loops over all tokens, with the scores in scratch memory between them.
 *
 * <pre>
 *    scores[t][h][j] = sum over d of q[t][h][d] * k[d][j]
 *    scores = exp(scores - max), and its sum
 *    o[t][h][d]      = sum over j of scores[t][h][j] * v[j][d]
 * </pre>
 *
 * <p>Both sums are the product of a few rows of factors with a matrix whose rows are contiguous; every output is one
 * chain of fma. A tile of [heads][some vectors of columns] is summed in registers: a number of the matrix is read and
 * widened once for all heads, and a factor is broadcast once for all vectors.
 *
 * <p>The matrix is processed in slices of rows, which fit the first-level cache: for each slice all blocks of columns,
 * for each block all tokens. Between slices the sums are in scratch memory or in the result. So the memory is read
 * sequentially, and while one slice is multiplied, the next is prefetched at the same rate; the keys are followed by
 * the values, and these by the keys of the next page. With one token and pages that are in no cache, the products then
 * take hardly longer than the memory accesses; processing all rows of a block of columns at once takes more than half
 * as long again.
 *
 * <p>If keys are quantized, the first product is one of integers, whose sums {@link KvScaleCode} converts to scores; if
 * values are, it multiplies the scores with their scales before the second product. {@link AttentionElementCode} has
 * what depends on the format of the matrix.
 *
 * <p>Scores are computed up to a multiple of 16 positions; {@link SoftmaxCode} discards those that a token does not
 * attend to. For this purpose, rows of scores are 16 longer than a page, which also avoids cache conflicts between
 * them.
 */
final class AttentionPageCode {

    // Not arguments, but variables of the code: the first column of the current block; the current slice, its factors,
    // and the number of rows that have been summed before it; the address of the current block in the next slice; the
    // rows and bytes of a slice.
    private static final int COLUMN = 152;
    private static final int SLICE = 160;
    private static final int SLICE_FACTORS = 168;
    private static final int SUMMED = 176;
    private static final int AHEAD = 184;
    private static final int SLICE_ROWS = 192;
    private static final int SLICE_BYTES = 200;

    private static final int LINE = 64;

    // Registers of the products.
    private static final Gp LEFT_TO_SUM = RAX;
    private static final Gp SEEN = RCX;
    static final Gp ROW = RDX;
    static final Gp FACTOR = RSI;
    private static final Gp ROW_BYTES = R8;
    static final Gp FACTORS_APART = R9;
    static final Gp FACTORS_APART_3 = R10;
    private static final Gp NEXT = R11;
    private static final Gp FACTORS = R12;
    private static final Gp BLOCK = R13;
    private static final Gp OUT_BLOCK = R14;
    private static final Gp COLUMNS_LEFT = R15;
    private static final Gp TOKENS_LEFT = RBX;
    private static final Gp OUT = RBP;
    // Before and after the loop of a tile.
    private static final Gp OUT_APART = RSI;
    private static final Gp OUT_APART_3 = R11;

    private final KernelCode code;
    private final Assembler a;
    private final int rows;

    /** The matrix operand. */
    private AttentionElementCode elements;

    private AttentionPageCode(KernelCode code, AttentionElementCode elements, int rows) {
        this.code = code;
        this.a = code.a;
        this.elements = elements;
        this.rows = rows;
    }

    /** Emits the code for {@code rows} heads, 1 to {@link AttentionArguments.Page#MAX_HEADS}. */
    static void emit(KernelCode code, KvFormat keys, KvFormat values, int rows) {
        AttentionPageCode page = new AttentionPageCode(code, AttentionElementCode.ofKeys(code, keys, rows), rows);
        page.scores();
        if (keys.quantized()) {
            KvScaleCode.scores(code, keys, rows);
        }
        SoftmaxCode.emit(code, rows);
        if (values.quantized()) {
            KvScaleCode.weights(code, rows);
        }
        page.elements = AttentionElementCode.ofValues(code, values, rows);
        page.values();
    }

    // ---- products

    private void scores() {
        a.mov(ROW_BYTES, (long) elements.bytes(KvPages.POSITIONS));
        a.load(FACTORS_APART, arg(QUERY_HEAD));
        a.load(RAX, arg(KEYS));
        a.load(RCX, arg(QUERY));
        product(KEY_ROWS, KEY_SLICE, VALUES, new Product() {
            @Override
            public void columns() {
                a.load(OUT_BLOCK, arg(SCORES));
                a.load(COLUMNS_LEFT, arg(POSITIONS));
            }

            @Override
            public void count(Label skip) {
                a.load(RAX, arg(COLUMN));
                a.op(GpOp.CMP, SEEN, RAX);
                a.jump(BELOW_OR_EQUAL, skip);
                a.load(LEFT_TO_SUM, arg(KEY_ROWS));
            }

            @Override
            public void nextToken() {
                a.op(GpOp.ADD, FACTORS, arg(QUERY_TOKEN));
                a.op(GpOp.ADD, OUT, rows * SCORE_BYTES);
            }

            @Override
            public void outputsApart(Gp to) {
                a.mov(to, SCORE_BYTES);
            }
        });
    }

    private void values() {
        a.load(ROW_BYTES, arg(VALUE_ROW));
        a.mov(FACTORS_APART, SCORE_BYTES);
        a.load(RAX, arg(VALUES));
        a.load(RCX, arg(SCORES));
        product(SEEN_BY_LAST, VALUE_SLICE, AFTER, new Product() {
            @Override
            public void columns() {
                a.load(OUT_BLOCK, arg(PARTIAL));
                a.load(COLUMNS_LEFT, arg(VALUE_DIM));
            }

            @Override
            public void count(Label skip) {
                a.mov(LEFT_TO_SUM, SEEN);
            }

            @Override
            public void nextToken() {
                a.op(GpOp.ADD, FACTORS, rows * SCORE_BYTES);
                a.op(GpOp.ADD, OUT, arg(PARTIAL_TOKEN));
            }

            @Override
            public void outputsApart(Gp to) {
                a.load(to, arg(PARTIAL_ROW));
            }
        });
    }

    /** The differences between the two products, except for their initial registers. */
    private interface Product {

        /** Sets OUT_BLOCK and COLUMNS_LEFT. */
        void columns();

        /** Sets LEFT_TO_SUM to the number of all rows that are summed for the current token, or skips its tile. */
        void count(Label skip);

        void nextToken();

        void outputsApart(Gp to);
    }

    /**
     * The loop over the slices of the matrix. RAX points to the matrix, RCX to the factors.
     *
     * @param length offset of the number of rows of the matrix
     * @param slice offset of the number of rows of a slice
     * @param after offset of the pointer to the memory that is read after the matrix
     */
    private void product(int length, int slice, int after, Product product) {
        a.store(arg(SLICE), RAX);
        a.load(RAX, arg(slice));
        a.store(arg(SLICE_ROWS), RAX);
        a.imul(RAX, ROW_BYTES);
        a.store(arg(SLICE_BYTES), RAX);
        a.store(arg(SLICE_FACTORS), RCX);
        a.mov(RAX, 0);
        a.store(arg(SUMMED), RAX);
        a.lea(FACTORS_APART_3, Mem.at(FACTORS_APART, FACTORS_APART, 2, 0));
        Label next = a.here();
        blocks(length, after, product);
        code.update(SLICE, GpOp.ADD, arg(SLICE_BYTES));
        a.load(RCX, arg(SLICE_ROWS));
        a.shl(RCX, Integer.numberOfTrailingZeros(elements.factorBytes()));
        a.op(GpOp.ADD, RCX, arg(SLICE_FACTORS));
        a.store(arg(SLICE_FACTORS), RCX);
        code.update(SUMMED, GpOp.ADD, arg(SLICE_ROWS));
        a.op(GpOp.CMP, RAX, arg(length));
        a.jump(BELOW, next);
    }

    /** Blocks of columns, as wide as possible. */
    private void blocks(int length, int after, Product product) {
        product.columns();
        a.load(BLOCK, arg(SLICE));
        Label more = a.label();
        a.load(RAX, arg(SLICE_BYTES));
        a.op(GpOp.ADD, RAX, BLOCK);
        a.load(RCX, arg(SUMMED));
        a.op(GpOp.ADD, RCX, arg(SLICE_ROWS));
        a.op(GpOp.CMP, RCX, arg(length));
        a.jump(BELOW, more);
        a.load(RAX, arg(after));
        a.bind(more);
        a.store(arg(AHEAD), RAX);
        a.mov(RAX, 0);
        a.store(arg(COLUMN), RAX);
        int least = elements.minVectors();
        for (int vectors = elements.maxVectors(); vectors >= least; vectors = vectors == 3 ? 2 : vectors / 2) {
            int columns = vectors * code.isa.lanes();
            Label block = a.label();
            Label done = a.label();
            a.bind(block);
            a.op(GpOp.CMP, COLUMNS_LEFT, columns);
            a.jump(BELOW, done);
            tokens(product, vectors);
            a.op(GpOp.ADD, BLOCK, elements.bytes(columns));
            a.op(GpOp.ADD, OUT_BLOCK, columns * Float.BYTES);
            a.load(RAX, arg(SLICE_ROWS));
            a.imul(RAX, RAX, elements.bytes(columns));
            a.op(GpOp.ADD, RAX, arg(AHEAD));
            a.store(arg(AHEAD), RAX);
            a.load(RAX, arg(COLUMN));
            a.op(GpOp.ADD, RAX, columns);
            a.store(arg(COLUMN), RAX);
            a.op(GpOp.SUB, COLUMNS_LEFT, columns);
            a.jump(block);
            a.bind(done);
        }
    }

    private void tokens(Product product, int vectors) {
        a.load(TOKENS_LEFT, arg(TOKENS));
        a.load(SEEN, arg(VISIBLE));
        a.mov(OUT, OUT_BLOCK);
        a.load(FACTORS, arg(SLICE_FACTORS));
        Label token = a.here();
        Label skip = a.label();
        Label whole = a.label();
        product.count(skip);
        a.op(GpOp.SUB, LEFT_TO_SUM, arg(SUMMED));
        a.jump(LESS_OR_EQUAL, skip);
        a.op(GpOp.CMP, LEFT_TO_SUM, arg(SLICE_ROWS));
        a.jump(BELOW_OR_EQUAL, whole);
        a.load(LEFT_TO_SUM, arg(SLICE_ROWS));
        a.bind(whole);
        product.outputsApart(OUT_APART);
        a.lea(OUT_APART_3, Mem.at(OUT_APART, OUT_APART, 2, 0));
        begin(vectors);
        tile(vectors);
        product.outputsApart(OUT_APART);
        a.lea(OUT_APART_3, Mem.at(OUT_APART, OUT_APART, 2, 0));
        elements.order(vectors);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < vectors; n++) {
                code.store(output(row, n), elements.sum(vectors, row, n));
            }
        }
        a.bind(skip);
        product.nextToken();
        seeOneMore(a, SEEN);
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(NOT_EQUAL, token);
    }

    /** Loads the sums of the slices before, or zeros for the first slice. */
    private void begin(int vectors) {
        Label more = a.label();
        Label begun = a.label();
        a.load(RDX, arg(SUMMED));
        a.test(RDX, RDX);
        a.jump(NOT_EQUAL, more);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < vectors; n++) {
                code.zero(elements.sum(vectors, row, n));
            }
        }
        a.jump(begun);
        a.bind(more);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < vectors; n++) {
                code.load(elements.sum(vectors, row, n), output(row, n));
            }
        }
        elements.order(vectors);
        a.bind(begun);
    }

    private Mem output(int row, int n) {
        return row(OUT, OUT_APART, OUT_APART_3, row).plus(n * code.bytes());
    }

    /** A token attends to one position more than the token before it, up to the last token. */
    static void seeOneMore(Assembler a, Gp seen) {
        Label all = a.label();
        a.op(GpOp.CMP, seen, arg(SEEN_BY_LAST));
        a.jump(ABOVE_OR_EQUAL, all);
        a.op(GpOp.ADD, seen, 1);
        a.bind(all);
    }

    private void tile(int vectors) {
        a.mov(FACTOR, FACTORS);
        a.mov(ROW, BLOCK);
        a.load(NEXT, arg(AHEAD));
        int bytes = elements.bytes(vectors * code.isa.lanes());
        elements.begin(vectors);
        a.align(LINE);
        Label next = a.here();
        for (int at = 0; at < bytes; at += LINE) {
            a.prefetch(Mem.at(NEXT, at));
        }
        elements.multiply(vectors);
        a.op(GpOp.ADD, FACTOR, elements.factorBytes());
        a.op(GpOp.ADD, ROW, ROW_BYTES);
        a.op(GpOp.ADD, NEXT, bytes);
        a.op(GpOp.SUB, LEFT_TO_SUM, 1);
        a.jump(NOT_EQUAL, next);
    }

    static Mem row(Gp first, Gp apart, Gp apart3, int row) {
        return switch (row) {
            case 0 -> Mem.at(first);
            case 1 -> Mem.at(first, apart, 1, 0);
            case 2 -> Mem.at(first, apart, 2, 0);
            default -> Mem.at(first, apart3, 1, 0);
        };
    }
}
