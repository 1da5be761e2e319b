package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VMOVUPS;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPOR;
import static kawi.assembler.x86.VectorOp.VPSHUFB;
import static kawi.assembler.x86.VectorOp.VPSRLW;
import static kawi.assembler.x86.VectorOp.VPSUBB;
import static kawi.assembler.x86.VectorOp.VPXOR;
import static kawi.kernels.assembled.MatrixArguments.IntegerPacking.BLOCKS;
import static kawi.kernels.assembled.MatrixArguments.IntegerPacking.IN;
import static kawi.kernels.assembled.MatrixArguments.IntegerPacking.OUT;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the packing of integers of a row into {@link QuantLayout}. Their codes are the sums with the layout's offset.
 * If there is a table, codes are looked up by the sign and 4 other bits of an integer, in which all of the table with
 * the same sign differ:
 *
 * <pre>
 *    i = bits s to s + 3 of q, and its sign in bit 7        a shuffle of bytes gives 0 if bit 7 is set
 *    code = shuffle(codes of q >= 0, i) | shuffle(codes of q < 0, i with the opposite sign)
 * </pre>
 */
final class IntegerPackingCode {

    private static final int ENTRIES = 16;

    private static final Vec TEMPORARY = Vec.xmm(2);
    private static final Vec INDEX = Vec.xmm(3);
    private static final Vec POSITIVE = Vec.xmm(5);
    private static final Vec NEGATIVE = Vec.xmm(6);

    private final Assembler a;
    private final QuantLayout layout;
    private final int shift;

    private IntegerPackingCode(KernelCode code, QuantLayout layout) {
        this.a = code.a;
        this.layout = layout;
        this.shift = layout.firstTellingBit();
    }

    static void emit(KernelCode code, QuantLayout layout) {
        new IntegerPackingCode(code, layout).emit(new BlockScatter(code, layout));
    }

    private void emit(BlockScatter scatter) {
        a.load(RDX, KernelCode.arg(IN));
        a.load(RAX, KernelCode.arg(BLOCKS));
        a.load(RSI, KernelCode.arg(OUT));
        a.mov(RBX, 0);
        if (!layout.values().isEmpty()) {
            a.op(VMOVUPS, POSITIVE, codes(false));
            a.op(VMOVUPS, NEGATIVE, codes(true));
        }
        Label block = a.here();
        a.op(VMOVUPS, BlockScatter.U0, Mem.at(RDX));
        a.op(VMOVUPS, BlockScatter.U1, Mem.at(RDX, ENTRIES));
        encode(BlockScatter.U0);
        encode(BlockScatter.U1);
        scatter.scatter(0);
        a.op(GpOp.ADD, RDX, QuantLayout.BLOCK);
        a.op(GpOp.ADD, RSI, layout.blockBytes());
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, block);
    }

    private Mem bytes(int value) {
        return a.constant((value & 0xff) * 0x0101_0101, 4);
    }

    private void encode(Vec u) {
        if (layout.values().isEmpty()) {
            a.op(VPSUBB, u, u, bytes(-layout.offset()));
            return;
        }
        a.op(VPSRLW, INDEX, u, shift);
        a.op(VPAND, INDEX, INDEX, bytes(ENTRIES - 1));
        a.op(VPAND, TEMPORARY, u, bytes(0x80));
        a.op(VPOR, INDEX, INDEX, TEMPORARY);
        a.op(VPSHUFB, u, POSITIVE, INDEX);
        a.op(VPXOR, INDEX, INDEX, bytes(0x80));
        a.op(VPSHUFB, INDEX, NEGATIVE, INDEX);
        a.op(VPOR, u, u, INDEX);
    }

    /** The codes of the integers with one sign, by 4 of their bits; of equal integers, the first code. */
    private Mem codes(boolean negative) {
        int[] codes = new int[ENTRIES];
        for (int code = layout.values().size() - 1; code >= 0; code--) {
            int value = layout.values().get(code);
            if ((value < 0) == negative) {
                codes[(value >> shift) & (ENTRIES - 1)] = code;
            }
        }
        return a.constantBytes(codes);
    }
}
