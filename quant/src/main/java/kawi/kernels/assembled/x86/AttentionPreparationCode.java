package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VCVTPS2PH;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPXOR;
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
import static kawi.kernels.assembled.x86.KernelCode.arg;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.kernels.KvFormat;
import kawi.kernels.KvPages;

/**
 * Machine code that prepares tokens whose positions lie in one page: for each token the queries, then keys and values.
 *
 * <p>A key becomes a column of the page, one number per row, and its numbers are written one by one; so are the values,
 * which are few compared to the products that computed them.
 */
final class AttentionPreparationCode {

    private static final int HALVES = 256;
    private static final int SIGN = 1 << 31;
    private static final int ROUND_TO_NEAREST_EVEN = 0;

    private static final Gp ROW = RSI;
    private static final Gp VALUE_ROW = RDX;
    private static final Gp TO_KEY = R8;
    private static final Gp TO_VALUE = R11;
    private static final Gp HEADS_LEFT = R9;
    private static final Gp TOKENS_LEFT = RBX;

    private final KernelCode code;
    private final Assembler a;
    private final RowCode row;
    private final KvFormat keys;
    private final KvFormat values;
    private final boolean normalized;

    private AttentionPreparationCode(KernelCode code, KvFormat keys, KvFormat values, boolean normalized) {
        this.code = code;
        this.a = code.a;
        this.row = new RowCode(code);
        this.keys = keys;
        this.values = values;
        this.normalized = normalized;
    }

    static void emit(KernelCode code, KvFormat keys, KvFormat values, boolean normalized) {
        new AttentionPreparationCode(code, keys, values, normalized).emit();
    }

    private void emit() {
        a.load(TOKENS_LEFT, arg(TOKENS));
        Label token = a.here();
        queries();
        keysAndValues();
        advance(QUERY, QUERY_TOKEN);
        advance(KEY, KEY_TOKEN);
        advance(VALUE, VALUE_TOKEN);
        advance(COSINES, ROTATION_TOKEN);
        advance(SINES, ROTATION_TOKEN);
        advance(STORED_VALUE, STORED_VALUE_TOKEN);
        a.load(RAX, arg(STORED_KEY));
        a.op(GpOp.ADD, RAX, bytes(keys));
        a.store(arg(STORED_KEY), RAX);
        a.op(GpOp.SUB, TOKENS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, token);
    }

    private void advance(int pointer, int bytes) {
        a.load(RAX, arg(pointer));
        a.op(GpOp.ADD, RAX, arg(bytes));
        a.store(arg(pointer), RAX);
    }

    private void queries() {
        a.load(ROW, arg(QUERY));
        a.load(HEADS_LEFT, arg(HEADS));
        Label head = a.here();
        normalize(QUERY_NORM);
        rotate();
        row.width(arg(KEY_DIM));
        code.broadcast(code.v(0), arg(SCALE));
        row.begin();
        do {
            row.load(code.v(1), row.at(ROW));
            a.op(VMULPS, code.v(1), code.v(1), code.v(0));
            row.store(row.at(ROW), code.v(1));
        } while (row.next());
        a.op(GpOp.ADD, ROW, arg(QUERY_HEAD));
        a.op(GpOp.SUB, HEADS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, head);
    }

    private void keysAndValues() {
        a.load(ROW, arg(KEY));
        a.load(VALUE_ROW, arg(VALUE));
        a.load(TO_KEY, arg(STORED_KEY));
        a.load(TO_VALUE, arg(STORED_VALUE));
        a.load(HEADS_LEFT, arg(KV_HEADS));
        Label head = a.here();
        normalize(KEY_NORM);
        rotate();
        if (!keys.quantized()) {
            row.width(arg(KEY_DIM));
            scatter(keys, ROW, TO_KEY, KvPages.POSITIONS * bytes(keys));
        }
        if (!values.quantized()) {
            row.width(arg(VALUE_DIM));
            scatter(values, VALUE_ROW, TO_VALUE, bytes(values));
        }
        a.op(GpOp.ADD, ROW, arg(KEY_HEAD));
        a.op(GpOp.ADD, VALUE_ROW, arg(VALUE_HEAD));
        a.op(GpOp.ADD, TO_KEY, arg(STORED_HEAD));
        a.op(GpOp.ADD, TO_VALUE, arg(STORED_HEAD));
        a.op(GpOp.SUB, HEADS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, head);
    }

    private void normalize(int norm) {
        if (!normalized) {
            return;
        }
        row.width(arg(KEY_DIM));
        row.inverseNorm(ROW, arg(DIVISOR), arg(EPS), code.v(0), code.v(1), code.v(2), code.v(3));
        a.load(R10, arg(norm));
        row.begin();
        do {
            row.load(code.v(1), row.at(ROW));
            row.load(code.v(2), row.at(R10));
            a.op(VMULPS, code.v(1), code.v(1), code.v(0));
            a.op(VMULPS, code.v(1), code.v(1), code.v(2));
            row.store(row.at(ROW), code.v(1));
        } while (row.next());
    }

    private void rotate() {
        Gp cosines = R10;
        Gp sines = RBP;
        Gp second = R15;
        row.width(arg(PAIRS));
        a.load(cosines, arg(COSINES));
        a.load(sines, arg(SINES));
        a.mov(second, ROW);
        a.op(GpOp.ADD, second, arg(PAIR_BYTES));
        row.begin();
        do {
            row.load(code.v(0), row.at(ROW));
            row.load(code.v(1), row.at(second));
            row.load(code.v(2), row.at(cosines));
            row.load(code.v(3), row.at(sines));
            a.op(VMULPS, code.v(4), code.v(1), code.v(3));
            a.op(VPXOR, code.v(4), code.v(4), code.constant(SIGN));
            a.op(VFMADD231PS, code.v(4), code.v(0), code.v(2));
            a.op(VMULPS, code.v(5), code.v(0), code.v(3));
            a.op(VFMADD231PS, code.v(5), code.v(1), code.v(2));
            row.store(row.at(ROW), code.v(4));
            row.store(row.at(second), code.v(5));
        } while (row.next());
    }

    /** Bytes of a number; 0 for half a byte, as quantized numbers are not stored here. */
    private static int bytes(KvFormat format) {
        return format.bits() / Byte.SIZE;
    }

    /** Stores the numbers of a row at a distance of {@code apart} bytes, from {@code first} on. */
    private void scatter(KvFormat format, Gp from, Gp first, int apart) {
        Gp to = R15;
        Gp source = RBP;
        Gp number = R10;
        Gp left = RAX;
        boolean half = format == KvFormat.F16;
        a.mov(to, first);
        row.begin();
        do {
            if (half) {
                row.load(code.v(0), row.at(from));
                a.op(VCVTPS2PH, code.v(0), arg(HALVES), ROUND_TO_NEAREST_EVEN);
                a.lea(source, arg(HALVES));
            } else {
                a.lea(source, row.at(from));
            }
            row.floats(left);
            Label next = a.here();
            if (half) {
                a.loadWord(number, Mem.at(source));
                a.storeWord(Mem.at(to), number);
            } else {
                a.load32(number, Mem.at(source));
                a.store32(Mem.at(to), number);
            }
            a.op(GpOp.ADD, source, bytes(format));
            a.op(GpOp.ADD, to, apart);
            a.op(GpOp.SUB, left, 1);
            a.jump(Condition.NOT_EQUAL, next);
        } while (row.next());
    }
}
