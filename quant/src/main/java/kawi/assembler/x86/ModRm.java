package kawi.assembler.x86;

import kawi.assembler.CodeBuffer;
import kawi.assembler.Label;
import org.jspecify.annotations.Nullable;

/**
 * The part of an instruction that encodes its operands: ModRM, and for memory SIB and a displacement.
 *
 * <p>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, section 2.1.
 */
final class ModRm {

    private final CodeBuffer code;

    ModRm(CodeBuffer code) {
        this.code = code;
    }

    /** Bit 3 of a register's number, which goes into a prefix. */
    static int high(@Nullable Gp register) {
        return register == null ? 0 : register.number() >> 3;
    }

    /** A register in rm. */
    void register(int reg, int rm) {
        code.put(0xC0 | (reg & 7) << 3 | (rm & 7));
    }

    /**
     * Memory in rm.
     *
     * @param unit the unit of an 8-bit displacement
     * @param after bytes of the instruction behind the displacement
     */
    void memory(int reg, Mem mem, int unit, int after) {
        int field = (reg & 7) << 3;
        Gp base = mem.base();
        if (base == null) {
            code.put(field | 5);
            Label label = mem.label();
            if (label == null) {
                throw new IllegalStateException("a memory operand without base and label");
            }
            code.putDistance(label, mem.displacement(), after);
            return;
        }
        int displacement = mem.displacement();
        boolean small = displacement % unit == 0 && displacement / unit == (byte) (displacement / unit);
        // Without a displacement, the code of RBP and R13 has a different meaning.
        int mod = displacement == 0 && (base.number() & 7) != 5 ? 0 : small ? 1 : 2;
        Gp index = mem.index();
        if (index != null || (base.number() & 7) == 4) {
            code.put(mod << 6 | field | 4);
            int indexField = index == null ? 4 : index.number() & 7;
            code.put(Integer.numberOfTrailingZeros(mem.scale()) << 6 | indexField << 3 | (base.number() & 7));
        } else {
            code.put(mod << 6 | field | (base.number() & 7));
        }
        if (mod == 1) {
            code.put(displacement / unit);
        } else if (mod == 2) {
            code.putInt(displacement);
        }
    }

    static void checkPlain(Mem mem) {
        if (mem.broadcast()) {
            throw new IllegalArgumentException("a general-purpose instruction does not broadcast its memory operand");
        }
    }

    /** A general-purpose instruction with an operand in memory. */
    void general(boolean wide, int reg, Mem mem, int... opcode) {
        checkPlain(mem);
        int rex = (reg >> 3) << 2 | high(mem.index()) << 1 | high(mem.base());
        if (wide) {
            code.put(0x48 | rex);
        } else if (rex != 0) {
            code.put(0x40 | rex);
        }
        code.putBytes(opcode);
        memory(reg, mem, 1, 0);
    }
}
