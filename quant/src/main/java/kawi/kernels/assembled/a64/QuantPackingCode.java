package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.AND;
import static kawi.assembler.a64.VectorOp.CMTST;
import static kawi.assembler.a64.VectorOp.EOR;
import static kawi.assembler.a64.VectorOp.ORR;
import static kawi.assembler.a64.VectorOp.SHL;
import static kawi.assembler.a64.VectorOp.USHR;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.IN;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.OUT;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.QUANT_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.ROWS;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.ROW_BYTES;
import static kawi.kernels.assembled.MatrixArguments.QuantPacking.UNITS;

import java.util.List;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.QuantLayout;
import kawi.kernels.assembled.UnitPacking;
import kawi.quant.QuantizedFormat;

/**
 * Emits the packing of a file's quantized rows into {@link QuantLayout}: for each group of 16 rows, for each unit of
 * columns, for each row, its blocks are read in the file's format (see the class of the format) and scattered among the
 * chunks.
 */
final class QuantPackingCode extends UnitPacking {

    private static final Vec U0 = BlockScatter.U0;
    private static final Vec U1 = BlockScatter.U1;
    private static final Vec T0 = Vec.v(2);
    private static final Vec BITS = Vec.v(4);
    private static final Vec PAIRS = Vec.v(5);
    private static final Vec CONSTANT = Vec.v(7);

    // ---- general-purpose registers

    private static final Gp GROUP = Gp.X1;
    private static final Gp FIRST_ROW = Gp.X2;
    private static final Gp UNIT_OF_FIRST_ROW = Gp.X3;

    /** The row's unit in the file. */
    private static final Gp UNIT = Gp.X4;

    /** The row's first word of the unit's quants. */
    private static final Gp QUANTS = Gp.X5;

    /** The row's first scale of 16 bits, or of 8 bits. */
    private static final Gp HALVES = Gp.X6;

    private static final Gp BYTES = Gp.X7;

    private static final Gp UNIT_QUANTS = Gp.X8;
    private static final Gp UNIT_SCALES = Gp.X9;
    private static final Gp UNITS_LEFT = Gp.X10;
    private static final Gp ROWS_LEFT = Gp.X11;
    private static final Gp ROWS_OF_GROUP = Gp.X12;
    private static final Gp ROWS_OF_UNIT = Gp.X20;
    private static final Gp ROW_STRIDE = Gp.X13;
    private static final Gp V = Gp.X14;
    private static final Gp W = Gp.X15;
    private static final Gp U = Gp.X17;
    private static final Gp SPARE = Gp.X19;

    private final Assembler a;
    private final BlockScatter blocks;

    private QuantPackingCode(A64Code code, QuantLayout layout, QuantizedFormat format) {
        super(layout, format);
        this.a = code.a;
        this.blocks = new BlockScatter(code.a, layout, QUANTS, SPARE);
    }

    static void emit(A64Code code, QuantLayout layout, QuantizedFormat format) {
        new QuantPackingCode(code, layout, format).emit();
    }

    private void emit() {
        a.ldr(GROUP, A64Code.arg(OUT));
        a.ldr(FIRST_ROW, A64Code.arg(IN));
        a.ldr(ROW_STRIDE, A64Code.arg(ROW_BYTES));
        a.ldr(ROWS_LEFT, A64Code.arg(ROWS));
        Label group = a.here();
        a.mov(SPARE, QuantLayout.ROWS);
        a.cmp(ROWS_LEFT, SPARE);
        a.csel(ROWS_OF_GROUP, ROWS_LEFT, SPARE, Condition.LESS);
        a.ldr(UNIT_SCALES, A64Code.arg(QUANT_BYTES));
        a.mov(UNIT_QUANTS, GROUP);
        a.op(GpOp.ADD, UNIT_SCALES, GROUP, UNIT_SCALES);
        a.ldr(UNITS_LEFT, A64Code.arg(UNITS));
        a.mov(UNIT_OF_FIRST_ROW, FIRST_ROW);
        Label unit = a.here();
        a.mov(UNIT, UNIT_OF_FIRST_ROW);
        a.mov(QUANTS, UNIT_QUANTS);
        a.mov(HALVES, UNIT_SCALES);
        a.mov(BYTES, UNIT_SCALES);
        a.mov(ROWS_OF_UNIT, ROWS_OF_GROUP);
        Label row = a.here();
        unit();
        a.op(GpOp.ADD, UNIT, UNIT, ROW_STRIDE);
        a.op(GpOp.ADD, QUANTS, QUANTS, Integer.BYTES);
        a.op(GpOp.ADD, HALVES, HALVES, Short.BYTES);
        a.op(GpOp.ADD, BYTES, BYTES, 1);
        a.op(GpOp.SUBS, ROWS_OF_UNIT, ROWS_OF_UNIT, 1);
        a.b(Condition.NOT_EQUAL, row);
        a.op(GpOp.ADD, UNIT_OF_FIRST_ROW, UNIT_OF_FIRST_ROW, format.blockBytes());
        a.op(GpOp.ADD, UNIT_QUANTS, UNIT_QUANTS, (long) format.blockSize() / QuantLayout.BLOCK * layout.blockBytes());
        a.op(GpOp.ADD, UNIT_SCALES, UNIT_SCALES, (long) format.blockSize() / layout.unit() * layout.unitScaleBytes());
        a.op(GpOp.SUBS, UNITS_LEFT, UNITS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, unit);
        a.madd(FIRST_ROW, ROWS_OF_GROUP, ROW_STRIDE, FIRST_ROW);
        a.ldr(SPARE, A64Code.arg(GROUP_BYTES));
        a.op(GpOp.ADD, GROUP, GROUP, SPARE);
        a.op(GpOp.SUBS, ROWS_LEFT, ROWS_LEFT, ROWS_OF_GROUP);
        a.b(Condition.NOT_EQUAL, group);
    }

    // ---- pieces of a row's unit

    private void load(Vec to, int at) {
        a.ldr(to.q(), Mem.at(UNIT, at));
    }

    /** A run's scale of 8 bits. */
    private Mem scale(int run) {
        return Mem.at(BYTES, layout.factorBytes() + run * layout.runScaleBytes());
    }

    private Mem minimum(int run) {
        return scale(run).plus(QuantLayout.ROWS);
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
            a.ldrb(V, Mem.at(UNIT, at + run));
            a.strb(V, scale(run));
        }
    }

    @Override
    protected void signedBytes(int at) {
        load(U0, at);
        load(U1, at + 16);
        a.movi(CONSTANT.b16(), 0x80);
        a.op(EOR, U0.b16(), U0.b16(), CONSTANT.b16());
        a.op(EOR, U1.b16(), U1.b16(), CONSTANT.b16());
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
            a.ldrh(V, Mem.at(UNIT, at[i]));
            a.strh(V, Mem.at(HALVES, i * QuantLayout.ROWS * Short.BYTES));
        }
    }

    @Override
    protected void exponent(int at) {
        a.ldrb(V, Mem.at(UNIT, at));
        // Subnormal for e below 2.
        a.mov(W, 0x20);
        a.op(GpOp.LSLV, W, W, V);
        a.cmp(V, 2);
        a.op(GpOp.SUB, V, V, 1);
        a.lsl(V, V, 7);
        a.csel(V, W, V, Condition.LESS);
        a.strh(V, Mem.at(HALVES));
    }

    @Override
    protected void splitScales(int upper, int lower) {
        a.ldrh(W, Mem.at(UNIT, upper));
        a.lsl(W, W, 4);
        for (int run = 0; run < QuantLayout.SUPER_BLOCK / QuantLayout.BLOCK; run++) {
            a.ldrb(V, Mem.at(UNIT, lower + run / 2));
            a.ubfx(V, V, run % 2 * 4, 4);
            a.op(GpOp.AND, U, W, 0x30L << (2 * run));
            shiftedRight(U, U, 2 * run);
            a.op(GpOp.ORR, V, V, U);
            a.op(GpOp.SUB, V, V, 32);
            a.strb(V, scale(run));
        }
    }

    private void shiftedRight(Gp to, Gp from, int bits) {
        if (bits > 0) {
            a.lsr(to, from, bits);
        }
    }

    @Override
    protected void sharedHalf(int at) {
        a.ldrh(V, Mem.at(UNIT, at));
        for (int run = 0; run < format.blockSize() / layout.run(); run++) {
            a.strh(V, Mem.at(HALVES, run * layout.runScaleBytes()));
        }
    }

    /** Spreads the pairs of bits of 4 bytes of PAIRS, lowest first, one to a byte. */
    private void pairs(Vec u, int firstByte) {
        int none = 0x8080_8000;
        a.ldr(
                CONSTANT.q(),
                a.constant(
                        List.of(none | firstByte, none | firstByte + 1, none | firstByte + 2, none | firstByte + 3)));
        a.tbl(u.b16(), PAIRS.b16(), 1, CONSTANT.b16());
        a.op(SHL, T0.s4(), u.s4(), 12);
        a.op(ORR, u.b16(), u.b16(), T0.b16());
        a.movi(CONSTANT.h8(), 0x0f);
        a.op(AND, u.b16(), u.b16(), CONSTANT.b16());
        a.op(SHL, T0.s4(), u.s4(), 6);
        a.op(ORR, u.b16(), u.b16(), T0.b16());
        blocks.and(u, u, 0x03);
    }

    @Override
    protected void singleBits(int at) {
        loadBits(at);
        bitsToBytes(U0, 0x0000_0000, 0x0101_0101, 1);
        bitsToBytes(U1, 0x0202_0202, 0x0303_0303, 1);
    }

    private void loadBits(int at) {
        a.ldrw(V, Mem.at(UNIT, at));
        a.dup(BITS.s4(), V);
    }

    @Override
    protected void fields(int at, int shift, int mask) {
        load(U0, at);
        load(U1, at + 16);
        shiftedAndMasked(U0, shift, mask);
        shiftedAndMasked(U1, shift, mask);
    }

    private void shiftedAndMasked(Vec u, int shift, int mask) {
        if (shift > 0) {
            a.op(USHR, u.b16(), u.b16(), shift);
        }
        blocks.and(u, u, mask);
    }

    @Override
    protected void upper(int at, int shift, int mask, int to) {
        upper(U0, at, shift, mask, to);
        upper(U1, at + 16, shift, mask, to);
    }

    private void upper(Vec u, int at, int shift, int mask, int to) {
        load(T0, at);
        shiftedAndMasked(T0, shift, mask);
        a.op(SHL, T0.b16(), T0.b16(), to);
        a.op(ORR, u.b16(), u.b16(), T0.b16());
    }

    @Override
    protected void fiveBits(int nibbles, int bits) {
        load(U0, nibbles);
        a.op(USHR, U1.b16(), U0.b16(), 4);
        blocks.and(U0, U0, 0x0f);
        loadBits(bits);
        bitsToBytes(T0, 0x0000_0000, 0x0101_0101, 0x10);
        a.op(ORR, U0.b16(), U0.b16(), T0.b16());
        bitsToBytes(T0, 0x0202_0202, 0x0303_0303, 0x10);
        a.op(ORR, U1.b16(), U1.b16(), T0.b16());
    }

    /** {@code value} where a bit is set, else 0: 8 bits of one of the 4 bytes in BITS, then 8 of another. */
    private void bitsToBytes(Vec to, int firstByte, int secondByte, int value) {
        a.ldr(CONSTANT.q(), a.constant(List.of(firstByte, firstByte, secondByte, secondByte)));
        a.tbl(to.b16(), BITS.b16(), 1, CONSTANT.b16());
        a.ldr(CONSTANT.q(), a.constant(List.of(0x0804_0201, 0x8040_2010, 0x0804_0201, 0x8040_2010)));
        a.op(CMTST, to.b16(), to.b16(), CONSTANT.b16());
        blocks.and(to, to, value);
    }

    /** Keeps the bits of {@code mask} of each of 4 bytes. */
    private void and(Gp to, Gp from, int mask) {
        a.op(GpOp.AND, to, from, mask * 0x0101_0101_0101_0101L);
    }

    @Override
    protected void sixBitScales(int at) {
        for (int part = 0; part < 2; part++) {
            int offset = part * QuantLayout.ROWS;
            a.ldrw(V, Mem.at(UNIT, at + part * Integer.BYTES));
            and(U, V, 0x3f);
            spread(U, 0, offset);
            a.ldrw(W, Mem.at(UNIT, at + 2 * Integer.BYTES));
            shiftedRight(W, W, part * 4);
            and(W, W, 0x0f);
            a.lsr(V, V, 2);
            and(V, V, 0x30);
            a.op(GpOp.ORR, V, V, W);
            spread(V, 4, offset);
        }
    }

    @Override
    protected void fourBitScales(int at) {
        for (int run = 0; run < QuantLayout.SUPER_BLOCK / layout.run(); run++) {
            a.ldrb(V, Mem.at(UNIT, at + run));
            a.op(GpOp.AND, W, V, 0x0f);
            a.strb(W, scale(run));
            a.lsr(V, V, 4);
            a.strb(V, minimum(run));
        }
    }

    @Override
    protected void signedScales(int at) {
        for (int four = 0; four < 4; four++) {
            a.ldrw(V, Mem.at(UNIT, at + four % 2 * Integer.BYTES));
            shiftedRight(V, V, four / 2 * 4);
            and(V, V, 0x0f);
            a.ldrw(W, Mem.at(UNIT, at + 2 * Integer.BYTES));
            a.lsl(W, W, 4);
            shiftedRight(W, W, 2 * four);
            and(W, W, 0x30);
            a.op(GpOp.ORR, V, V, W);
            for (int i = 0; i < 4; i++) {
                a.ubfx(W, V, i * Byte.SIZE, Byte.SIZE);
                a.op(GpOp.SUB, W, W, 32);
                a.strb(W, scale(4 * four + i));
            }
        }
    }

    /** Writes the 4 bytes of a register to 4 runs. */
    private void spread(Gp four, int firstRun, int offset) {
        for (int i = 0; i < 4; i++) {
            a.ubfx(SPARE, four, i * Byte.SIZE, Byte.SIZE);
            a.strb(SPARE, scale(firstRun + i).plus(offset));
        }
    }
}
