package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.EQUAL;
import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X14;
import static kawi.assembler.a64.Gp.X15;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.FCVTN;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.FNEG;
import static kawi.kernels.assembled.AttentionArguments.Preparation.COSINES;
import static kawi.kernels.assembled.AttentionArguments.Preparation.DIVISOR;
import static kawi.kernels.assembled.AttentionArguments.Preparation.EPS;
import static kawi.kernels.assembled.AttentionArguments.Preparation.HEADS;
import static kawi.kernels.assembled.AttentionArguments.Preparation.KEY;
import static kawi.kernels.assembled.AttentionArguments.Preparation.KEY_DIM;
import static kawi.kernels.assembled.AttentionArguments.Preparation.KEY_HEAD;
import static kawi.kernels.assembled.AttentionArguments.Preparation.KEY_NORM;
import static kawi.kernels.assembled.AttentionArguments.Preparation.KEY_TOKEN;
import static kawi.kernels.assembled.AttentionArguments.Preparation.KV_HEADS;
import static kawi.kernels.assembled.AttentionArguments.Preparation.PAIRS;
import static kawi.kernels.assembled.AttentionArguments.Preparation.PAIR_BYTES;
import static kawi.kernels.assembled.AttentionArguments.Preparation.QUERY;
import static kawi.kernels.assembled.AttentionArguments.Preparation.QUERY_HEAD;
import static kawi.kernels.assembled.AttentionArguments.Preparation.QUERY_NORM;
import static kawi.kernels.assembled.AttentionArguments.Preparation.QUERY_TOKEN;
import static kawi.kernels.assembled.AttentionArguments.Preparation.ROTATION_TOKEN;
import static kawi.kernels.assembled.AttentionArguments.Preparation.SCALE;
import static kawi.kernels.assembled.AttentionArguments.Preparation.SINES;
import static kawi.kernels.assembled.AttentionArguments.Preparation.STORED_HEAD;
import static kawi.kernels.assembled.AttentionArguments.Preparation.STORED_KEY;
import static kawi.kernels.assembled.AttentionArguments.Preparation.STORED_VALUE;
import static kawi.kernels.assembled.AttentionArguments.Preparation.STORED_VALUE_TOKEN;
import static kawi.kernels.assembled.AttentionArguments.Preparation.TOKENS;
import static kawi.kernels.assembled.AttentionArguments.Preparation.VALUE;
import static kawi.kernels.assembled.AttentionArguments.Preparation.VALUE_DIM;
import static kawi.kernels.assembled.AttentionArguments.Preparation.VALUE_HEAD;
import static kawi.kernels.assembled.AttentionArguments.Preparation.VALUE_TOKEN;
import static kawi.kernels.assembled.a64.A64Code.arg;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Element;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.KvFormat;
import kawi.kernels.KvPages;

/**
 * Machine code that prepares tokens whose positions lie in one page: for each token the queries, then keys and values.
 *
 * <p>A key becomes a column of the page, one number per row, and its numbers are written one by one. A value is a row.
 */
final class AttentionPreparationCode {

    /** Vectors that are computed at a time. */
    private static final int AT_ONCE = 4;

    private static final Gp ROW = X1;
    private static final Gp VALUE_ROW = X2;
    private static final Gp TO_KEY = X3;
    private static final Gp TO_VALUE = X4;
    private static final Gp HEADS_LEFT = X5;
    private static final Gp TOKENS_LEFT = X6;
    private static final Gp COSINE_ROW = X7;
    private static final Gp SINE_ROW = X8;
    private static final Gp SECOND = X9;
    private static final Gp SPARE = X14;
    private static final Gp SPARE_2 = X15;

    private final A64Code code;
    private final Assembler a;
    private final RowCode row;
    private final KvFormat keys;
    private final KvFormat values;
    private final boolean normalized;

    private AttentionPreparationCode(A64Code code, KvFormat keys, KvFormat values, boolean normalized) {
        this.code = code;
        this.a = code.a;
        this.row = new RowCode(code);
        this.keys = keys;
        this.values = values;
        this.normalized = normalized;
    }

    static void emit(A64Code code, KvFormat keys, KvFormat values, boolean normalized) {
        new AttentionPreparationCode(code, keys, values, normalized).emit();
    }

    private void emit() {
        a.ldr(TOKENS_LEFT, arg(TOKENS));
        Label token = a.here();
        queries();
        keysAndValues();
        advance(QUERY, QUERY_TOKEN);
        advance(KEY, KEY_TOKEN);
        advance(VALUE, VALUE_TOKEN);
        advance(COSINES, ROTATION_TOKEN);
        advance(SINES, ROTATION_TOKEN);
        advance(STORED_VALUE, STORED_VALUE_TOKEN);
        code.update(STORED_KEY, GpOp.ADD, bytes(keys));
        a.op(GpOp.SUBS, TOKENS_LEFT, TOKENS_LEFT, 1);
        a.b(NOT_EQUAL, token);
    }

    private void advance(int pointer, int bytes) {
        a.ldr(SPARE, arg(bytes));
        code.update(pointer, GpOp.ADD, SPARE);
    }

    private void queries() {
        a.ldr(ROW, arg(QUERY));
        a.ldr(HEADS_LEFT, arg(HEADS));
        Label head = a.here();
        normalize(QUERY_NORM);
        rotate();
        row.width(arg(KEY_DIM));
        code.broadcast(v(0), arg(SCALE));
        row.begin(AT_ONCE);
        do {
            row.load(v(1), ROW);
            row.eachWith(FMUL, v(1), v(1), v(0));
            row.store(ROW, v(1));
        } while (row.next());
        add(ROW, QUERY_HEAD);
        a.op(GpOp.SUBS, HEADS_LEFT, HEADS_LEFT, 1);
        a.b(NOT_EQUAL, head);
    }

    private void keysAndValues() {
        a.ldr(ROW, arg(KEY));
        a.ldr(VALUE_ROW, arg(VALUE));
        a.ldr(TO_KEY, arg(STORED_KEY));
        a.ldr(TO_VALUE, arg(STORED_VALUE));
        a.ldr(HEADS_LEFT, arg(KV_HEADS));
        Label head = a.here();
        normalize(KEY_NORM);
        rotate();
        if (!keys.quantized()) {
            row.width(arg(KEY_DIM));
            storeKey();
        }
        if (!values.quantized()) {
            row.width(arg(VALUE_DIM));
            storeValue();
        }
        add(ROW, KEY_HEAD);
        add(VALUE_ROW, VALUE_HEAD);
        add(TO_KEY, STORED_HEAD);
        add(TO_VALUE, STORED_HEAD);
        a.op(GpOp.SUBS, HEADS_LEFT, HEADS_LEFT, 1);
        a.b(NOT_EQUAL, head);
    }

    private void add(Gp pointer, int amount) {
        a.ldr(SPARE, arg(amount));
        a.op(GpOp.ADD, pointer, pointer, SPARE);
    }

    private void normalize(int norm) {
        if (!normalized) {
            return;
        }
        row.width(arg(KEY_DIM));
        row.inverseNorm(ROW, arg(DIVISOR), arg(EPS));
        a.ldr(SPARE, arg(norm));
        row.begin(AT_ONCE);
        do {
            Vec weight = v(1 + AT_ONCE);
            row.load(v(1), ROW);
            row.load(weight, SPARE);
            row.eachWith(FMUL, v(1), v(1), v(0));
            row.each(FMUL, v(1), v(1), weight);
            row.store(ROW, v(1));
        } while (row.next());
    }

    private void rotate() {
        row.width(arg(PAIRS));
        a.ldr(COSINE_ROW, arg(COSINES));
        a.ldr(SINE_ROW, arg(SINES));
        a.ldr(SECOND, arg(PAIR_BYTES));
        a.op(GpOp.ADD, SECOND, SECOND, ROW);
        Vec x = v(0);
        Vec y = v(AT_ONCE);
        Vec cosine = v(2 * AT_ONCE);
        Vec sine = v(3 * AT_ONCE);
        Vec newX = v(4 * AT_ONCE);
        Vec newY = v(5 * AT_ONCE);
        row.begin(AT_ONCE);
        do {
            row.load(x, ROW);
            row.load(y, SECOND);
            row.load(cosine, COSINE_ROW);
            row.load(sine, SINE_ROW);
            row.each(FMUL, newX, y, sine);
            for (int n = 0; n < row.vectors(); n++) {
                a.op(FNEG, v(newX.number() + n), v(newX.number() + n));
            }
            row.each(FMLA, newX, x, cosine);
            row.each(FMUL, newY, x, sine);
            row.each(FMLA, newY, y, cosine);
            row.store(ROW, newX);
            row.store(SECOND, newY);
        } while (row.next());
    }

    /** Bytes of a number; 0 for half a byte, as quantized numbers are not stored here. */
    private static int bytes(KvFormat format) {
        return format.bits() / Byte.SIZE;
    }

    /** Loads four numbers, or those of the tail, in the format in which they are stored. */
    private void load(KvFormat format, Gp from) {
        row.load(v(0), from);
        if (format == KvFormat.F16) {
            a.op(FCVTN, v(0).h4(), v(0));
        }
    }

    private static Element number(KvFormat format, int i) {
        return format == KvFormat.F16 ? v(0).h(i) : v(0).s(i);
    }

    private void storeKey() {
        Gp to = SPARE;
        Gp apart = SPARE_2;
        a.mov(to, TO_KEY);
        a.mov(apart, (long) KvPages.POSITIONS * bytes(keys));
        row.begin();
        do {
            load(keys, ROW);
            if (row.inTail()) {
                storeTail(keys, to, apart);
            } else {
                for (int i = 0; i < A64Code.LANES; i++) {
                    a.st1(number(keys, i), Mem.post(to, apart));
                }
            }
        } while (row.next());
    }

    private void storeValue() {
        Gp to = SPARE;
        Gp apart = SPARE_2;
        a.mov(to, TO_VALUE);
        a.mov(apart, bytes(values));
        row.begin();
        do {
            load(values, VALUE_ROW);
            if (row.inTail()) {
                storeTail(values, to, apart);
            } else {
                Vec whole = values == KvFormat.F16 ? v(0).d() : v(0).q();
                a.str(whole, Mem.post(to, A64Code.LANES * bytes(values)));
            }
        } while (row.next());
    }

    /** Stores 1 to 3 numbers at a distance of {@code apart} bytes. */
    private void storeTail(KvFormat format, Gp to, Gp apart) {
        Label done = a.label();
        for (int i = 0; i < A64Code.LANES - 1; i++) {
            a.st1(number(format, i), Mem.post(to, apart));
            if (i < A64Code.LANES - 2) {
                a.cmp(RowCode.tail(), i + 1);
                a.b(EQUAL, done);
            }
        }
        a.bind(done);
    }
}
