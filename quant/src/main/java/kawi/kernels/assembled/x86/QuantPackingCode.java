package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.EQUAL;
import static kawi.assembler.x86.Condition.LESS;
import static kawi.assembler.x86.Condition.LESS_OR_EQUAL;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R10;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VMOVUPS;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPBROADCASTD;
import static kawi.assembler.x86.VectorOp.VPCMPEQB;
import static kawi.assembler.x86.VectorOp.VPOR;
import static kawi.assembler.x86.VectorOp.VPSHUFB;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.assembler.x86.VectorOp.VPSLLW;
import static kawi.assembler.x86.VectorOp.VPSRLW;
import static kawi.assembler.x86.VectorOp.VPXOR;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.IN;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.OUT;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.QUANT_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.ROWS;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.ROW_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.UNITS;

import java.util.List;
import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.UnitPacking;
import kawi.quant.QuantizedFormat;

/**
 * Emits the packing of a file's quantized rows into {@link QuantLayout}: for each group of 16 rows, for each unit of
 * columns, for each row, its blocks are read in the file's format (see the class of the format) and scattered among the
 * chunks.
 *
 * <p>The code uses only 128-bit registers, which all instruction sets have; memory bandwidth is the limit.
 */
final class QuantPackingCode extends UnitPacking {

    private static final Vec U0 = BlockScatter.U0;
    private static final Vec U1 = BlockScatter.U1;
    private static final Vec T0 = Vec.xmm(2);
    private static final Vec BITS = Vec.xmm(4);
    private static final Vec PAIRS = Vec.xmm(5);

    private final Assembler a;
    private final int fileBytes;
    private final BlockScatter blocks;

    private QuantPackingCode(KernelCode code, QuantLayout layout, QuantizedFormat format) {
        super(layout, format);
        this.a = code.a;
        this.fileBytes = format.blockBytes();
        this.blocks = new BlockScatter(code, layout);
    }

    static void emit(KernelCode code, QuantLayout layout, QuantizedFormat format) {
        new QuantPackingCode(code, layout, format).emit();
    }

    // ---- loops: R13 the group's first row, R9 a row's block, RBX its number, RSI and R8 quants and scales of the
    // unit, RAX units left, RBP group

    private void emit() {
        a.load(RBP, KernelCode.arg(OUT));
        a.load(R13, KernelCode.arg(IN));
        Label group = a.here();
        a.mov(RSI, RBP);
        a.mov(R8, RBP);
        a.op(GpOp.ADD, R8, KernelCode.arg(QUANT_BYTES));
        a.load(RAX, KernelCode.arg(UNITS));
        a.mov(R14, R13);
        Label unit = a.here();
        a.mov(R9, R14);
        a.mov(RBX, 0);
        Label row = a.here();
        unit();
        a.op(GpOp.ADD, R9, KernelCode.arg(ROW_BYTES));
        a.op(GpOp.ADD, RBX, 1);
        Label full = a.label();
        a.op(GpOp.CMP, RBX, KernelCode.arg(ROWS));
        a.jump(EQUAL, full);
        a.op(GpOp.CMP, RBX, QuantLayout.ROWS);
        a.jump(LESS, row);
        a.bind(full);
        a.op(GpOp.ADD, R14, fileBytes);
        a.op(GpOp.ADD, RSI, format.blockSize() / QuantLayout.BLOCK * layout.blockBytes());
        a.op(GpOp.ADD, R8, format.blockSize() / layout.unit() * layout.unitScaleBytes());
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, unit);
        a.mov(R13, R9);
        // R9 is past the start of the last unit of the last row: go back to the start of that row, and on to the next
        // group's.
        a.load(RAX, KernelCode.arg(UNITS));
        a.op(GpOp.SUB, RAX, 1);
        a.imul(RAX, RAX, fileBytes);
        a.op(GpOp.SUB, R13, RAX);
        a.op(GpOp.ADD, RBP, KernelCode.arg(GROUP_BYTES));
        a.load(RAX, KernelCode.arg(ROWS));
        a.op(GpOp.SUB, RAX, QuantLayout.ROWS);
        a.store(KernelCode.arg(ROWS), RAX);
        a.op(GpOp.CMP, RAX, 0);
        Label end = a.label();
        a.jump(LESS_OR_EQUAL, end);
        a.jump(group);
        a.bind(end);
    }

    // ---- pieces of a row's unit

    private void load(Vec to, int at) {
        a.op(VMOVUPS, to, Mem.at(R9, at));
    }

    private Mem bytes(int value) {
        return a.constant(value * 0x0101_0101, 4);
    }

    @Override
    protected void scatterNibbles(int at, int to) {
        load(T0, at);
        blocks.scatter(T0, to);
    }

    @Override
    protected void scatter(int to) {
        blocks.scatter(to);
    }

    @Override
    protected void byteScales(int at) {
        for (int run = 0; run < format.blockSize() / layout.run(); run++) {
            a.loadByte(RCX, Mem.at(R9, at + run));
            a.storeByte(Mem.at(R8, RBX, 1, layout.factorBytes() + run * layout.runScaleBytes()), RCX);
        }
    }

    @Override
    protected void signedBytes(int at) {
        load(U0, at);
        load(U1, at + 16);
        a.op(VPXOR, U0, U0, bytes(0x80));
        a.op(VPXOR, U1, U1, bytes(0x80));
    }

    @Override
    protected void loadPairs(int at) {
        load(PAIRS, at);
    }

    @Override
    protected void pairs(int firstByte) {
        pairs(U0, firstByte);
        pairs(U1, firstByte + 4);
    }

    @Override
    protected void halves(int... at) {
        for (int i = 0; i < at.length; i++) {
            a.loadWord(RCX, Mem.at(R9, at[i]));
            a.storeWord(Mem.at(R8, RBX, 2, i * QuantLayout.ROWS * Short.BYTES), RCX);
        }
    }

    @Override
    protected void exponent(int at) {
        Label subnormal = a.label();
        Label end = a.label();
        a.loadByte(RCX, Mem.at(R9, at));
        a.mov(RDX, 0x20);
        a.op(GpOp.CMP, RCX, 2);
        a.jump(LESS, subnormal);
        a.op(GpOp.SUB, RCX, 1);
        a.shl(RCX, 7);
        a.mov(RDX, RCX);
        a.jump(end);
        a.bind(subnormal);
        a.shlByCl(RDX);
        a.bind(end);
        a.storeWord(Mem.at(R8, RBX, 2, 0), RDX);
    }

    @Override
    protected void splitScales(int upper, int lower) {
        for (int run = 0; run < QuantLayout.SUPER_BLOCK / QuantLayout.BLOCK; run++) {
            a.loadByte(RCX, Mem.at(R9, lower + run / 2));
            a.shr(RCX, run % 2 * 4);
            a.op(GpOp.AND, RCX, 0x0f);
            a.loadWord(RDX, Mem.at(R9, upper));
            a.shl(RDX, 4);
            a.shr(RDX, 2 * run);
            a.op(GpOp.AND, RDX, 0x30);
            a.op(GpOp.OR, RCX, RDX);
            a.op(GpOp.SUB, RCX, 32);
            a.storeByte(Mem.at(R8, RBX, 1, layout.factorBytes() + run * layout.runScaleBytes()), RCX);
        }
    }

    @Override
    protected void sharedHalf(int at) {
        a.loadWord(RCX, Mem.at(R9, at));
        for (int run = 0; run < format.blockSize() / layout.run(); run++) {
            a.storeWord(Mem.at(R8, RBX, 2, run * layout.runScaleBytes()), RCX);
        }
    }

    /** Spreads the pairs of bits of 4 bytes of PAIRS, lowest first, one to a byte. */
    private void pairs(Vec u, int firstByte) {
        int none = 0x8080_8000;
        a.op(
                VPSHUFB,
                u,
                PAIRS,
                a.constant(
                        List.of(none | firstByte, none | firstByte + 1, none | firstByte + 2, none | firstByte + 3)));
        a.op(VPSLLD, T0, u, 12);
        a.op(VPOR, u, u, T0);
        a.op(VPAND, u, u, a.constant(0x000f_000f, 4));
        a.op(VPSLLD, T0, u, 6);
        a.op(VPOR, u, u, T0);
        a.op(VPAND, u, u, bytes(0x03));
    }

    @Override
    protected void singleBits(int at) {
        a.op(VPBROADCASTD, BITS, Mem.at(R9, at));
        bitsToBytes(U0, 0x0000_0000, 0x0101_0101, 1);
        bitsToBytes(U1, 0x0202_0202, 0x0303_0303, 1);
    }

    @Override
    protected void fields(int at, int shift, int mask) {
        load(U0, at);
        load(U1, at + 16);
        if (shift > 0) {
            a.op(VPSRLW, U0, U0, shift);
            a.op(VPSRLW, U1, U1, shift);
        }
        a.op(VPAND, U0, U0, bytes(mask));
        a.op(VPAND, U1, U1, bytes(mask));
    }

    @Override
    protected void upper(int at, int shift, int mask, int to) {
        upper(U0, at, shift, mask, to);
        upper(U1, at + 16, shift, mask, to);
    }

    private void upper(Vec u, int at, int shift, int mask, int to) {
        load(T0, at);
        if (shift > 0) {
            a.op(VPSRLW, T0, T0, shift);
        }
        a.op(VPAND, T0, T0, bytes(mask));
        a.op(VPSLLW, T0, T0, to);
        a.op(VPOR, u, u, T0);
    }

    @Override
    protected void fiveBits(int nibbles, int bits) {
        load(U0, nibbles);
        a.op(VPSRLW, U1, U0, 4);
        a.op(VPAND, U0, U0, bytes(0x0f));
        a.op(VPAND, U1, U1, bytes(0x0f));
        a.op(VPBROADCASTD, BITS, Mem.at(R9, bits));
        bitsToBytes(T0, 0x0000_0000, 0x0101_0101, 0x10);
        a.op(VPOR, U0, U0, T0);
        bitsToBytes(T0, 0x0202_0202, 0x0303_0303, 0x10);
        a.op(VPOR, U1, U1, T0);
    }

    /** {@code value} where a bit is set, else 0: 8 bits of one of the 4 bytes in BITS, then 8 of another. */
    private void bitsToBytes(Vec to, int firstByte, int secondByte, int value) {
        Mem each = a.constant(List.of(0x0804_0201, 0x8040_2010, 0x0804_0201, 0x8040_2010));
        a.op(VPSHUFB, to, BITS, a.constant(List.of(firstByte, firstByte, secondByte, secondByte)));
        a.op(VPAND, to, to, each);
        a.op(VPCMPEQB, to, to, each);
        a.op(VPAND, to, to, bytes(value));
    }

    @Override
    protected void sixBitScales(int at) {
        a.load32(RCX, Mem.at(R9, at));
        a.load32(RDX, Mem.at(R9, at + 4));
        a.load32(R10, Mem.at(R9, at + 8));

        a.mov(R11, RCX);
        a.op(GpOp.AND, R11, 0x3f3f_3f3f);
        spread(R11, 0, 0);
        a.mov(R11, RDX);
        a.op(GpOp.AND, R11, 0x3f3f_3f3f);
        spread(R11, 0, QuantLayout.ROWS);

        a.mov(R11, R10);
        a.op(GpOp.AND, R11, 0x0f0f_0f0f);
        a.shr(RCX, 2);
        a.op(GpOp.AND, RCX, 0x3030_3030);
        a.op(GpOp.OR, R11, RCX);
        spread(R11, 4, 0);

        a.shr(R10, 4);
        a.op(GpOp.AND, R10, 0x0f0f_0f0f);
        a.shr(RDX, 2);
        a.op(GpOp.AND, RDX, 0x3030_3030);
        a.op(GpOp.OR, R10, RDX);
        spread(R10, 4, QuantLayout.ROWS);
    }

    @Override
    protected void fourBitScales(int at) {
        for (int run = 0; run < QuantLayout.SUPER_BLOCK / layout.run(); run++) {
            int to = layout.factorBytes() + run * layout.runScaleBytes();
            a.loadByte(RCX, Mem.at(R9, at + run));
            a.mov(RDX, RCX);
            a.op(GpOp.AND, RCX, 0x0f);
            a.shr(RDX, 4);
            a.storeByte(Mem.at(R8, RBX, 1, to), RCX);
            a.storeByte(Mem.at(R8, RBX, 1, to + QuantLayout.ROWS), RDX);
        }
    }

    @Override
    protected void signedScales(int at) {
        for (int four = 0; four < 4; four++) {
            a.load32(RCX, Mem.at(R9, at + four % 2 * Integer.BYTES));
            a.shr(RCX, four / 2 * 4);
            a.op(GpOp.AND, RCX, 0x0f0f_0f0f);
            a.load32(RDX, Mem.at(R9, at + 2 * Integer.BYTES));
            a.shl(RDX, 4);
            a.shr(RDX, 2 * four);
            a.op(GpOp.AND, RDX, 0x3030_3030);
            a.op(GpOp.OR, RCX, RDX);
            // Less 32: bit 5 is inverted and becomes the sign, which fills the upper bits.
            a.op(GpOp.XOR, RCX, 0x2020_2020);
            a.mov(RDX, RCX);
            a.op(GpOp.AND, RDX, 0x2020_2020);
            for (int bit = 6; bit < Byte.SIZE; bit++) {
                a.shl(RDX, 1);
                a.op(GpOp.OR, RCX, RDX);
            }
            spread(RCX, 4 * four, 0);
        }
    }

    /** Writes the 4 bytes of a register to 4 runs. */
    private void spread(Gp four, int firstRun, int offset) {
        for (int i = 0; i < 4; i++) {
            int at = layout.factorBytes() + (firstRun + i) * layout.runScaleBytes() + offset;
            a.storeByte(Mem.at(R8, RBX, 1, at), four);
            a.shr(four, 8);
        }
    }
}
