package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.ABOVE;
import static kawi.assembler.x86.Condition.EQUAL;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDI;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VBROADCASTSS;
import static kawi.assembler.x86.VectorOp.VCVTDQ2PS;
import static kawi.assembler.x86.VectorOp.VCVTPS2DQ;
import static kawi.assembler.x86.VectorOp.VDIVPS;
import static kawi.assembler.x86.VectorOp.VDIVSS;
import static kawi.assembler.x86.VectorOp.VEXTRACTF128;
import static kawi.assembler.x86.VectorOp.VEXTRACTF64X4;
import static kawi.assembler.x86.VectorOp.VMOVD_STORE;
import static kawi.assembler.x86.VectorOp.VMULSS;
import static kawi.assembler.x86.VectorOp.VPACKSSDW;
import static kawi.assembler.x86.VectorOp.VPACKSSWB;
import static kawi.assembler.x86.VectorOp.VPADDD;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPERMD;
import static kawi.assembler.x86.VectorOp.VPERMILPS;
import static kawi.assembler.x86.VectorOp.VPMAXSD;
import static kawi.assembler.x86.VectorOp.VPMINSD;
import static kawi.assembler.x86.VectorOp.VPMOVDB;
import static kawi.kernels.assembled.MatrixArguments.Quantize.BLOCKS;
import static kawi.kernels.assembled.MatrixArguments.Quantize.IN;
import static kawi.kernels.assembled.MatrixArguments.Quantize.OUT;
import static kawi.kernels.assembled.MatrixArguments.Quantize.REST;
import static kawi.kernels.assembled.MatrixArguments.Quantize.ROWS;

import java.util.List;
import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VectorOp;
import kawi.kernels.Activations;
import kawi.kernels.ScalarMatrixKernel;

/**
 * Emits the int8 form of activations, bit-identical to that of {@link ScalarMatrixKernel#quantizeBlock}.
 *
 * <p>Without their signs, floats are ordered like the ints of the same bits, NaN above infinity: the largest magnitude
 * of a block is an integer maximum. A partial block is copied behind the arguments and padded with zeros.
 */
final class QuantizeCode {

    private static final int PART = 64;

    private static final int MAGNITUDE = 0x7fff_ffff;
    private static final int INFINITY = 0x7f80_0000;
    private static final int MAX_QUANT = 127;

    private final KernelCode code;
    private final Assembler a;

    /** Vectors per block. */
    private final int vectors;

    private QuantizeCode(KernelCode code) {
        this.code = code;
        this.a = code.a;
        this.vectors = Activations.BLOCK / code.isa.lanes();
    }

    static void emit(KernelCode code) {
        new QuantizeCode(code).emit();
    }

    private Vec x(int i) {
        return code.v(i);
    }

    private Vec temporary(int i) {
        return code.v(vectors + i);
    }

    // ---- RSI floats, R8 blocks of int8; R10 rows left, R11 blocks left; R9 the block's floats

    private void emit() {
        Label quantize = a.label();
        a.load(RSI, KernelCode.arg(IN));
        a.load(R8, KernelCode.arg(OUT));
        a.load(R10, KernelCode.arg(ROWS));
        Label row = a.here();
        a.load(R11, KernelCode.arg(BLOCKS));
        Label block = a.here();
        Label part = a.label();
        a.test(R11, R11);
        a.jump(EQUAL, part);
        a.mov(R9, RSI);
        a.op(GpOp.ADD, RSI, Activations.BLOCK * Float.BYTES);
        a.op(GpOp.SUB, R11, 1);
        a.mov(R12, 0);
        a.jump(quantize);

        a.bind(part);
        Label rowEnd = a.label();
        a.load(RCX, KernelCode.arg(REST));
        a.test(RCX, RCX);
        a.jump(EQUAL, rowEnd);
        copyPart();
        a.mov(R12, 1);

        a.bind(quantize);
        quantize();
        a.op(GpOp.ADD, R8, Activations.BLOCK_BYTES);
        a.test(R12, R12);
        a.jump(EQUAL, block);

        a.bind(rowEnd);
        a.op(GpOp.SUB, R10, 1);
        a.jump(NOT_EQUAL, row);
    }

    private void copyPart() {
        code.zero(x(0));
        for (int i = 0; i < vectors; i++) {
            code.store(Mem.at(RDI, PART + i * code.bytes()), x(0));
        }
        a.lea(R9, Mem.at(RDI, PART));
        a.mov(RDX, R9);
        Label next = a.here();
        a.load32(RAX, Mem.at(RSI));
        a.store32(Mem.at(RDX), RAX);
        a.op(GpOp.ADD, RSI, Float.BYTES);
        a.op(GpOp.ADD, RDX, Float.BYTES);
        a.op(GpOp.SUB, RCX, 1);
        a.jump(NOT_EQUAL, next);
    }

    /** Quantizes the 32 floats at R9 to the block at R8. */
    private void quantize() {
        for (int i = 0; i < vectors; i++) {
            code.load(x(i), Mem.at(R9, i * code.bytes()));
            a.op(VPAND, temporary(i), x(i), code.constant(MAGNITUDE));
            if (i > 0) {
                a.op(VPMAXSD, temporary(0), temporary(0), temporary(i));
            }
        }
        reduce(VPMAXSD, temporary(0), temporary(1));
        Vec scale = temporary(0).xmm();
        a.op(VDIVSS, scale, scale, a.constant((float) MAX_QUANT));
        a.op(VMOVD_STORE, scale, Mem.at(R8, Activations.SCALE));

        // Unless 0 < scale < infinity, as bits: no quants.
        Label usable = a.label();
        Label store = a.label();
        a.vmovd(RAX, scale);
        a.op(GpOp.SUB, RAX, 1);
        a.mov(RCX, INFINITY - 1);
        a.op(GpOp.CMP, RCX, RAX);
        a.jump(ABOVE, usable);
        for (int i = 0; i < vectors; i++) {
            code.zero(x(i));
        }
        a.jump(store);

        a.bind(usable);
        Vec divisor = temporary(1);
        a.op(VBROADCASTSS, divisor, scale);
        for (int i = 0; i < vectors; i++) {
            a.op(VDIVPS, x(i), x(i), divisor);
            a.op(VCVTPS2DQ, x(i), x(i));
            a.op(VPMAXSD, x(i), x(i), code.constant(-MAX_QUANT));
            a.op(VPMINSD, x(i), x(i), code.constant(MAX_QUANT));
        }

        a.bind(store);
        if (code.isa.avx512()) {
            a.op(VPMOVDB, x(0), Mem.at(R8));
            a.op(VPMOVDB, x(1), Mem.at(R8, 16));
            sum(RAX, x(0), temporary(1));
            sum(RCX, x(1), temporary(1));
        } else {
            a.op(VPACKSSDW, temporary(1), x(0), x(1));
            a.op(VPACKSSDW, temporary(2), x(2), x(3));
            a.op(VPACKSSWB, temporary(1), temporary(1), temporary(2));
            // Packing works within 128 bits: its words are in the order 0 2 4 6 1 3 5 7.
            code.load(temporary(2), a.constant(List.of(0, 4, 1, 5, 2, 6, 3, 7)));
            a.op(VPERMD, temporary(1), temporary(2), temporary(1));
            code.store(Mem.at(R8), temporary(1));
            a.op(VPADDD, x(0), x(0), x(1));
            a.op(VPADDD, x(2), x(2), x(3));
            sum(RAX, x(0), temporary(1));
            sum(RCX, x(2), temporary(1));
        }
        a.lea(RDX, Mem.at(RAX, RCX, 1, 0));
        sums(RDX, Activations.NEGATED_SUM, Activations.SCALED_SUM, scale);
        sums(RAX, Activations.NEGATED_HALF_SUMS, Activations.SCALED_HALF_SUMS, scale);
        sums(RCX, Activations.NEGATED_HALF_SUMS + 4, Activations.SCALED_HALF_SUMS + 4, scale);
    }

    private void sum(Gp to, Vec from, Vec spare) {
        reduce(VPADDD, from, spare);
        a.vmovd(to, from.xmm());
    }

    private void sums(Gp sum, int negated, int scaled, Vec scale) {
        Vec product = temporary(1).xmm();
        a.vmovd(product, sum);
        a.op(VCVTDQ2PS, product, product);
        a.op(VMULSS, product, product, scale);
        a.op(VMOVD_STORE, product, Mem.at(R8, scaled));
        a.mov(R9, 0);
        a.op(GpOp.SUB, R9, sum);
        a.store32(Mem.at(R8, negated), R9);
    }

    /** Combines all lanes into lane 0, for operations whose order does not matter. */
    private void reduce(VectorOp op, Vec vec, Vec spare) {
        if (vec.bits() == 512) {
            a.op(VEXTRACTF64X4, vec, spare.ymm(), 1);
            a.op(op, vec.ymm(), vec.ymm(), spare.ymm());
        }
        a.op(VEXTRACTF128, vec.ymm(), spare.xmm(), 1);
        a.op(op, vec.xmm(), vec.xmm(), spare.xmm());
        a.op(VPERMILPS, spare.xmm(), vec.xmm(), 0x4e);
        a.op(op, vec.xmm(), vec.xmm(), spare.xmm());
        a.op(VPERMILPS, spare.xmm(), vec.xmm(), 0xb1);
        a.op(op, vec.xmm(), vec.xmm(), spare.xmm());
    }
}
