package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Gp.SP;
import static kawi.assembler.a64.Gp.X0;
import static kawi.assembler.a64.Gp.X16;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Shift;
import kawi.assembler.a64.Vec;
import kawi.assembler.a64.VectorOp;
import kawi.machine.MachineCode;

/**
 * The machine code of a kernel under construction, for one instruction set.
 *
 * <p>Between {@link #begin} and {@link #end} the block of arguments is at X0 and all other registers are free, except
 * that SP must not be changed. The methods that are said to overwrite X16 use it for addresses.
 *
 * <p>AArch64 has no operands in memory: constants are loaded into registers before a loop. There are no masks either:
 * the partial vector at the end of a row, of 0 to 3 lanes, is loaded and stored in pieces, by branches on the bits of
 * its length.
 */
final class A64Code {

    static final int LANES = 4;
    static final int VECTOR_BYTES = 16;

    private static final Gp[] SAVED = {
        Gp.X19, Gp.X20, Gp.X21, Gp.X22, Gp.X23, Gp.X24, Gp.X25, Gp.X26, Gp.X27, Gp.X28, Gp.X29, Gp.X30
    };
    private static final int FIRST_SAVED_VECTOR = 8;
    private static final int SAVED_VECTORS = 8;
    private static final int SAVED_BYTES = Long.BYTES * (SAVED.length + SAVED_VECTORS);

    final Assembler a = new Assembler();
    final A64Isa isa;

    A64Code(A64Isa isa) {
        this.isa = isa;
    }

    /** A full vector register, as four elements of 32 bits. */
    static Vec v(int number) {
        return Vec.v(number);
    }

    /** An argument. */
    static Mem arg(int offset) {
        return Mem.at(X0, offset);
    }

    /** Adds to an argument or subtracts from it: X16 is the result, and the flags are its if the operation sets them. */
    void update(int argument, GpOp op, long amount) {
        a.ldr(X16, arg(argument));
        a.op(op, X16, X16, amount);
        a.str(X16, arg(argument));
    }

    /** The same with an amount in a register. */
    void update(int argument, GpOp op, Gp amount) {
        a.ldr(X16, arg(argument));
        a.op(op, X16, X16, amount);
        a.str(X16, arg(argument));
    }

    /** Saves the registers that the calling convention preserves: X19 to X30, and the low halves of V8 to V15. */
    void begin() {
        a.stp(SAVED[0], SAVED[1], Mem.pre(SP, -SAVED_BYTES));
        for (int i = 2; i < SAVED.length; i += 2) {
            a.stp(SAVED[i], SAVED[i + 1], Mem.at(SP, i * Long.BYTES));
        }
        for (int i = 0; i < SAVED_VECTORS; i += 2) {
            a.stp(savedVector(i), savedVector(i + 1), Mem.at(SP, (SAVED.length + i) * Long.BYTES));
        }
    }

    /** Restores the registers and returns. */
    void end() {
        for (int i = 0; i < SAVED_VECTORS; i += 2) {
            a.ldp(savedVector(i), savedVector(i + 1), Mem.at(SP, (SAVED.length + i) * Long.BYTES));
        }
        for (int i = 2; i < SAVED.length; i += 2) {
            a.ldp(SAVED[i], SAVED[i + 1], Mem.at(SP, i * Long.BYTES));
        }
        a.ldp(SAVED[0], SAVED[1], Mem.post(SP, SAVED_BYTES));
        a.ret();
    }

    private static Vec savedVector(int i) {
        return v(FIRST_SAVED_VECTOR + i).d();
    }

    /** The finished code in executable memory. */
    MachineCode finish(Arena arena) {
        return new MachineCode(arena, a.finish());
    }

    // ---- whole vectors

    void load(Vec to, Mem from) {
        a.ldr(to.q(), from);
    }

    void store(Mem to, Vec from) {
        a.str(from.q(), to);
    }

    /** Broadcasts one float or int in memory to all lanes, by one instruction if there is no offset or index. */
    void broadcast(Vec to, Mem from) {
        if (from.label() == null && from.index() == null && (from.offset() == 0 || from.mode() == Mem.Mode.POST)) {
            a.ld1r(to.s4(), from);
        } else {
            a.ldr(to.s(), from);
            a.dup(to.s4(), to.s(0));
        }
    }

    void zero(Vec vec) {
        a.movi(vec.d2(), 0);
    }

    void move(Vec to, Vec from) {
        a.mov(to, from);
    }

    // ---- constants

    /** A float constant in all lanes, in memory behind the code. */
    Mem constant(float value) {
        return constant(Float.floatToRawIntBits(value));
    }

    /** An int constant in all lanes, in memory behind the code. */
    Mem constant(int value) {
        return a.constant(value, LANES);
    }

    /** Sets all lanes to a float, by one instruction. */
    void set(Vec to, float value) {
        if (Assembler.encodesFmov(value)) {
            a.fmov(to.s4(), value);
        } else {
            set(to, Float.floatToRawIntBits(value));
        }
    }

    /** Sets all lanes to an int, by one instruction. */
    void set(Vec to, int value) {
        if (Assembler.encodesMovi(to.s4(), value)) {
            a.movi(to.s4(), value);
        } else {
            load(to, constant(value));
        }
    }

    // ---- the partial vector at the end of a row

    /** Loads the first {@code count} lanes, 0 to 3, and zeros elsewhere; touches no other memory; overwrites X16. */
    void loadTail(Vec to, Gp from, Gp count) {
        Label atMostOne = a.label();
        Label done = a.label();
        zero(to);
        a.tbz(count, 1, atMostOne);
        a.ldr(to.d(), Mem.at(from));
        a.tbz(count, 0, done);
        a.op(GpOp.ADD, X16, from, Double.BYTES);
        a.ld1(to.s(2), Mem.at(X16));
        a.b(done);
        a.bind(atMostOne);
        a.tbz(count, 0, done);
        a.ldr(to.s(), Mem.at(from));
        a.bind(done);
    }

    /** Stores the first {@code count} lanes, 0 to 3; touches no other memory; overwrites X16. */
    void storeTail(Gp to, Vec from, Gp count) {
        Label atMostOne = a.label();
        Label done = a.label();
        a.tbz(count, 1, atMostOne);
        a.str(from.d(), Mem.at(to));
        a.tbz(count, 0, done);
        a.op(GpOp.ADD, X16, to, Double.BYTES);
        a.st1(from.s(2), Mem.at(X16));
        a.b(done);
        a.bind(atMostOne);
        a.tbz(count, 0, done);
        a.str(from.s(), Mem.at(to));
        a.bind(done);
    }

    /** Ones in the first {@code count} lanes, 0 to 4, and zeros elsewhere, for {@link #clearAfterTail}; overwrites X16. */
    void maskTail(Vec mask, Gp count) {
        List<Integer> table = new ArrayList<>(Collections.nCopies(LANES, -1));
        table.addAll(Collections.nCopies(LANES, 0));
        a.adr(X16, a.constant(table).plus(VECTOR_BYTES));
        a.op(GpOp.SUB, X16, X16, count, Shift.LSL, 2);
        load(mask, Mem.at(X16));
    }

    /** Sets the lanes that are not in the mask to zero. */
    void clearAfterTail(Vec vec, Vec mask) {
        a.op(VectorOp.AND, vec.b16(), vec.b16(), mask.b16());
    }
}
