package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.VectorOp.VPSLLW;
import static kawi.assembler.x86.VectorOp.VPSRAW;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.Activations;

/**
 * Blocks of 32 activations in working memory, widened to 16 bits for products without VNNI, 2 columns per 32-bit lane:
 *
 * <pre>
 *     0   i16  q[0], q[2], q[4], ... q[30]
 *    32   i16  q[1], q[3], q[5], ... q[31]
 *    64   what follows the quants in {@link Activations}, from {@link Activations#SCALE} on
 * </pre>
 */
final class WideActivations {

    static final int BLOCK_BYTES = 96;

    /** What is added to the offsets of {@link Activations} from {@link Activations#SCALE} on. */
    static final int FIELDS = 32;

    private static final int ODD = 32;

    private WideActivations() {}

    /** The two columns {@code chunk} of {@link QuantPanel#quants}: even and odd ones of 4 columns in turn. */
    static int columns(int chunk) {
        return chunk / 2 * Integer.BYTES + chunk % 2 * ODD;
    }

    /**
     * Emits the widening of the same blocks of some rows.
     *
     * @param from the first block of the first row; overwritten, as all the other registers
     * @param to where the rows are written, one after the other
     * @param stride the distance from a row to the next one in bytes; not overwritten
     * @param rows the number of rows
     * @param blocks the number of blocks of a row; not overwritten
     */
    static void emit(KernelCode code, Gp from, Gp to, Gp stride, Gp rows, Gp blocks, Gp at, Gp left) {
        Assembler a = code.a;
        Vec even = code.v(0);
        Vec odd = code.v(1);
        Vec fields = code.v(2);
        Label row = a.here();
        a.mov(at, from);
        a.mov(left, blocks);
        Label block = a.here();
        code.load(odd, Mem.at(at));
        code.load(fields, Mem.at(at, Activations.SCALE));
        a.op(VPSLLW, even, odd, Byte.SIZE);
        a.op(VPSRAW, even, even, Byte.SIZE);
        a.op(VPSRAW, odd, odd, Byte.SIZE);
        code.store(Mem.at(to), even);
        code.store(Mem.at(to, ODD), odd);
        code.store(Mem.at(to, Activations.SCALE + FIELDS), fields);
        a.op(GpOp.ADD, at, Activations.BLOCK_BYTES);
        a.op(GpOp.ADD, to, BLOCK_BYTES);
        a.op(GpOp.SUB, left, 1);
        a.jump(NOT_EQUAL, block);
        a.op(GpOp.ADD, from, stride);
        a.op(GpOp.SUB, rows, 1);
        a.jump(NOT_EQUAL, row);
    }
}
