package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.ADDP;
import static kawi.assembler.a64.VectorOp.EXT;
import static kawi.assembler.a64.VectorOp.FABS;
import static kawi.assembler.a64.VectorOp.FCVTNS;
import static kawi.assembler.a64.VectorOp.FDIV;
import static kawi.assembler.a64.VectorOp.FMAX;
import static kawi.assembler.a64.VectorOp.FMAXV;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.NEG;
import static kawi.assembler.a64.VectorOp.SADDLP;
import static kawi.assembler.a64.VectorOp.SCVTF;
import static kawi.assembler.a64.VectorOp.SMAX;
import static kawi.assembler.a64.VectorOp.SQXTN;
import static kawi.assembler.a64.VectorOp.SQXTN2;
import static kawi.kernels.assembled.MatrixArguments.Quantize.BLOCKS;
import static kawi.kernels.assembled.MatrixArguments.Quantize.IN;
import static kawi.kernels.assembled.MatrixArguments.Quantize.OUT;
import static kawi.kernels.assembled.MatrixArguments.Quantize.REST;
import static kawi.kernels.assembled.MatrixArguments.Quantize.ROWS;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.Activations;
import kawi.kernels.ScalarMatrixKernel;

/**
 * Emits the int8 form of activations, bit-identical to that of {@link ScalarMatrixKernel#quantizeBlock}.
 *
 * <p>The maximum of floats is NaN if one of them is. Conversions saturate: a quotient beyond 127, of a scale that was
 * rounded down to a subnormal number, becomes 127. A partial block is copied behind the arguments and padded with
 * zeros.
 */
final class QuantizeCode {

    private static final int PART = 64;
    private static final int VECTORS = Activations.BLOCK / A64Code.LANES;
    private static final int INFINITY = 0x7f80_0000;
    private static final int MAX_QUANT = 127;

    private static final Gp FLOATS = Gp.X1;
    private static final Gp BLOCK = Gp.X2;
    private static final Gp ROWS_LEFT = Gp.X3;
    private static final Gp BLOCKS_LEFT = Gp.X4;
    private static final Gp FROM = Gp.X5;
    private static final Gp PARTIAL = Gp.X6;
    private static final Gp REST_LEFT = Gp.X7;
    private static final Gp TO = Gp.X8;
    private static final Gp VALUE = Gp.X9;
    private static final Gp LIMIT = Gp.X10;

    private final A64Code code;
    private final Assembler a;

    private QuantizeCode(A64Code code) {
        this.code = code;
        this.a = code.a;
    }

    static void emit(A64Code code) {
        new QuantizeCode(code).emit();
    }

    private static Vec x(int i) {
        return A64Code.v(i);
    }

    private static Vec temporary(int i) {
        return A64Code.v(VECTORS + i);
    }

    private static Vec maxQuant() {
        return A64Code.v(30);
    }

    private static Vec minQuant() {
        return A64Code.v(31);
    }

    private void emit() {
        Label quantize = a.label();
        a.ldr(FLOATS, A64Code.arg(IN));
        a.ldr(BLOCK, A64Code.arg(OUT));
        a.ldr(ROWS_LEFT, A64Code.arg(ROWS));
        a.mov(LIMIT, INFINITY - 1);
        code.set(maxQuant(), (float) MAX_QUANT);
        a.movi(minQuant().b16(), -MAX_QUANT & 0xff);
        Label row = a.here();
        a.ldr(BLOCKS_LEFT, A64Code.arg(BLOCKS));
        Label block = a.here();
        Label part = a.label();
        a.cbz(BLOCKS_LEFT, part);
        a.mov(FROM, FLOATS);
        a.op(GpOp.ADD, FLOATS, FLOATS, Activations.BLOCK * Float.BYTES);
        a.op(GpOp.SUB, BLOCKS_LEFT, BLOCKS_LEFT, 1);
        a.mov(PARTIAL, 0);
        a.b(quantize);

        a.bind(part);
        Label rowEnd = a.label();
        a.ldr(REST_LEFT, A64Code.arg(REST));
        a.cbz(REST_LEFT, rowEnd);
        copyPart();
        a.mov(PARTIAL, 1);

        a.bind(quantize);
        quantize();
        a.op(GpOp.ADD, BLOCK, BLOCK, Activations.BLOCK_BYTES);
        a.cbz(PARTIAL, block);

        a.bind(rowEnd);
        a.op(GpOp.SUBS, ROWS_LEFT, ROWS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, row);
    }

    private void copyPart() {
        code.zero(x(0));
        for (int i = 0; i < VECTORS; i += 2) {
            a.stp(x(0).q(), x(0).q(), A64Code.arg(PART + i * A64Code.VECTOR_BYTES));
        }
        a.op(GpOp.ADD, FROM, Gp.X0, PART);
        a.mov(TO, FROM);
        Label next = a.here();
        a.ldrw(VALUE, Mem.post(FLOATS, Float.BYTES));
        a.strw(VALUE, Mem.post(TO, Float.BYTES));
        a.op(GpOp.SUBS, REST_LEFT, REST_LEFT, 1);
        a.b(Condition.NOT_EQUAL, next);
    }

    /** Quantizes the 32 floats at FROM to the block at BLOCK. */
    private void quantize() {
        for (int i = 0; i < VECTORS; i += 2) {
            a.ldp(x(i).q(), x(i + 1).q(), Mem.at(FROM, i * A64Code.VECTOR_BYTES));
        }
        for (int i = 0; i < VECTORS; i++) {
            a.op(FABS, temporary(i).s4(), x(i).s4());
        }
        for (int distance = VECTORS / 2; distance > 0; distance /= 2) {
            for (int i = 0; i < distance; i++) {
                a.op(
                        FMAX,
                        temporary(i).s4(),
                        temporary(i).s4(),
                        temporary(i + distance).s4());
            }
        }
        Vec scale = temporary(0);
        a.op(FMAXV, scale.s(), scale.s4());
        a.op(FDIV, scale.s(), scale.s(), maxQuant().s());

        // Unless 0 < scale < infinity, as bits: no quants.
        Label usable = a.label();
        Label store = a.label();
        a.fmov(VALUE, scale.s());
        a.op(GpOp.SUB, VALUE, VALUE, 1);
        a.cmp(VALUE, LIMIT);
        a.b(Condition.LOWER, usable);
        code.zero(x(0));
        code.zero(x(1));
        a.b(store);

        a.bind(usable);
        Vec divisor = temporary(1);
        a.dup(divisor.s4(), scale.s(0));
        for (int i = 0; i < VECTORS; i++) {
            a.op(FDIV, x(i).s4(), x(i).s4(), divisor.s4());
        }
        for (int i = 0; i < VECTORS; i++) {
            a.op(FCVTNS, x(i).s4(), x(i).s4());
        }
        for (int i = 0; i < VECTORS / 2; i++) {
            a.op(SQXTN, x(i).h4(), x(2 * i).s4());
            a.op(SQXTN2, x(i).h8(), x(2 * i + 1).s4());
        }
        for (int i = 0; i < 2; i++) {
            a.op(SQXTN, x(i).b8(), x(2 * i).h8());
            a.op(SQXTN2, x(i).b16(), x(2 * i + 1).h8());
        }
        for (int i = 0; i < 2; i++) {
            a.op(SMAX, x(i).b16(), x(i).b16(), minQuant().b16());
        }

        a.bind(store);
        a.stp(x(0).q(), x(1).q(), Mem.at(BLOCK));
        sums(scale);
    }

    /** Stores the scale and the sums. */
    private void sums(Vec scale) {
        Vec halves = x(2);
        Vec all = x(3);
        a.op(SADDLP, x(0).h8(), x(0).b16());
        a.op(SADDLP, x(1).h8(), x(1).b16());
        a.op(ADDP, halves.h8(), x(0).h8(), x(1).h8());
        a.op(SADDLP, halves.s4(), halves.h8());
        // first, second, first, second
        a.op(ADDP, halves.s4(), halves.s4(), halves.s4());
        a.op(ADDP, all.s4(), halves.s4(), halves.s4());
        // In lanes 1 to 3, and in lanes 0 to 2: all, first, second.
        Vec negated = x(4);
        Vec scaled = x(5);
        a.op(EXT, negated.b16(), all.b16(), halves.b16(), 2 * Float.BYTES);
        a.op(NEG, negated.s4(), negated.s4());
        a.ins(negated.s(0), scale.s(0));
        a.op(EXT, scaled.b16(), all.b16(), halves.b16(), 3 * Float.BYTES);
        a.op(SCVTF, scaled.s4(), scaled.s4());
        a.op(FMUL, scaled.s4(), scaled.s4(), scale.s(0));
        a.ins(scaled.s(3), Gp.ZR);
        a.stp(negated.q(), scaled.q(), Mem.at(BLOCK, Activations.SCALE));
    }
}
