package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.EQUAL;
import static kawi.assembler.x86.Condition.GREATER;
import static kawi.assembler.x86.Condition.LESS;
import static kawi.assembler.x86.Condition.NOT_EQUAL;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.R9;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.BLOCK;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.BLOCKS;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.IN;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.ODD;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.OUT;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.REST;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.ROWS;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.ROW_BYTES;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.kernels.assembled.AssembledLayout;
import kawi.kernels.assembled.FloatLayout;

/**
 * Emits the packing of float rows into {@link FloatLayout}: a transposition of 16 rows, 16 elements at a time, where an
 * element is an f32, an f16 or a pair of bf16.
 */
final class FloatPackingCode {

    private final Assembler a;
    private final boolean words;
    private final int element;

    private FloatPackingCode(KernelCode code, FloatLayout layout) {
        this.a = code.a;
        this.words = layout == FloatLayout.F16;
        this.element = layout.elementBytes();
    }

    static void emit(KernelCode code, FloatLayout layout) {
        new FloatPackingCode(code, layout).emit();
    }

    // ---- RBP group, RSI its current elements; R13 the group's first row, R14 its current elements, R9 those of row
    // RBX

    private void emit() {
        a.load(RBP, KernelCode.arg(OUT));
        a.load(R13, KernelCode.arg(IN));
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

        a.load(RAX, KernelCode.arg(ROW_BYTES));
        a.shl(RAX, 4);
        a.op(GpOp.ADD, R13, RAX);
        a.op(GpOp.ADD, RBP, KernelCode.arg(GROUP_BYTES));
        a.load(RAX, KernelCode.arg(ROWS));
        a.op(GpOp.SUB, RAX, AssembledLayout.ROWS);
        a.store(KernelCode.arg(ROWS), RAX);
        a.op(GpOp.CMP, RAX, 0);
        a.jump(GREATER, group);
    }

    private void times(int count, Runnable body) {
        Label end = a.label();
        a.load(RAX, KernelCode.arg(count));
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
        a.op(GpOp.ADD, R9, KernelCode.arg(ROW_BYTES));
        a.op(GpOp.ADD, RBX, 1);
        a.op(GpOp.CMP, RBX, KernelCode.arg(ROWS));
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
