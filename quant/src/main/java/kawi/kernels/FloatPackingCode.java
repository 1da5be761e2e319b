package kawi.kernels;

import static kawi.assembler.Condition.EQUAL;
import static kawi.assembler.Condition.GREATER;
import static kawi.assembler.Condition.LESS;
import static kawi.assembler.Condition.NOT_EQUAL;
import static kawi.assembler.Gp.R13;
import static kawi.assembler.Gp.R14;
import static kawi.assembler.Gp.R9;
import static kawi.assembler.Gp.RAX;
import static kawi.assembler.Gp.RBP;
import static kawi.assembler.Gp.RBX;
import static kawi.assembler.Gp.RCX;
import static kawi.assembler.Gp.RSI;

import kawi.assembler.Assembler;
import kawi.assembler.GpOp;
import kawi.assembler.Label;
import kawi.assembler.Mem;

/**
 * Emits the repacking of float rows into {@link FloatLayout}: a transposition of 16 rows, 16 elements at a time, where an element is an f32,
 * an f16 or a pair of bf16.
 */
final class FloatPackingCode {

    // Offsets in the argument block.
    static final int IN = 0;
    static final int ROW_BYTES = 8;
    static final int ROWS = 16;
    /** Times 16 elements. */
    static final int BLOCKS = 24;

    static final int REST = 32;
    /** Whether half a pair follows. */
    static final int ODD = 40;

    static final int OUT = 48;
    static final int GROUP_BYTES = 56;

    static final int BLOCK = 16;

    private final Assembler a;
    private final boolean words;
    private final int element;

    private FloatPackingCode(VectorCode code, FloatLayout layout) {
        this.a = code.a;
        this.words = layout == FloatLayout.F16;
        this.element = words ? Short.BYTES : Integer.BYTES;
    }

    /** Bytes of an element. */
    static int elementBytes(FloatLayout layout) {
        return layout == FloatLayout.F16 ? Short.BYTES : Integer.BYTES;
    }

    static void emit(VectorCode code, FloatLayout layout) {
        new FloatPackingCode(code, layout).emit();
    }

    // ---- RBP group, RSI its current elements; R13 the group's first row, R14 its current elements, R9 those of row
    // RBX

    private void emit() {
        a.load(RBP, VectorCode.arg(OUT));
        a.load(R13, VectorCode.arg(IN));
        Label group = a.here();
        a.mov(RSI, RBP);
        a.mov(R14, R13);

        times(BLOCKS, () -> {
            eachRow(() -> {
                for (int i = 0; i < BLOCK; i++) {
                    move(i, words);
                }
            });
            next(BLOCK);
        });
        times(REST, () -> {
            eachRow(() -> move(0, words));
            next(1);
        });
        times(
                ODD,
                () -> eachRow(() -> {
                    a.loadWord(RCX, Mem.at(R9));
                    a.store32(Mem.at(RSI, RBX, element, 0), RCX);
                }));

        a.load(RAX, VectorCode.arg(ROW_BYTES));
        a.shl(RAX, 4);
        a.op(GpOp.ADD, R13, RAX);
        a.op(GpOp.ADD, RBP, VectorCode.arg(GROUP_BYTES));
        a.load(RAX, VectorCode.arg(ROWS));
        a.op(GpOp.SUB, RAX, AssembledLayout.ROWS);
        a.store(VectorCode.arg(ROWS), RAX);
        a.op(GpOp.CMP, RAX, 0);
        a.jump(GREATER, group);
    }

    private void times(int count, Runnable body) {
        Label end = a.label();
        a.load(RAX, VectorCode.arg(count));
        a.test(RAX, RAX);
        a.jump(EQUAL, end);
        Label again = a.here();
        body.run();
        a.op(GpOp.SUB, RAX, 1);
        a.jump(NOT_EQUAL, again);
        a.bind(end);
    }

    private void eachRow(Runnable body) {
        a.mov(R9, R14);
        a.mov(RBX, 0);
        Label row = a.here();
        Label end = a.label();
        body.run();
        a.op(GpOp.ADD, R9, VectorCode.arg(ROW_BYTES));
        a.op(GpOp.ADD, RBX, 1);
        a.op(GpOp.CMP, RBX, VectorCode.arg(ROWS));
        a.jump(EQUAL, end);
        a.op(GpOp.CMP, RBX, AssembledLayout.ROWS);
        a.jump(LESS, row);
        a.bind(end);
    }

    private void move(int i, boolean word) {
        Mem from = Mem.at(R9, i * element);
        Mem to = Mem.at(RSI, RBX, element, i * AssembledLayout.ROWS * element);
        if (word) {
            a.loadWord(RCX, from);
            a.storeWord(to, RCX);
        } else {
            a.load32(RCX, from);
            a.store32(to, RCX);
        }
    }

    private void next(int elements) {
        a.op(GpOp.ADD, R14, elements * element);
        a.op(GpOp.ADD, RSI, elements * AssembledLayout.ROWS * element);
    }
}
