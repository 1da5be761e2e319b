package kawi.assembler;

import static kawi.assembler.VectorOp.Form.SHIFT;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes x86-64 instructions one after the other; {@link #finish()} gives position-independent code.
 *
 * <p>A vector instruction is one of {@link VectorOp} with its operands in the manual's (Intel's) order. It gets the VEX encoding where that
 * can say it, and EVEX where registers 16 to 31, 512 bits, a mask or a broadcast ask for it:
 *
 * <pre>
 *    VEX    C5 [R̄ v̄v̄v̄v̄ L pp]                          or C4 [R̄ X̄ B̄ mmmmm] [W v̄v̄v̄v̄ L pp]
 *    EVEX   62 [R̄ X̄ B̄ R̄' 0 mmm] [W v̄v̄v̄v̄ 1 pp] [z L'L b V̄' aaa]
 *           opcode, ModRM, SIB, displacement, immediate
 * </pre>
 *
 * <p>R and R' extend ModRM.reg, X and B extend SIB.index and ModRM.rm or SIB.base (for a register in rm, X is its bit 4), V' extends
 * vvvv; a bar means that the bit is stored inverted. An 8-bit displacement in EVEX counts in units of the memory operand's size.
 *
 * <p>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.1 to 2.3, 2.7.
 */
public final class Assembler {

    /** What no immediate byte is. */
    private static final int NO_IMMEDIATE = -1;

    private final CodeBuffer code = new CodeBuffer();

    // ---- labels, constants, the end

    public Label label() {
        return new Label(code);
    }

    /** A label here. */
    public Label here() {
        Label label = label();
        bind(label);
        return label;
    }

    public void bind(Label label) {
        code.bind(label);
    }

    /** Continues at a multiple of {@code alignment}, a power of two, for the targets of hot jumps. */
    public void align(int alignment) {
        code.align(alignment);
    }

    /** A float in memory behind the code. */
    public Mem constant(float value) {
        return constant(Float.floatToRawIntBits(value), 1);
    }

    /** {@code count} times the same 32 bits in memory behind the code. */
    public Mem constant(int bits, int count) {
        return constant(Collections.nCopies(count, bits));
    }

    /** 32-bit words in memory behind the code, aligned to their size. */
    public Mem constant(List<Integer> bits) {
        return Mem.at(code.constant(List.copyOf(bits)));
    }

    /** Bytes in memory behind the code, aligned to their number, a multiple of 4. */
    public Mem constantBytes(int... bytes) {
        if (bytes.length % 4 != 0) {
            throw new IllegalArgumentException(
                    "a constant of %d bytes: its length is a multiple of 4".formatted(bytes.length));
        }
        List<Integer> words = new ArrayList<>(bytes.length / 4);
        for (int i = 0; i < bytes.length; i += 4) {
            words.add((bytes[i] & 255)
                    | (bytes[i + 1] & 255) << 8
                    | (bytes[i + 2] & 255) << 16
                    | (bytes[i + 3] & 255) << 24);
        }
        return constant(words);
    }

    /** The code, with its constants behind it. */
    public byte[] finish() {
        return code.finish();
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

    /** {@code op mask, a, b, imm}: a comparison into a mask. */
    public void op(VectorOp op, Mask to, Vec a, VecOrMem b, int immediate) {
        checkKind(op, true);
        vector(op, Masking.NONE, to.number(), a, a, b, inByte(op, immediate));
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

    /** {@code vmovd to, from}: the lowest lane into the low 32 bits of a general-purpose register, the others become zero. */
    public void vmovd(Gp to, Vec from) {
        moveGeneral(VectorOp.VMOVD_STORE, from, to);
    }

    private void moveGeneral(VectorOp op, Vec vector, Gp general) {
        if (vector.bits() != 128) {
            throw new IllegalArgumentException("vmovd with %s: it has 128 bits".formatted(vector));
        }
        if (vector.number() > 15) {
            evex(op, Masking.NONE, vector.number(), 128, 0, false, 0, high(general));
        } else {
            vex(op, vector.number(), 128, 0, 0, high(general));
        }
        code.put(op.opcode);
        modRmRegister(vector.number(), general.number());
    }

    public void vzeroupper() {
        bytes(0xC5, 0xF8, 0x77);
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
                    evex(op, masking, reg, bits, vvvv, false, x, b);
                } else {
                    vex(op, reg, bits, vvvv, x, b);
                }
                code.put(op.opcode);
                modRmRegister(reg, vec.number());
            }
            case Mem mem -> {
                int x = high(mem.index());
                int b = high(mem.base());
                if (evex) {
                    evex(op, masking, reg, bits, vvvv, broadcast, x, b);
                } else {
                    vex(op, reg, bits, vvvv, x, b);
                }
                code.put(op.opcode);
                modRmMemory(reg, mem, evex ? op.tuple.bytes(bits / 8, broadcast) : 1, op.immediate() ? 1 : 0);
            }
        }
        if (op.immediate()) {
            code.put(immediate);
        }
    }

    private static int high(@Nullable Gp register) {
        return register == null ? 0 : register.number() >> 3;
    }

    private void vex(VectorOp op, int reg, int bits, int vvvv, int x, int b) {
        int notR = ~reg >> 3 & 1;
        int last = (~vvvv & 15) << 3 | (bits == 256 ? 4 : 0) | op.prefix.code;
        if (op.map == VectorOp.Map.M0F && x == 0 && b == 0 && !op.wide) {
            bytes(0xC5, notR << 7 | last);
        } else {
            bytes(0xC4, notR << 7 | (~x & 1) << 6 | (~b & 1) << 5 | op.map.code, (op.wide ? 0x80 : 0) | last);
        }
    }

    private void evex(VectorOp op, Masking masking, int reg, int bits, int vvvv, boolean broadcast, int x, int b) {
        bytes(
                0x62,
                (~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~reg >> 4 & 1) << 4 | op.map.code,
                (op.evexWide() ? 0x80 : 0) | (~vvvv & 15) << 3 | 4 | op.prefix.code,
                (masking.zero() ? 0x80 : 0)
                        | (bits == 512 ? 0x40 : bits == 256 ? 0x20 : 0)
                        | (broadcast ? 0x10 : 0)
                        | (~vvvv >> 4 & 1) << 3
                        | masking.mask().number());
    }

    // ---- mask registers

    /** {@code kmovw to, from}: 16 bits. */
    public void kmovw(Mask to, Gp from) {
        vexGp(0, 0, 0x92, to.number(), from);
    }

    /** {@code kmovw to, from}: 16 bits, the others become zero. */
    public void kmovw(Gp to, Mask from) {
        bytes(0xC5, (~to.number() >> 3 & 1) << 7 | 0x78, 0x93);
        modRmRegister(to.number(), from.number());
    }

    /** {@code kmovq to, from} */
    public void kmovq(Mask to, Gp from) {
        vexGp(3, 1, 0x92, to.number(), from);
    }

    private void vexGp(int prefix, int wide, int opcode, int reg, Gp rm) {
        int last = 15 << 3 | prefix;
        if (wide == 0 && rm.number() < 8) {
            bytes(0xC5, 0x80 | last, opcode);
        } else {
            bytes(0xC4, 0xC1 | (~rm.number() >> 3 & 1) << 5, wide << 7 | last, opcode);
        }
        modRmRegister(reg, rm.number());
    }

    // ---- general-purpose instructions

    /** {@code mov to, from} */
    public void mov(Gp to, Gp from) {
        rex(from.number(), 0, to.number());
        code.put(0x89);
        modRmRegister(from.number(), to.number());
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
            modRmRegister(0, to.number());
            code.putInt((int) value);
        } else {
            rex(0, 0, to.number());
            code.put(0xB8 | (to.number() & 7));
            code.putLong(value);
        }
    }

    /** {@code mov to, [from]}: 64 bits. */
    public void load(Gp to, Mem from) {
        memory(true, to.number(), from, 0x8B);
    }

    /** {@code mov to, [from]}: 32 bits, the upper half becomes zero. */
    public void load32(Gp to, Mem from) {
        memory(false, to.number(), from, 0x8B);
    }

    /** {@code movzx to, byte [from]} */
    public void loadByte(Gp to, Mem from) {
        memory(false, to.number(), from, 0x0F, 0xB6);
    }

    /** {@code movzx to, word [from]} */
    public void loadWord(Gp to, Mem from) {
        memory(false, to.number(), from, 0x0F, 0xB7);
    }

    /** {@code mov [to], from}: 64 bits. */
    public void store(Mem to, Gp from) {
        memory(true, from.number(), to, 0x89);
    }

    /** {@code mov [to], from}: 32 bits. */
    public void store32(Mem to, Gp from) {
        memory(false, from.number(), to, 0x89);
    }

    /** {@code mov [to], from}: 16 bits. */
    public void storeWord(Mem to, Gp from) {
        checkPlain(to);
        code.put(0x66);
        memory(false, from.number(), to, 0x89);
    }

    /** {@code mov [to], from}: the low 8 bits of RAX, RCX, RDX, RBX or R8 to R15. */
    public void storeByte(Mem to, Gp from) {
        if (from.number() >= 4 && from.number() < 8) {
            throw new IllegalArgumentException(from + " needs another prefix for its low byte");
        }
        memory(false, from.number(), to, 0x88);
    }

    /** {@code lea to, [address]} */
    public void lea(Gp to, Mem address) {
        memory(true, to.number(), address, 0x8D);
    }

    /** {@code op to, from} */
    public void op(GpOp op, Gp to, Gp from) {
        rex(from.number(), 0, to.number());
        code.put(op.code << 3 | 1);
        modRmRegister(from.number(), to.number());
    }

    /** {@code op to, [from]}: 64 bits. */
    public void op(GpOp op, Gp to, Mem from) {
        memory(true, to.number(), from, op.code << 3 | 3);
    }

    /** {@code op to, value}: sign-extended. */
    public void op(GpOp op, Gp to, int value) {
        rex(0, 0, to.number());
        boolean small = value == (byte) value;
        if (!small && to == Gp.RAX) {
            code.put(op.code << 3 | 5);
        } else {
            code.put(small ? 0x83 : 0x81);
            modRmRegister(op.code, to.number());
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
        modRmRegister(b.number(), a.number());
    }

    /** {@code imul to, from} */
    public void imul(Gp to, Gp from) {
        rex(to.number(), 0, from.number());
        bytes(0x0F, 0xAF);
        modRmRegister(to.number(), from.number());
    }

    /** {@code imul to, from, value} */
    public void imul(Gp to, Gp from, int value) {
        rex(to.number(), 0, from.number());
        boolean small = value == (byte) value;
        code.put(small ? 0x6B : 0x69);
        modRmRegister(to.number(), from.number());
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
            modRmRegister(extension, register.number());
        } else {
            code.put(0xC1);
            modRmRegister(extension, register.number());
            code.put(count);
        }
    }

    /** {@code shl register, cl} */
    public void shlByCl(Gp register) {
        rex(0, 0, register.number());
        code.put(0xD3);
        modRmRegister(4, register.number());
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

    /** Jumps if the last comparison or arithmetic said so. */
    public void jump(Condition condition, Label target) {
        bytes(0x0F, 0x80 | condition.code);
        code.putDistance(target, 0, 0);
    }

    public void ret() {
        code.put(0xC3);
    }

    public void cpuid() {
        bytes(0x0F, 0xA2);
    }

    public void xgetbv() {
        bytes(0x0F, 0x01, 0xD0);
    }

    /** {@code prefetcht0 [address]} */
    public void prefetch(Mem address) {
        memory(false, 1, address, 0x0F, 0x18);
    }

    // ---- pieces of an instruction

    private void bytes(int... values) {
        for (int value : values) {
            code.put(value);
        }
    }

    private void rex(int reg, int x, int b) {
        code.put(0x48 | (reg >> 3) << 2 | x << 1 | b >> 3);
    }

    private static void checkPlain(Mem mem) {
        if (mem.broadcast()) {
            throw new IllegalArgumentException("a general-purpose instruction does not broadcast its memory operand");
        }
    }

    private void memory(boolean wide, int reg, Mem mem, int... opcode) {
        checkPlain(mem);
        int rex = (reg >> 3) << 2 | high(mem.index()) << 1 | high(mem.base());
        if (wide) {
            code.put(0x48 | rex);
        } else if (rex != 0) {
            code.put(0x40 | rex);
        }
        bytes(opcode);
        modRmMemory(reg, mem, 1, 0);
    }

    private void modRmRegister(int reg, int rm) {
        code.put(0xC0 | (reg & 7) << 3 | (rm & 7));
    }

    /**
     * @param unit what an 8-bit displacement counts in
     * @param after bytes of the instruction behind the displacement
     */
    private void modRmMemory(int reg, Mem mem, int unit, int after) {
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
        // Without a displacement, the code of RBP and R13 means something else.
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
}
