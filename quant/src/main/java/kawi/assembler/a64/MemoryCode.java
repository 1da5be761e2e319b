package kawi.assembler.a64;

import kawi.assembler.CodeBuffer;
import kawi.assembler.a64.Mem.Mode;

/**
 * Encodes loads and stores.
 *
 * <pre>
 *    one register    size 111 V 01 opc imm12 Rn Rt                 scaled offset
 *                    size 111 V 00 opc 0 imm9 00/01/11 Rn Rt       unscaled offset, post-, pre-index
 *                    size 111 V 00 opc 1 Rm 011 S 10 Rn Rt         index
 *    a pair          opc 101 V 0 mode L imm7 Rt2 Rn Rt
 *    structures      0 Q 001100 post L 0 Rm opcode size Rn Rt
 *    an element      0 Q 001101 post L R Rm opcode S size Rn Rt
 * </pre>
 */
final class MemoryCode {

    private static final int SCALED = 0x01000000;
    private static final int INDEXED = 0x00200800 | 3 << 13;

    private final CodeBuffer code;

    MemoryCode(CodeBuffer code) {
        this.code = code;
    }

    /**
     * One register.
     *
     * @param name of the instruction
     * @param word the instruction with size, V and opc
     * @param bytes the number of bytes in memory
     * @param literal the instruction with a label, 0 if there is none
     */
    void single(String name, int word, int bytes, int literal, int register, Mem mem) {
        Gp base = mem.base();
        if (mem.label() != null) {
            if (literal == 0) {
                throw new IllegalArgumentException(name + " has no form with a label");
            }
            code.putWithDistance(literal | register, Reach.BITS_19, mem.label(), mem.offset());
            return;
        }
        if (base == null) {
            throw new IllegalArgumentException("a memory operand without base and label");
        }
        int rest = base.number() << 5 | register;
        Gp index = mem.index();
        int offset = mem.offset();
        if (index != null) {
            if (mem.mode() != Mode.OFFSET) {
                throw new IllegalArgumentException(name + " does not add a register to its base afterwards");
            }
            if (mem.scale() != 1 && mem.scale() != bytes) {
                throw new IllegalArgumentException(
                        "%s with an index times %d: there are 1 and %d".formatted(name, mem.scale(), bytes));
            }
            int scaled = mem.scale() == 1 ? 0 : 1;
            code.putInt(word | INDEXED | index.number() << 16 | scaled << 12 | rest);
        } else if (mem.mode() == Mode.OFFSET && offset >= 0 && offset % bytes == 0 && offset / bytes < 4096) {
            code.putInt(word | SCALED | (offset / bytes) << 10 | rest);
        } else if (offset >= -256 && offset < 256) {
            int mode = mem.mode() == Mode.OFFSET ? 0 : mem.mode() == Mode.POST ? 1 : 3;
            code.putInt(word | (offset & 511) << 12 | mode << 10 | rest);
        } else if (mem.mode() == Mode.OFFSET) {
            throw new IllegalArgumentException("%s with offset %d: there are -256 to 255, and multiples of %d to %d"
                    .formatted(name, offset, bytes, 4095 * bytes));
        } else {
            throw new IllegalArgumentException(
                    "%s with base changed by %d: there are -256 to 255".formatted(name, offset));
        }
    }

    /**
     * A pair of registers.
     *
     * @param word the instruction with opc, V and L
     * @param bytes the number of bytes of one of them
     */
    void pair(String name, int word, int bytes, int first, int second, Mem mem) {
        Gp base = mem.base();
        if (base == null || mem.index() != null) {
            throw new IllegalArgumentException(name + " takes a base and an offset alone, not " + mem);
        }
        int offset = mem.offset();
        if (offset % bytes != 0 || offset < -64 * bytes || offset > 63 * bytes) {
            throw new IllegalArgumentException("%s with offset %d: there are multiples of %d from %d to %d"
                    .formatted(name, offset, bytes, -64 * bytes, 63 * bytes));
        }
        int mode = mem.mode() == Mode.OFFSET ? 2 : mem.mode() == Mode.POST ? 1 : 3;
        code.putInt(word | mode << 23 | (offset / bytes & 127) << 15 | second << 10 | base.number() << 5 | first);
    }

    /**
     * Structures and elements, whose base changes by the number of their bytes or by a register.
     *
     * @param word the instruction with everything but the base
     * @param bytes the number of bytes in memory
     */
    void structure(String name, int word, int bytes, Mem mem) {
        Gp base = mem.base();
        if (base == null) {
            throw new IllegalArgumentException(name + " has no form with a label");
        }
        int address = base.number() << 5;
        if (mem.mode() == Mode.POST) {
            Gp amount = mem.index();
            if (amount == null && mem.offset() != bytes) {
                throw new IllegalArgumentException(
                        "%s adds %d bytes or a register to its base, not %d".formatted(name, bytes, mem.offset()));
            }
            int number = amount == null ? 31 : amount.number();
            code.putInt(word | 1 << 23 | number << 16 | address);
        } else if (mem.mode() == Mode.OFFSET && mem.index() == null && mem.offset() == 0) {
            code.putInt(word | address);
        } else {
            throw new IllegalArgumentException(name + " takes a base alone or adds to it afterwards, not " + mem);
        }
    }
}
