package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.Gp.R12;
import static kawi.assembler.x86.Gp.R13;
import static kawi.assembler.x86.Gp.R14;
import static kawi.assembler.x86.Gp.R15;
import static kawi.assembler.x86.Gp.RAX;
import static kawi.assembler.x86.Gp.RBP;
import static kawi.assembler.x86.Gp.RBX;
import static kawi.assembler.x86.Gp.RCX;
import static kawi.assembler.x86.Gp.RDI;
import static kawi.assembler.x86.Gp.RSI;
import static kawi.assembler.x86.Gp.RSP;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.GpOp;
import kawi.assembler.x86.Mask;
import kawi.assembler.x86.Masking;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VectorOp;
import kawi.machine.MachineCode;

/**
 * The machine code of a kernel under construction, for one instruction set. This class hides the differences between
 * AVX2 and AVX-512, so that a kernel is written once.
 *
 * <p>Between {@link #begin} and {@link #end} the block of arguments is at RDI and all other registers are free, except
 * that RSP must not be changed. One mask is reserved for the last, partial vector of a row: K1, or vector register 15
 * of AVX2 ({@link #maskTail}).
 */
final class KernelCode {

    private static final Gp[] SAVED = {RBX, RBP, R12, R13, R14, R15};
    private static final int FIRST_SAVED_VECTOR = 6;
    private static final int SAVED_VECTORS = 10;
    private static final int XMM_BYTES = 16;

    private static final Mask TAIL = Mask.K1;
    private static final int TAIL_REGISTER = 15;

    final Assembler a = new Assembler();
    final X86Isa isa;

    public KernelCode(X86Isa isa) {
        this.isa = isa;
    }

    /** A full vector register of this instruction set. */
    Vec v(int number) {
        return new Vec(number, isa.bits());
    }

    /** The size in bytes of a full vector. */
    int bytes() {
        return isa.bits() / Byte.SIZE;
    }

    /** The register in which the pointer to the arguments arrives. */
    static Gp firstArgument() {
        return Gp.firstArgument(MachineCode.windowsConvention());
    }

    /** An argument. */
    static Mem arg(int offset) {
        return Mem.at(RDI, offset);
    }

    /** Adds to an argument or subtracts from it; RAX and the flags are those of the result. */
    void update(int argument, GpOp op, int amount) {
        a.load(RAX, arg(argument));
        a.op(op, RAX, amount);
        a.store(arg(argument), RAX);
    }

    /** The same with an amount in memory. */
    void update(int argument, GpOp op, Mem amount) {
        a.load(RAX, arg(argument));
        a.op(op, RAX, amount);
        a.store(arg(argument), RAX);
    }

    /** Saves the registers that the calling convention preserves. */
    void begin() {
        for (Gp register : SAVED) {
            a.push(register);
        }
        if (MachineCode.windowsConvention()) {
            a.push(RDI);
            a.push(RSI);
            a.op(GpOp.SUB, RSP, SAVED_VECTORS * XMM_BYTES);
            for (int i = 0; i < SAVED_VECTORS; i++) {
                a.op(VectorOp.VMOVUPS_STORE, Vec.xmm(FIRST_SAVED_VECTOR + i), Mem.at(RSP, i * XMM_BYTES));
            }
            a.mov(RDI, RCX);
        }
    }

    /** Restores the registers and returns. */
    void end() {
        a.vzeroupper();
        if (MachineCode.windowsConvention()) {
            for (int i = 0; i < SAVED_VECTORS; i++) {
                a.op(VectorOp.VMOVUPS, Vec.xmm(FIRST_SAVED_VECTOR + i), Mem.at(RSP, i * XMM_BYTES));
            }
            a.op(GpOp.ADD, RSP, SAVED_VECTORS * XMM_BYTES);
            a.pop(RSI);
            a.pop(RDI);
        }
        for (int i = SAVED.length - 1; i >= 0; i--) {
            a.pop(SAVED[i]);
        }
        a.ret();
    }

    /** The finished code in executable memory. */
    MachineCode finish(Arena arena) {
        return new MachineCode(arena, a.finish());
    }

    // ---- whole vectors

    void load(Vec to, Mem from) {
        a.op(VectorOp.VMOVUPS, to, from);
    }

    void store(Mem to, Vec from) {
        a.op(VectorOp.VMOVUPS_STORE, from, to);
    }

    /** Broadcasts one float or int in memory to all lanes. */
    void broadcast(Vec to, Mem from) {
        a.op(VectorOp.VBROADCASTSS, to, from);
    }

    void zero(Vec vec) {
        // The 128-bit form clears the whole register and is the shortest.
        Vec shortest = vec.number() < 16 ? vec.xmm() : vec;
        a.op(VectorOp.VPXOR, shortest, shortest, shortest);
    }

    /**
     * {@code op to, a, [element in all lanes]}, for 32-bit elements.
     *
     * @param spare is overwritten if the instruction set has no broadcasting operands
     */
    void withAll(VectorOp op, Vec to, Vec first, Mem element, Vec spare) {
        if (isa.avx512()) {
            a.op(op, to, first, element.toAll());
        } else {
            broadcast(spare, element);
            a.op(op, to, first, spare);
        }
    }

    /** A float constant in all lanes, as an operand. */
    Mem constant(float value) {
        return constant(Float.floatToRawIntBits(value));
    }

    /** An int constant in all lanes, as an operand. */
    Mem constant(int value) {
        return isa.avx512() ? a.constant(value, 1).toAll() : a.constant(value, isa.lanes());
    }

    /** Copies a register, which register renaming makes free. */
    void move(Vec to, Vec from) {
        a.op(VectorOp.VMOVUPS, to, from);
    }

    // ---- the partial vector at the end of a row

    /**
     * Prepares the tail mask for the first {@code count} lanes, {@code 0 <= count <= lanes}; {@code count},
     * {@code spare} and RCX are overwritten.
     */
    void maskTail(Gp count, Gp spare) {
        if (isa.avx512()) {
            a.mov(RCX, count);
            a.mov(spare, 1);
            a.shlByCl(spare);
            a.op(GpOp.SUB, spare, 1);
            a.kmovw(TAIL, spare);
        } else {
            List<Integer> table = new ArrayList<>();
            for (int i = 0; i < 2 * isa.lanes(); i++) {
                table.add(i < isa.lanes() ? -1 : 0);
            }
            a.lea(spare, a.constant(table).plus(isa.lanes() * Integer.BYTES));
            a.shl(count, 2);
            a.op(GpOp.SUB, spare, count);
            load(v(TAIL_REGISTER), Mem.at(spare));
        }
    }

    /** Loads the lanes of the tail mask, zeros elsewhere; touches no other memory. */
    void loadTail(Vec to, Mem from) {
        if (isa.avx512()) {
            a.op(VectorOp.VMOVUPS, Masking.zero(TAIL), to, from);
        } else {
            a.op(VectorOp.VMASKMOVPS, to, v(TAIL_REGISTER), from);
        }
    }

    /** Sets the lanes that are not in the tail mask to zero. */
    void clearAfterTail(Vec vec) {
        if (isa.avx512()) {
            a.op(VectorOp.VMOVUPS, Masking.zero(TAIL), vec, vec);
        } else {
            a.op(VectorOp.VPAND, vec, vec, v(TAIL_REGISTER));
        }
    }

    /** Stores the lanes of the tail mask; touches no other memory. */
    void storeTail(Mem to, Vec from) {
        if (isa.avx512()) {
            a.op(VectorOp.VMOVUPS_STORE, Masking.merge(TAIL), from, to);
        } else {
            a.op(VectorOp.VMASKMOVPS_STORE, from, v(TAIL_REGISTER), to);
        }
    }
}
