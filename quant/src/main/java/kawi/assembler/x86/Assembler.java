package kawi.assembler.x86;

import static kawi.assembler.x86.VectorOp.Form.SHIFT;

import kawi.assembler.CodeAssembler;
import kawi.assembler.Label;
import org.jspecify.annotations.Nullable;

/**
 * Encodes x86-64 instructions; {@link #finish()} returns position-independent code.
 *
 * <p>A vector instruction is a {@link VectorOp} with its operands in the order of Intel's manual. It gets the VEX
 * encoding if possible, and EVEX if it uses registers 16 to 31, 512 bits, a mask or a broadcast:
 *
 * <pre>
 *    VEX    C5 [R̄ v̄v̄v̄v̄ L pp]                          or C4 [R̄ X̄ B̄ mmmmm] [W v̄v̄v̄v̄ L pp]
 *    EVEX   62 [R̄ X̄ B̄ R̄' 0 mmm] [W v̄v̄v̄v̄ 1 pp] [z L'L b V̄' aaa]
 *           opcode, ModRM, SIB, displacement, immediate
 * </pre>
 *
 * <p>R and R' extend ModRM.reg, X and B extend SIB.index and ModRM.rm or SIB.base (for a register in rm, X is its bit
 * 4), V' extends vvvv; a bar means that the bit is stored inverted. An 8-bit displacement in EVEX counts in units of
 * the memory operand's size.
 *
 * <p>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.1 to 2.3, 2.7.
 */
public final class Assembler extends CodeAssembler<Mem> {

    /** The value for an instruction without an immediate byte. */
    private static final int NO_IMMEDIATE = -1;

    /** Multi-byte NOPs of 1 to 9 bytes, as the manual recommends them. */
    private static final byte[][] NOPS = {
        {(byte) 0x90},
        {0x66, (byte) 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, (byte) 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, (byte) 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, (byte) 0x84, 0x00, 0x00, 0x00, 0x00, 0x00}
    };

    private final VectorPrefix prefix = new VectorPrefix(code);
    private final ModRm modRm = new ModRm(code);

    public Assembler() {
        super(NOPS);
    }

    @Override
    protected Mem at(Label place) {
        return Mem.at(place);
    }

    /** A float in memory behind the code. */
    public Mem constant(float value) {
        return constant(Float.floatToRawIntBits(value), 1);
    }

    // ---- vector instructions

    /** {@code op to, from} and {@code op from, to} of stores, whose register comes first here. */
    public void op(VectorOp op, Vec to, VecOrMem from) {
        op(op, Masking.NONE, to, from);
    }

    /** {@code op to, a, b} */
    public void op(VectorOp op, Vec to, Vec a, VecOrMem b) {
        op(op, Masking.NONE, to, a, b);
    }

    /** {@code op to, from, imm} and {@code op from, to, imm} of stores; the shifts by a constant among them. */
    public void op(VectorOp op, Vec to, VecOrMem from, int immediate) {
        op(op, Masking.NONE, to, from, immediate);
    }

    /** {@code op to, a, b, imm} */
    public void op(VectorOp op, Vec to, Vec a, VecOrMem b, int immediate) {
        op(op, Masking.NONE, to, a, b, immediate);
    }

    /** {@code op to {mask}, from} */
    public void op(VectorOp op, Masking masking, Vec to, VecOrMem from) {
        vectorInto(op, masking, to, null, from, NO_IMMEDIATE);
    }

    /** {@code op to {mask}, a, b} */
    public void op(VectorOp op, Masking masking, Vec to, Vec a, VecOrMem b) {
        vectorInto(op, masking, to, a, b, NO_IMMEDIATE);
    }

    /** {@code op to {mask}, from, imm} */
    public void op(VectorOp op, Masking masking, Vec to, VecOrMem from, int immediate) {
        vectorInto(op, masking, to, null, from, inByte(op, immediate));
    }

    /** {@code op to {mask}, a, b, imm} */
    public void op(VectorOp op, Masking masking, Vec to, Vec a, VecOrMem b, int immediate) {
        vectorInto(op, masking, to, a, b, inByte(op, immediate));
    }

    /** {@code op mask, from}: bits of every element into a mask. */
    public void op(VectorOp op, Mask to, Vec from) {
        checkKind(op, true);
        vector(op, Masking.NONE, to.number(), from, null, from, NO_IMMEDIATE);
    }

    /** {@code vmovd to, from}: the low 32 bits of a general-purpose register. */
    public void vmovd(Vec to, Gp from) {
        moveGeneral(VectorOp.VMOVD_LOAD, to, from);
    }

    /**
     * {@code vmovd to, from}: the lowest lane into the low 32 bits of a general-purpose register, the others become
     * zero.
     */
    public void vmovd(Gp to, Vec from) {
        moveGeneral(VectorOp.VMOVD_STORE, from, to);
    }

    private void moveGeneral(VectorOp op, Vec vector, Gp general) {
        if (vector.bits() != 128) {
            throw new IllegalArgumentException("vmovd with %s: it has 128 bits".formatted(vector));
        }
        if (vector.number() > 15) {
            prefix.evex(op, Masking.NONE, vector.number(), 128, 0, false, 0, ModRm.high(general));
        } else {
            prefix.vex(op, vector.number(), 128, 0, 0, ModRm.high(general));
        }
        code.put(op.opcode);
        modRm.register(vector.number(), general.number());
    }

    public void vzeroupper() {
        code.putBytes(0xC5, 0xF8, 0x77);
    }

    private static int inByte(VectorOp op, int immediate) {
        if (immediate < 0 || immediate > 255) {
            throw new IllegalArgumentException("%s with immediate %d: there are 0 to 255".formatted(op, immediate));
        }
        return immediate;
    }

    private static void checkKind(VectorOp op, boolean intoMask) {
        if (op.intoMask() != intoMask) {
            throw new IllegalArgumentException(op
                    + (intoMask ? " writes a vector register, not a mask" : " writes a mask, not a vector register"));
        }
    }

    private void vectorInto(VectorOp op, Masking masking, Vec to, @Nullable Vec a, VecOrMem b, int immediate) {
        checkKind(op, false);
        vector(op, masking, op.form == SHIFT ? op.extension : to.number(), to, a, b, immediate);
    }

    /**
     * @param reg what goes into ModRM.reg
     * @param length gives the vector length
     * @param second what goes into vvvv; a shift by a constant has its destination there
     */
    private void vector(
            VectorOp op, Masking masking, int reg, Vec length, @Nullable Vec second, VecOrMem rm, int immediate) {
        if (op.immediate() != (immediate != NO_IMMEDIATE)) {
            throw new IllegalArgumentException(op + (op.immediate() ? " needs an immediate" : " has no immediate"));
        }
        OperandCheck.check(op, masking, length, second, rm);
        int bits = length.bits();
        int vvvv = op.form == SHIFT ? length.number() : second == null ? 0 : second.number();
        boolean broadcast = rm instanceof Mem mem && mem.broadcast();
        boolean evex = op.set == VectorOp.Set.AVX512
                || bits == 512
                || broadcast
                || masking.mask() != Mask.K0
                || reg > 15
                || vvvv > 15
                || (rm instanceof Vec vec ? vec.number() > 15 : op.form == SHIFT);
        if (evex && op.set == VectorOp.Set.VEX_ONLY) {
            throw new IllegalArgumentException(
                    op + " has no EVEX encoding, for registers 16 to 31, 512 bits, a mask or a broadcast");
        }
        switch (rm) {
            case Vec vec -> {
                int x = vec.number() >> 4 & 1;
                int b = vec.number() >> 3 & 1;
                if (evex) {
                    prefix.evex(op, masking, reg, bits, vvvv, false, x, b);
                } else {
                    prefix.vex(op, reg, bits, vvvv, x, b);
                }
                code.put(op.opcode);
                modRm.register(reg, vec.number());
            }
            case Mem mem -> {
                int x = ModRm.high(mem.index());
                int b = ModRm.high(mem.base());
                if (evex) {
                    prefix.evex(op, masking, reg, bits, vvvv, broadcast, x, b);
                } else {
                    prefix.vex(op, reg, bits, vvvv, x, b);
                }
                code.put(op.opcode);
                modRm.memory(reg, mem, evex ? op.tuple.bytes(bits / 8, broadcast) : 1, op.immediate() ? 1 : 0);
            }
        }
        if (op.immediate()) {
            code.put(immediate);
        }
    }

    // ---- mask registers

    /** {@code kmovw to, from}: 16 bits. */
    public void kmovw(Mask to, Gp from) {
        if (from.number() < 8) {
            code.putBytes(0xC5, 0xF8, 0x92);
        } else {
            code.putBytes(0xC4, 0xC1, 0x78, 0x92);
        }
        modRm.register(to.number(), from.number());
    }

    /** {@code kmovw to, from}: 16 bits, the others become zero. */
    public void kmovw(Gp to, Mask from) {
        code.putBytes(0xC5, (~to.number() >> 3 & 1) << 7 | 0x78, 0x93);
        modRm.register(to.number(), from.number());
    }

    // ---- general-purpose instructions

    /** {@code mov to, from} */
    public void mov(Gp to, Gp from) {
        rex(from.number(), 0, to.number());
        code.put(0x89);
        modRm.register(from.number(), to.number());
    }

    /** {@code mov to, value}: sets all 64 bits. */
    public void mov(Gp to, long value) {
        if (value >= 0 && value <= 0xffff_ffffL) {
            if (to.number() > 7) {
                code.put(0x41);
            }
            code.put(0xB8 | (to.number() & 7));
            code.putInt((int) value);
        } else if (value == (int) value) {
            rex(0, 0, to.number());
            code.put(0xC7);
            modRm.register(0, to.number());
            code.putInt((int) value);
        } else {
            rex(0, 0, to.number());
            code.put(0xB8 | (to.number() & 7));
            code.putLong(value);
        }
    }

    /** {@code mov to, [from]}: 64 bits. */
    public void load(Gp to, Mem from) {
        modRm.general(true, to.number(), from, 0x8B);
    }

    /** {@code mov to, [from]}: 32 bits, the upper half becomes zero. */
    public void load32(Gp to, Mem from) {
        modRm.general(false, to.number(), from, 0x8B);
    }

    /** {@code movzx to, byte [from]} */
    public void loadByte(Gp to, Mem from) {
        modRm.general(false, to.number(), from, 0x0F, 0xB6);
    }

    /** {@code movzx to, word [from]} */
    public void loadWord(Gp to, Mem from) {
        modRm.general(false, to.number(), from, 0x0F, 0xB7);
    }

    /** {@code mov [to], from}: 64 bits. */
    public void store(Mem to, Gp from) {
        modRm.general(true, from.number(), to, 0x89);
    }

    /** {@code mov [to], from}: 32 bits. */
    public void store32(Mem to, Gp from) {
        modRm.general(false, from.number(), to, 0x89);
    }

    /** {@code mov [to], from}: 16 bits. */
    public void storeWord(Mem to, Gp from) {
        ModRm.checkPlain(to);
        code.put(0x66);
        modRm.general(false, from.number(), to, 0x89);
    }

    /** {@code mov [to], from}: the low 8 bits of RAX, RCX, RDX, RBX or R8 to R15. */
    public void storeByte(Mem to, Gp from) {
        if (from.number() >= 4 && from.number() < 8) {
            throw new IllegalArgumentException(from + " needs another prefix for its low byte");
        }
        modRm.general(false, from.number(), to, 0x88);
    }

    /** {@code lea to, [address]} */
    public void lea(Gp to, Mem address) {
        modRm.general(true, to.number(), address, 0x8D);
    }

    /** {@code op to, from} */
    public void op(GpOp op, Gp to, Gp from) {
        rex(from.number(), 0, to.number());
        code.put(op.code << 3 | 1);
        modRm.register(from.number(), to.number());
    }

    /** {@code op to, [from]}: 64 bits. */
    public void op(GpOp op, Gp to, Mem from) {
        modRm.general(true, to.number(), from, op.code << 3 | 3);
    }

    /** {@code op to, value}: sign-extended. */
    public void op(GpOp op, Gp to, int value) {
        rex(0, 0, to.number());
        boolean small = value == (byte) value;
        if (!small && to == Gp.RAX) {
            code.put(op.code << 3 | 5);
        } else {
            code.put(small ? 0x83 : 0x81);
            modRm.register(op.code, to.number());
        }
        if (small) {
            code.put(value);
        } else {
            code.putInt(value);
        }
    }

    /** {@code test a, b} */
    public void test(Gp a, Gp b) {
        rex(b.number(), 0, a.number());
        code.put(0x85);
        modRm.register(b.number(), a.number());
    }

    /** {@code imul to, from} */
    public void imul(Gp to, Gp from) {
        rex(to.number(), 0, from.number());
        code.putBytes(0x0F, 0xAF);
        modRm.register(to.number(), from.number());
    }

    /** {@code imul to, from, value} */
    public void imul(Gp to, Gp from, int value) {
        rex(to.number(), 0, from.number());
        boolean small = value == (byte) value;
        code.put(small ? 0x6B : 0x69);
        modRm.register(to.number(), from.number());
        if (small) {
            code.put(value);
        } else {
            code.putInt(value);
        }
    }

    /** {@code shl register, count} */
    public void shl(Gp register, int count) {
        shift(4, register, count);
    }

    /** {@code shr register, count} */
    public void shr(Gp register, int count) {
        shift(5, register, count);
    }

    private void shift(int extension, Gp register, int count) {
        if (count < 0 || count > 63) {
            throw new IllegalArgumentException("a shift by %d: there are 0 to 63".formatted(count));
        }
        rex(0, 0, register.number());
        if (count == 1) {
            code.put(0xD1);
            modRm.register(extension, register.number());
        } else {
            code.put(0xC1);
            modRm.register(extension, register.number());
            code.put(count);
        }
    }

    /** {@code shl register, cl} */
    public void shlByCl(Gp register) {
        rex(0, 0, register.number());
        code.put(0xD3);
        modRm.register(4, register.number());
    }

    public void push(Gp register) {
        if (register.number() > 7) {
            code.put(0x41);
        }
        code.put(0x50 | (register.number() & 7));
    }

    public void pop(Gp register) {
        if (register.number() > 7) {
            code.put(0x41);
        }
        code.put(0x58 | (register.number() & 7));
    }

    public void jump(Label target) {
        code.put(0xE9);
        code.putDistance(target, 0, 0);
    }

    /** Jumps if the condition holds after the last comparison or arithmetic instruction. */
    public void jump(Condition condition, Label target) {
        code.putBytes(0x0F, 0x80 | condition.code);
        code.putDistance(target, 0, 0);
    }

    public void ret() {
        code.put(0xC3);
    }

    public void cpuid() {
        code.putBytes(0x0F, 0xA2);
    }

    public void xgetbv() {
        code.putBytes(0x0F, 0x01, 0xD0);
    }

    /** {@code prefetcht0 [address]} */
    public void prefetch(Mem address) {
        modRm.general(false, 1, address, 0x0F, 0x18);
    }

    /** {@code prefetcht1 [address]}: to the second-level cache */
    public void prefetchLevel2(Mem address) {
        modRm.general(false, 2, address, 0x0F, 0x18);
    }

    // ---- pieces of an instruction

    private void rex(int reg, int x, int b) {
        code.put(0x48 | (reg >> 3) << 2 | x << 1 | b >> 3);
    }
}
