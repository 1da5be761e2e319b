package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.EQUAL;
import static kawi.assembler.a64.Condition.HIGHER_OR_SAME;
import static kawi.assembler.a64.Condition.LESS_OR_EQUAL;
import static kawi.assembler.a64.Condition.LOWER;
import static kawi.assembler.a64.Condition.LOWER_OR_SAME;
import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X10;
import static kawi.assembler.a64.Gp.X11;
import static kawi.assembler.a64.Gp.X12;
import static kawi.assembler.a64.Gp.X13;
import static kawi.assembler.a64.Gp.X14;
import static kawi.assembler.a64.Gp.X15;
import static kawi.assembler.a64.Gp.X16;
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
import static kawi.kernels.assembled.a64.A64Code.arg;

import java.util.List;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Prefetch;
import kawi.assembler.a64.Shift;
import kawi.assembler.a64.Vec;
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
 * chain of fma:
 *
 * <pre>
 *    for each slice of rows of the matrix, each block of 64, 32 or 16 columns, each token:
 *        sums[h] = 0, or what the slices before have left
 *        for each group of rows, then each row that is left:
 *            load the factors of each h
 *            for each row and each 16 columns:
 *                load 4 vectors of numbers and convert them
 *                for each h: sums[h] += factor * numbers
 *        store the sums
 * </pre>
 *
 * <p>The sums are V0 to V15: one head and 64 columns, two heads and 32, or up to four heads and 16, which is enough
 * independent chains. A number of the matrix is loaded and converted once for all heads. A register of factors has
 * those of a group of rows, which multiply by element. {@link AttentionElementCode} has the use of the other registers
 * and what depends on the format of the matrix.
 *
 * <p>A slice fits the first-level cache. Between slices the sums are in scratch memory or in the result. So the memory
 * is read sequentially, and while one slice is multiplied, the next is prefetched at the same rate; the keys are
 * followed by the values, and these by the keys of the next page.
 *
 * <p>If keys are quantized, the first product is one of integers, whose sums {@link KvScaleCode} converts to scores; if
 * values are, it multiplies the scores with their scales before the second product.
 *
 * <p>Scores are computed up to a multiple of 16 positions; {@link SoftmaxCode} discards those that a token does not
 * attend to. For this purpose, rows of scores are 16 longer than a page.
 */
final class AttentionPageCode {

    private static final int LINE = 64;

    // Of a tile: a row of the matrix, and what is added after it; the factors and the outputs of each head; what is
    // prefetched; the number of rows left.
    static final Gp ROW = X1;
    static final Gp ROW_STEP = X2;
    static final List<Gp> FACTORS_OF = List.of(X3, X4, X5, X6);
    private static final List<Gp> OUTPUTS_OF = List.of(X7, X8, X9, X10);
    private static final Gp NEXT = X11;
    private static final Gp LEFT_TO_SUM = X12;

    // Of a token: its factors and outputs, and the number of positions that it attends to.
    private static final Gp FACTORS = X13;
    private static final Gp OUT = X14;
    private static final Gp SEEN = X15;
    private static final Gp TOKENS_LEFT = X19;

    // Of a block: its address in the slice, in the next slice and in the outputs, and its first column.
    private static final Gp BLOCK = X20;
    private static final Gp AHEAD = X21;
    private static final Gp OUT_BLOCK = X22;
    private static final Gp COLUMN = X23;
    private static final Gp COLUMNS_LEFT = X24;

    // Of a slice: its address, that of its factors, its rows, and the number of rows before it.
    private static final Gp SLICE = X25;
    private static final Gp SLICE_FACTORS = X26;
    private static final Gp SLICE_ROWS = X27;
    private static final Gp SUMMED = X28;

    private static final Gp SPARE = X16;
    private static final Gp SPARE_2 = X17;

    private final Assembler a;
    private final int rows;

    /** The matrix operand. */
    private AttentionElementCode elements;

    private AttentionPageCode(A64Code code, AttentionElementCode elements, int rows) {
        this.a = code.a;
        this.elements = elements;
        this.rows = rows;
    }

    /** Emits the code for {@code rows} heads, 1 to {@link AttentionArguments.Page#MAX_HEADS}. */
    static void emit(A64Code code, KvFormat keys, KvFormat values, int rows) {
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
        product(KEYS, QUERY, KEY_ROWS, KEY_SLICE, VALUES, new Product() {
            @Override
            public void columns() {
                a.ldr(OUT_BLOCK, arg(SCORES));
                a.ldr(COLUMNS_LEFT, arg(POSITIONS));
            }

            @Override
            public void rowBytes(Gp to) {
                a.mov(to, elements.bytes(KvPages.POSITIONS));
            }

            @Override
            public void count(Label skip) {
                a.cmp(SEEN, COLUMN);
                a.b(LOWER_OR_SAME, skip);
                a.ldr(LEFT_TO_SUM, arg(KEY_ROWS));
            }

            @Override
            public void headsApart(Gp factors, Gp outputs) {
                a.ldr(factors, arg(QUERY_HEAD));
                a.mov(outputs, SCORE_BYTES);
            }

            @Override
            public void tokensApart(Gp factors, Gp outputs) {
                a.ldr(factors, arg(QUERY_TOKEN));
                a.mov(outputs, (long) rows * SCORE_BYTES);
            }
        });
    }

    private void values() {
        product(VALUES, SCORES, SEEN_BY_LAST, VALUE_SLICE, AFTER, new Product() {
            @Override
            public void columns() {
                a.ldr(OUT_BLOCK, arg(PARTIAL));
                a.ldr(COLUMNS_LEFT, arg(VALUE_DIM));
            }

            @Override
            public void rowBytes(Gp to) {
                a.ldr(to, arg(VALUE_ROW));
            }

            @Override
            public void count(Label skip) {
                a.mov(LEFT_TO_SUM, SEEN);
            }

            @Override
            public void headsApart(Gp factors, Gp outputs) {
                a.mov(factors, SCORE_BYTES);
                a.ldr(outputs, arg(PARTIAL_ROW));
            }

            @Override
            public void tokensApart(Gp factors, Gp outputs) {
                a.mov(factors, (long) rows * SCORE_BYTES);
                a.ldr(outputs, arg(PARTIAL_TOKEN));
            }
        });
    }

    /** The differences between the two products, except for the arguments that are their matrix and factors. */
    private interface Product {

        /** Sets OUT_BLOCK and COLUMNS_LEFT. */
        void columns();

        /** The size in bytes of a row of the matrix. */
        void rowBytes(Gp to);

        /** Sets LEFT_TO_SUM to the number of all rows that are summed for the current token, or skips its tile. */
        void count(Label skip);

        /** The distances between the factors, and between the outputs, of two heads. */
        void headsApart(Gp factors, Gp outputs);

        /** The distances between the factors, and between the outputs, of two tokens. */
        void tokensApart(Gp factors, Gp outputs);
    }

    /**
     * The loop over the slices of the matrix.
     *
     * @param matrix offset of the pointer to the matrix
     * @param factors offset of the pointer to the factors
     * @param length offset of the number of rows of the matrix
     * @param slice offset of the number of rows of a slice
     * @param after offset of the pointer to the memory that is read after the matrix
     */
    private void product(int matrix, int factors, int length, int slice, int after, Product product) {
        a.ldr(SLICE, arg(matrix));
        a.ldr(SLICE_FACTORS, arg(factors));
        a.ldr(SLICE_ROWS, arg(slice));
        a.mov(SUMMED, 0);
        elements.begin();
        Label next = a.here();
        // Where the next slice is, or what follows the last one.
        product.rowBytes(SPARE);
        a.madd(SPARE, SLICE_ROWS, SPARE, SLICE);
        a.op(GpOp.ADD, SPARE_2, SUMMED, SLICE_ROWS);
        a.ldr(COLUMN, arg(length));
        a.cmp(SPARE_2, COLUMN);
        a.ldr(AHEAD, arg(after));
        a.csel(AHEAD, SPARE, AHEAD, LOWER);
        blocks(product);
        product.rowBytes(SPARE);
        a.madd(SLICE, SLICE_ROWS, SPARE, SLICE);
        int shift = Integer.numberOfTrailingZeros(elements.factorBytes());
        a.op(GpOp.ADD, SLICE_FACTORS, SLICE_FACTORS, SLICE_ROWS, Shift.LSL, shift);
        a.op(GpOp.ADD, SUMMED, SUMMED, SLICE_ROWS);
        a.ldr(SPARE, arg(length));
        a.cmp(SUMMED, SPARE);
        a.b(LOWER, next);
    }

    /** Blocks of columns, as wide as possible. */
    private void blocks(Product product) {
        product.columns();
        a.mov(BLOCK, SLICE);
        a.mov(COLUMN, 0);
        int least = AttentionElementCode.CHUNK;
        for (int vectors = elements.maxVectors(); vectors >= least; vectors /= 2) {
            int columns = vectors * A64Code.LANES;
            Label block = a.label();
            Label done = a.label();
            a.bind(block);
            a.cmp(COLUMNS_LEFT, columns);
            a.b(LOWER, done);
            tokens(product, vectors);
            a.op(GpOp.ADD, BLOCK, BLOCK, elements.bytes(columns));
            a.op(GpOp.ADD, OUT_BLOCK, OUT_BLOCK, (long) columns * Float.BYTES);
            a.mov(SPARE, elements.bytes(columns));
            a.madd(AHEAD, SLICE_ROWS, SPARE, AHEAD);
            a.op(GpOp.ADD, COLUMN, COLUMN, columns);
            a.op(GpOp.SUB, COLUMNS_LEFT, COLUMNS_LEFT, columns);
            a.b(block);
            a.bind(done);
        }
    }

    private void tokens(Product product, int vectors) {
        a.ldr(TOKENS_LEFT, arg(TOKENS));
        a.ldr(SEEN, arg(VISIBLE));
        a.mov(OUT, OUT_BLOCK);
        a.mov(FACTORS, SLICE_FACTORS);
        Label token = a.here();
        Label skip = a.label();
        product.count(skip);
        a.op(GpOp.SUBS, LEFT_TO_SUM, LEFT_TO_SUM, SUMMED);
        a.b(LESS_OR_EQUAL, skip);
        a.cmp(LEFT_TO_SUM, SLICE_ROWS);
        a.csel(LEFT_TO_SUM, LEFT_TO_SUM, SLICE_ROWS, LOWER);
        product.headsApart(SPARE, SPARE_2);
        pointers(FACTORS_OF, FACTORS, SPARE);
        pointers(OUTPUTS_OF, OUT, SPARE_2);
        product.rowBytes(ROW_STEP);
        elements.rowStep(ROW_STEP, vectors);
        begin(vectors);
        tile(vectors);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < vectors; n += 2) {
                a.stp(sum(vectors, row, n), sum(vectors, row, n + 1), output(row, n));
            }
        }
        a.bind(skip);
        product.tokensApart(SPARE, SPARE_2);
        a.op(GpOp.ADD, FACTORS, FACTORS, SPARE);
        a.op(GpOp.ADD, OUT, OUT, SPARE_2);
        seeOneMore(a, SEEN, SPARE);
        a.op(GpOp.SUBS, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.b(NOT_EQUAL, token);
    }

    /** Sets pointers for all heads, at a distance of {@code apart} bytes. */
    private void pointers(List<Gp> pointers, Gp first, Gp apart) {
        a.mov(pointers.getFirst(), first);
        for (int row = 1; row < rows; row++) {
            a.op(GpOp.ADD, pointers.get(row), pointers.get(row - 1), apart);
        }
    }

    /** Loads the sums of the slices before, or zeros for the first slice. */
    private void begin(int vectors) {
        Label more = a.label();
        Label begun = a.label();
        a.cbnz(SUMMED, more);
        for (int n = 0; n < rows * vectors; n++) {
            a.movi(Vec.v(n), 0);
        }
        a.b(begun);
        a.bind(more);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < vectors; n += 2) {
                a.ldp(sum(vectors, row, n), sum(vectors, row, n + 1), output(row, n));
            }
        }
        a.bind(begun);
    }

    private static Vec sum(int vectors, int row, int n) {
        return AttentionElementCode.sum(vectors, row, n).q();
    }

    private static Mem output(int row, int n) {
        return Mem.at(OUTPUTS_OF.get(row), n * A64Code.VECTOR_BYTES);
    }

    /** A token attends to one position more than the token before it, up to the last token. */
    static void seeOneMore(Assembler a, Gp seen, Gp spare) {
        a.ldr(spare, arg(SEEN_BY_LAST));
        a.cmp(seen, spare);
        a.cset(spare, LOWER);
        a.op(GpOp.ADD, seen, seen, spare);
    }

    private void tile(int vectors) {
        a.mov(ROW, BLOCK);
        a.mov(NEXT, AHEAD);
        Label one = a.label();
        Label done = a.label();
        int group = elements.group();
        if (group > 1) {
            a.op(GpOp.SUBS, LEFT_TO_SUM, LEFT_TO_SUM, group);
            a.b(LOWER, one);
            a.align(LINE);
            Label next = a.here();
            rows(vectors, group);
            a.b(HIGHER_OR_SAME, next);
            a.bind(one);
            a.op(GpOp.ADDS, LEFT_TO_SUM, LEFT_TO_SUM, group);
            a.b(EQUAL, done);
        }
        Label next = a.here();
        rows(vectors, 1);
        a.b(NOT_EQUAL, next);
        a.bind(done);
    }

    /** Multiplies some rows of the matrix; the flags are those of the number of rows left less {@code count}. */
    private void rows(int vectors, int count) {
        int bytes = count * elements.bytes(vectors * A64Code.LANES);
        for (int at = 0; at < bytes; at += LINE) {
            a.prfm(Prefetch.PLDL1KEEP, Mem.at(NEXT, at));
        }
        elements.loadFactors(count);
        elements.multiply(vectors, count);
        a.op(GpOp.ADD, NEXT, NEXT, bytes);
        a.op(GpOp.SUBS, LEFT_TO_SUM, LEFT_TO_SUM, count);
    }
}
