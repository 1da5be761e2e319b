package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VCVTPH2PS;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VPABSB;
import static kawi.assembler.x86.VectorOp.VPADDD;
import static kawi.assembler.x86.VectorOp.VPADDW;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPDPBUSD;
import static kawi.assembler.x86.VectorOp.VPERMD;
import static kawi.assembler.x86.VectorOp.VPMADDUBSW;
import static kawi.assembler.x86.VectorOp.VPMADDWD;
import static kawi.assembler.x86.VectorOp.VPMOVB2M;
import static kawi.assembler.x86.VectorOp.VPMOVSXBD;
import static kawi.assembler.x86.VectorOp.VPMOVZXBD;
import static kawi.assembler.x86.VectorOp.VPSIGNB;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.assembler.x86.VectorOp.VPSRLD;
import static kawi.assembler.x86.VectorOp.VPSRLW;
import static kawi.assembler.x86.VectorOp.VPSUBB;
import static kawi.assembler.x86.VectorOp.VPSUBD;
import static kawi.assembler.x86.VectorOp.VPXOR;
import static kawi.assembler.x86.VectorOp.VSHUFF32X4;

import java.util.ArrayList;
import java.util.List;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Mask;
import kawi.assembler.x86.Masking;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.KvFormat;

/**
 * The innermost step of the products of {@link AttentionPageCode}: one row of the matrix, in some vectors of columns,
 * times one factor for each row of sums. What depends on the format of keys or values is here.
 *
 * <pre>
 *    f16, f32       sum += factor * number                   the number is widened
 *    q8, q4 keys    sum += 4 or 8 factors * 4 or 8 numbers   bytes, whose products are added in a 32-bit lane
 *    q8, q4 values  sum += factor * number                   the number is converted to f32
 * </pre>
 *
 * <p>Without VNNI, products of bytes are added in pairs in 16 bits, where those of unsigned bytes could overflow. So q8
 * keys are then signed: their magnitudes are multiplied by the factors with the signs of the keys. Twice four products
 * with q4 keys fit 16 bits. With q4 values, AVX-512 reads 16 bytes at once, so that two vectors have their halves
 * exchanged as long as they are summed; the floats come from a table, since the permutation ignores the upper bits.
 */
final class AttentionElementCode {

    /** The numbers of q4, whose index is the stored one. */
    private static final List<Integer> LEVELS = levels();

    private static final Mask NEGATIVE = Mask.K2;
    private static final int SIGN_BITS = 0x8080_8080;
    private static final int LOW_HALVES = 0x0f0f_0f0f;
    private static final int ONES_OF_16_BITS = 0x0001_0001;

    private enum Kind {
        FLOAT,
        Q8_KEY,
        Q4_KEY,
        Q8_VALUE,
        Q4_VALUE
    }

    private final KernelCode code;
    private final Assembler a;
    private final int rows;
    private final KvFormat format;
    private final Kind kind;

    private AttentionElementCode(KernelCode code, KvFormat format, int rows, Kind kind) {
        this.code = code;
        this.a = code.a;
        this.rows = rows;
        this.format = format;
        this.kind = kind;
    }

    static AttentionElementCode ofKeys(KernelCode code, KvFormat format, int rows) {
        Kind kind = switch (format) {
            case F16, F32 -> Kind.FLOAT;
            case Q8 -> Kind.Q8_KEY;
            case Q4 -> Kind.Q4_KEY;
        };
        return new AttentionElementCode(code, format, rows, kind);
    }

    static AttentionElementCode ofValues(KernelCode code, KvFormat format, int rows) {
        Kind kind = switch (format) {
            case F16, F32 -> Kind.FLOAT;
            case Q8 -> Kind.Q8_VALUE;
            case Q4 -> Kind.Q4_VALUE;
        };
        return new AttentionElementCode(code, format, rows, kind);
    }

    private static List<Integer> levels() {
        List<Integer> levels = new ArrayList<>();
        for (int c = 0; c < 16; c++) {
            levels.add(Float.floatToRawIntBits(2 * c - 15));
        }
        return levels;
    }

    private boolean integers() {
        return kind == Kind.Q8_KEY || kind == Kind.Q4_KEY;
    }

    /** The size in bytes of some columns of a row of the matrix. */
    int bytes(int columns) {
        return integers() ? columns * Integer.BYTES : columns * format.bits() / Byte.SIZE;
    }

    /** The size in bytes of the factors of a row of the matrix. */
    int factorBytes() {
        return kind == Kind.Q4_KEY ? 2 * Integer.BYTES : Integer.BYTES;
    }

    /** The number of vectors of a tile: enough chains of fma to keep the units busy, within the available registers. */
    int maxVectors() {
        if (code.isa.avx512()) {
            return rows <= 2 ? 8 : 4;
        }
        return switch (rows) {
            case 1 -> 8;
            case 2, 3 -> 4;
            default -> kind == Kind.Q4_VALUE ? 2 : 3;
        };
    }

    int minVectors() {
        return kind == Kind.Q4_VALUE ? 2 : 1;
    }

    /** The register of a sum. */
    Vec sum(int vectors, int row, int n) {
        return code.v(row * vectors + n);
    }

    /** A register that is no sum's. */
    private Vec held(int vectors, int n) {
        return code.v(rows * vectors + n);
    }

    /** Loads what the steps of a tile have in common. */
    void begin(int vectors) {
        if (kind == Kind.Q4_VALUE && code.isa.avx512()) {
            code.load(table(), a.constant(LEVELS));
        }
    }

    private Vec table() {
        return code.v(31);
    }

    /** Brings sums into the order in which they are in memory, or back. */
    void order(int vectors) {
        if (kind != Kind.Q4_VALUE || !code.isa.avx512()) {
            return;
        }
        Vec first = held(vectors, 0);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < vectors; n += 2) {
                Vec low = sum(vectors, row, n);
                Vec high = sum(vectors, row, n + 1);
                code.move(first, low);
                a.op(VSHUFF32X4, low, first, high, 0b01_00_01_00);
                a.op(VSHUFF32X4, high, first, high, 0b11_10_11_10);
            }
        }
    }

    /** Adds the products of a row of the matrix to all sums. */
    void multiply(int vectors) {
        switch (kind) {
            case FLOAT, Q8_VALUE -> multiplyNumbers(vectors);
            case Q4_VALUE -> multiplyHalves(vectors);
            case Q8_KEY, Q4_KEY -> multiplyBytes(vectors);
        }
    }

    private Mem element(int n) {
        return Mem.at(AttentionPageCode.ROW, bytes(n * code.isa.lanes()));
    }

    private Mem factor(int row) {
        return AttentionPageCode.row(
                AttentionPageCode.FACTOR, AttentionPageCode.FACTORS_APART, AttentionPageCode.FACTORS_APART_3, row);
    }

    private void multiplyNumbers(int vectors) {
        // The factors or the vectors, whichever are fewer, are held in registers; the others are loaded one at a time.
        if (rows < vectors) {
            for (int row = 0; row < rows; row++) {
                code.broadcast(held(vectors, row), factor(row));
            }
            for (int n = 0; n < vectors; n++) {
                number(held(vectors, rows), n);
                for (int row = 0; row < rows; row++) {
                    a.op(VFMADD231PS, sum(vectors, row, n), held(vectors, rows), held(vectors, row));
                }
            }
        } else {
            for (int n = 0; n < vectors; n++) {
                number(held(vectors, n), n);
            }
            for (int row = 0; row < rows; row++) {
                code.broadcast(held(vectors, vectors), factor(row));
                for (int n = 0; n < vectors; n++) {
                    a.op(VFMADD231PS, sum(vectors, row, n), held(vectors, n), held(vectors, vectors));
                }
            }
        }
    }

    private void number(Vec to, int n) {
        switch (format) {
            case F16 -> a.op(VCVTPH2PS, to, element(n));
            case F32 -> code.load(to, element(n));
            case Q8, Q4 -> {
                a.op(VPMOVSXBD, to, element(n));
                a.op(VCVTDQ2PS, to, to);
            }
        }
    }

    /** Two vectors at a time, from the lower and the upper halves of bytes. */
    private void multiplyHalves(int vectors) {
        Vec low = held(vectors, 0);
        Vec high = held(vectors, 1);
        Vec factor = held(vectors, 2);
        for (int n = 0; n < vectors; n += 2) {
            if (code.isa.avx512()) {
                a.op(VPMOVZXBD, low, element(n));
                a.op(VPSRLD, high, low, 4);
                a.op(VPERMD, low, low, table());
                a.op(VPERMD, high, high, table());
            } else {
                a.op(VPMOVZXBD, low, element(n));
                a.op(VPSRLD, high, low, 3);
                a.op(VPSLLD, low, low, 1);
                level(high);
                level(low);
            }
            for (int row = 0; row < rows; row++) {
                code.broadcast(factor, factor(row));
                a.op(VFMADD231PS, sum(vectors, row, n), low, factor);
                a.op(VFMADD231PS, sum(vectors, row, n + 1), high, factor);
            }
        }
    }

    /** From four bits, one to the left, to the number. */
    private void level(Vec x) {
        a.op(VPAND, x, x, code.constant(30));
        a.op(VPSUBD, x, x, code.constant(15));
        a.op(VCVTDQ2PS, x, x);
    }

    private void multiplyBytes(int vectors) {
        for (int n = 0; n < vectors; n++) {
            if (kind == Kind.Q4_KEY) {
                multiplyHalfBytes(vectors, n);
            } else if (code.isa.vnni()) {
                code.load(held(vectors, 0), element(n));
                for (int row = 0; row < rows; row++) {
                    dot(sum(vectors, row, n), held(vectors, 0), factor(row), held(vectors, 1));
                }
            } else {
                multiplySigned(vectors, n);
            }
        }
    }

    /** {@code sum += bytes . factors}, in each lane. */
    private void dot(Vec sum, Vec bytes, Mem factors, Vec spare) {
        if (code.isa.avx512()) {
            a.op(VPDPBUSD, sum, bytes, factors.toAll());
        } else {
            code.broadcast(spare, factors);
            a.op(VPDPBUSD, sum, bytes, spare);
        }
    }

    private void multiplySigned(int vectors, int n) {
        Vec keys = held(vectors, 0);
        Vec magnitudes = held(vectors, 1);
        Vec product = held(vectors, 2);
        code.load(keys, element(n));
        a.op(VPXOR, keys, keys, code.constant(SIGN_BITS));
        a.op(VPABSB, magnitudes, keys);
        if (code.isa.avx512()) {
            a.op(VPMOVB2M, NEGATIVE, keys);
            code.zero(keys);
        }
        for (int row = 0; row < rows; row++) {
            code.broadcast(product, factor(row));
            if (code.isa.avx512()) {
                a.op(VPSUBB, Masking.merge(NEGATIVE), product, keys, product);
            } else {
                a.op(VPSIGNB, product, product, keys);
            }
            a.op(VPMADDUBSW, product, magnitudes, product);
            addPairs(sum(vectors, row, n), product);
        }
    }

    private void multiplyHalfBytes(int vectors, int n) {
        Vec low = held(vectors, 0);
        Vec high = held(vectors, 1);
        Vec product = held(vectors, 2);
        Vec other = held(vectors, 3);
        code.load(high, element(n));
        a.op(VPAND, low, high, code.constant(LOW_HALVES));
        a.op(VPSRLW, high, high, 4);
        a.op(VPAND, high, high, code.constant(LOW_HALVES));
        for (int row = 0; row < rows; row++) {
            Mem second = factor(row).plus(Integer.BYTES);
            if (code.isa.vnni()) {
                dot(sum(vectors, row, n), low, factor(row), product);
                dot(sum(vectors, row, n), high, second, product);
                continue;
            }
            code.broadcast(product, factor(row));
            a.op(VPMADDUBSW, product, low, product);
            code.broadcast(other, second);
            a.op(VPMADDUBSW, other, high, other);
            a.op(VPADDW, product, product, other);
            addPairs(sum(vectors, row, n), product);
        }
    }

    /** Adds pairs of 16-bit products to a sum. */
    private void addPairs(Vec sum, Vec product) {
        a.op(VPMADDWD, product, product, a.constant(ONES_OF_16_BITS, code.isa.lanes()));
        a.op(VPADDD, sum, sum, product);
    }
}
