package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Condition.GREATER_OR_EQUAL;
import static kawi.assembler.x86.Condition.LESS_OR_EQUAL;
import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RDX;

import kawi.assembler.Label;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;

/** Emits the end of a product: stores the outputs of one vector of rows, limited to the rows that exist. */
final class ProductOutputs {

    private ProductOutputs() {}

    /**
     * Expects R12 at the output of the group's first row and token 0, and R13 the distance between tokens; RAX, RCX,
     * RDX and R15 are overwritten.
     *
     * @param rows offset of the argument that gives the number of rows from the group's first row on
     * @param firstRow the first row of the vector, within the group
     * @param outputs one vector per token
     */
    static void emit(KernelCode code, int rows, int firstRow, Vec[] outputs) {
        Assembler a = code.a;
        Label whole = a.label();
        Label end = a.label();
        a.lea(RDX, Mem.at(R12, firstRow * Float.BYTES));
        a.load(R15, KernelCode.arg(rows));
        a.op(GpOp.SUB, R15, firstRow);
        a.op(GpOp.CMP, R15, code.isa.lanes());
        a.jump(GREATER_OR_EQUAL, whole);
        a.op(GpOp.CMP, R15, 0);
        a.jump(LESS_OR_EQUAL, end);
        code.maskTail(R15, RAX);
        for (Vec output : outputs) {
            code.storeTail(Mem.at(RDX), output);
            a.op(GpOp.ADD, RDX, R13);
        }
        a.jump(end);
        a.bind(whole);
        for (Vec output : outputs) {
            code.store(Mem.at(RDX), output);
            a.op(GpOp.ADD, RDX, R13);
        }
        a.bind(end);
    }
}
