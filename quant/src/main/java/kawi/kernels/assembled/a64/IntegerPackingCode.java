package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.ADD;
import static kawi.assembler.a64.VectorOp.AND;
import static kawi.assembler.a64.VectorOp.BIT;
import static kawi.assembler.a64.VectorOp.EOR;
import static kawi.assembler.a64.VectorOp.ORR;
import static kawi.assembler.a64.VectorOp.USHR;
import static kawi.kernels.assembled.MatrixArguments.IntegerPacking.BLOCKS;
import static kawi.kernels.assembled.MatrixArguments.IntegerPacking.IN;
import static kawi.kernels.assembled.MatrixArguments.IntegerPacking.OUT;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the packing of integers of a row into {@link QuantLayout}. Their codes are the sums with the layout's offset.
 * If there is a table, codes are looked up by the sign and 4 other bits of an integer, in which all of the table with
 * the same sign differ:
 *
 * <pre>
 *    i = bits s to s + 3 of q, and its sign in bit 7        a look-up of bytes gives 0 if bit 7 is set
 *    code = tbl(codes of q >= 0, i) | tbl(codes of q < 0, i with the opposite sign)
 * </pre>
 */
final class IntegerPackingCode {

    private static final int ENTRIES = 16;

    private static final Gp INTEGERS = Gp.X1;
    private static final Gp BLOCKS_LEFT = Gp.X2;
    private static final Gp QUANTS = Gp.X3;
    private static final Gp SPARE = Gp.X4;

    private static final Vec OFFSETS = Vec.v(16);
    private static final Vec INDEX = Vec.v(17);
    private static final Vec POSITIVE = Vec.v(18);
    private static final Vec NEGATIVE = Vec.v(19);
    private static final Vec SIGNS = Vec.v(20);
    private static final Vec FOUR_BITS = Vec.v(21);

    private final Assembler a;
    private final QuantLayout layout;
    private final int shift;

    private IntegerPackingCode(A64Code code, QuantLayout layout) {
        this.a = code.a;
        this.layout = layout;
        this.shift = layout.firstTellingBit();
    }

    static void emit(A64Code code, QuantLayout layout) {
        new IntegerPackingCode(code, layout).emit(new BlockScatter(code.a, layout, QUANTS, SPARE));
    }

    private void emit(BlockScatter scatter) {
        a.ldr(INTEGERS, A64Code.arg(IN));
        a.ldr(BLOCKS_LEFT, A64Code.arg(BLOCKS));
        a.ldr(QUANTS, A64Code.arg(OUT));
        if (layout.values().isEmpty()) {
            a.movi(OFFSETS.b16(), layout.offset());
        } else {
            a.ldr(POSITIVE.q(), codes(false));
            a.ldr(NEGATIVE.q(), codes(true));
            a.movi(SIGNS.b16(), 0x80);
            a.movi(FOUR_BITS.b16(), ENTRIES - 1);
        }
        Label block = a.here();
        a.ldp(BlockScatter.U0.q(), BlockScatter.U1.q(), Mem.post(INTEGERS, QuantLayout.BLOCK));
        encode(BlockScatter.U0.b16());
        encode(BlockScatter.U1.b16());
        scatter.scatter(0);
        a.op(GpOp.ADD, QUANTS, QUANTS, layout.blockBytes());
        a.op(GpOp.SUBS, BLOCKS_LEFT, BLOCKS_LEFT, 1);
        a.b(Condition.NOT_EQUAL, block);
    }

    private void encode(Vec u) {
        if (layout.values().isEmpty()) {
            a.op(ADD, u, u, OFFSETS.b16());
            return;
        }
        Vec index = INDEX.b16();
        Vec bits = u;
        if (shift > 0) {
            a.op(USHR, index, u, shift);
            bits = index;
        }
        a.op(AND, index, bits, FOUR_BITS.b16());
        a.op(BIT, index, u, SIGNS.b16());
        a.tbl(u, POSITIVE.b16(), 1, index);
        a.op(EOR, index, index, SIGNS.b16());
        a.tbl(index, NEGATIVE.b16(), 1, index);
        a.op(ORR, u, u, index);
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
