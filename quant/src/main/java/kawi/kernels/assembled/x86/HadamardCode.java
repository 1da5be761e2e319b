package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.ABOVE_OR_EQUAL;
import static kawi.assembler.x86.Condition.BELOW;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R11;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R8;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.VectorOp.VADDPS;
import static kawi.assembler.x86.VectorOp.VFMADD213PS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPERMD;
import static kawi.assembler.x86.VectorOp.VPERMILPS;
import static kawi.assembler.x86.VectorOp.VSHUFF32X4;
import static kawi.assembler.x86.VectorOp.VSUBPS;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.DIM_BYTES;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.FACTOR;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.ROWS;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.SIZE_BYTES;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.STRIDE;
import static kawi.kernels.assembled.AttentionArguments.Hadamard.X;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import java.util.stream.IntStream;
import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;

/**
 * Machine code for the rotation of {@link kawi.kernels.KvQuantization}, of rows whose matrix has at least 16 rows:
 *
 * <pre>
 *    for each vector:                  the steps whose pairs lie in one vector
 *    for each further step h:          x[i], x[i + h] = x[i] + x[i + h], x[i] - x[i + h], a vector of i at a time
 * </pre>
 *
 * <p>Within a vector, {@code x * sign + y}, where y has the numbers of each pair exchanged, is the sum in the first
 * place of a pair and the difference in the second, rounded once.
 */
final class HadamardCode {

    private static final int ONE = Float.floatToRawIntBits(1f);
    private static final int MINUS_ONE = Float.floatToRawIntBits(-1f);

    private static final Gp ROW = RSI;
    private static final Gp ROWS_LEFT = RBX;
    private static final Gp END = R8;
    private static final Gp SIZE = R9;
    private static final Gp STEP = R11;
    private static final Gp AT = R12;
    private static final Gp STEP_END = RCX;
    private static final Gp SECOND = RDX;

    private final KernelCode code;
    private final Assembler a;

    private HadamardCode(KernelCode code) {
        this.code = code;
        this.a = code.a;
    }

    /** @param back whether rows are multiplied by a factor afterwards */
    static void emit(KernelCode code, boolean back) {
        new HadamardCode(code).emit(back);
    }

    private void emit(boolean back) {
        a.load(ROW, arg(X));
        a.load(ROWS_LEFT, arg(ROWS));
        a.load(END, arg(DIM_BYTES));
        a.load(SIZE, arg(SIZE_BYTES));
        for (int h = 1; h < code.isa.lanes(); h *= 2) {
            int step = h;
            code.load(
                    signs(h),
                    a.constant(IntStream.range(0, code.isa.lanes())
                            .map(i -> (i & step) == 0 ? ONE : MINUS_ONE)
                            .boxed()
                            .toList()));
        }
        if (!code.isa.avx512()) {
            code.load(
                    halvesExchanged(),
                    a.constant(IntStream.range(0, 8).map(i -> i ^ 4).boxed().toList()));
        }
        Label row = a.here();
        withinVectors();
        betweenVectors();
        if (back) {
            multiply();
        }
        a.op(GpOp.ADD, ROW, arg(STRIDE));
        a.op(GpOp.SUB, ROWS_LEFT, 1);
        a.jump(NOT_EQUAL, row);
    }

    private Vec signs(int h) {
        return code.v(4 + Integer.numberOfTrailingZeros(h));
    }

    private Vec halvesExchanged() {
        return code.v(3);
    }

    private void withinVectors() {
        Vec x = code.v(0);
        Vec y = code.v(1);
        a.mov(AT, 0);
        Label next = a.here();
        code.load(x, Mem.at(ROW, AT, 1, 0));
        for (int h = 1; h < code.isa.lanes(); h *= 2) {
            exchange(y, x, h);
            a.op(VFMADD213PS, x, signs(h), y);
        }
        code.store(Mem.at(ROW, AT, 1, 0), x);
        a.op(GpOp.ADD, AT, code.bytes());
        a.op(GpOp.CMP, AT, END);
        a.jump(BELOW, next);
    }

    /** Exchanges numbers at a distance of {@code h}. */
    private void exchange(Vec to, Vec from, int h) {
        switch (h) {
            case 1 -> a.op(VPERMILPS, to, from, 0b10_11_00_01);
            case 2 -> a.op(VPERMILPS, to, from, 0b01_00_11_10);
            case 4 -> {
                if (code.isa.avx512()) {
                    a.op(VSHUFF32X4, to, from, from, 0b10_11_00_01);
                } else {
                    a.op(VPERMD, to, halvesExchanged(), from);
                }
            }
            default -> a.op(VSHUFF32X4, to, from, from, 0b01_00_11_10);
        }
    }

    private void betweenVectors() {
        Label done = a.label();
        a.mov(STEP, code.bytes());
        Label step = a.here();
        a.op(GpOp.CMP, STEP, SIZE);
        a.jump(ABOVE_OR_EQUAL, done);
        a.mov(SECOND, ROW);
        a.op(GpOp.ADD, SECOND, STEP);
        a.mov(AT, 0);
        Label run = a.here();
        a.mov(STEP_END, AT);
        a.op(GpOp.ADD, STEP_END, STEP);
        Label next = a.here();
        Mem first = Mem.at(ROW, AT, 1, 0);
        Mem second = Mem.at(SECOND, AT, 1, 0);
        code.load(code.v(0), first);
        code.load(code.v(1), second);
        a.op(VADDPS, code.v(2), code.v(0), code.v(1));
        a.op(VSUBPS, code.v(0), code.v(0), code.v(1));
        code.store(first, code.v(2));
        code.store(second, code.v(0));
        a.op(GpOp.ADD, AT, code.bytes());
        a.op(GpOp.CMP, AT, STEP_END);
        a.jump(BELOW, next);
        a.op(GpOp.ADD, AT, STEP);
        a.op(GpOp.CMP, AT, END);
        a.jump(BELOW, run);
        a.op(GpOp.ADD, STEP, STEP);
        a.jump(step);
        a.bind(done);
    }

    private void multiply() {
        code.broadcast(code.v(1), arg(FACTOR));
        a.mov(AT, 0);
        Label next = a.here();
        Mem at = Mem.at(ROW, AT, 1, 0);
        a.op(VMULPS, code.v(0), code.v(1), at);
        code.store(at, code.v(0));
        a.op(GpOp.ADD, AT, code.bytes());
        a.op(GpOp.CMP, AT, END);
        a.jump(BELOW, next);
    }
}
