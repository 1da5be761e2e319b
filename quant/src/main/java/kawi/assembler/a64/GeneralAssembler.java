package kawi.assembler.a64;

import kawi.assembler.CodeAssembler;
import kawi.assembler.Label;
import kawi.assembler.a64.GpOp.Form;

/** The part of the {@link Assembler} without vectors: general-purpose registers and branches. */
abstract sealed class GeneralAssembler extends CodeAssembler<Mem> permits Assembler {

    private static final byte[][] NOPS = {{0x1F, 0x20, 0x03, (byte) 0xD5}};
    private static final int NOP = 0xD503201F;
    private static final int RET = 0xD65F03C0;

    final MemoryCode memory = new MemoryCode(code);

    GeneralAssembler() {
        super(NOPS);
    }

    @Override
    protected final Mem at(Label place) {
        return Mem.at(place);
    }

    // ---- general-purpose registers and memory

    /** {@code ldr to, [from]}: 64 bits. */
    public void ldr(Gp to, Mem from) {
        single("ldr", 3, 1, 0x5800_0000, to, from);
    }

    /** {@code ldr to, [from]}: 32 bits, the upper half becomes zero. */
    public void ldrw(Gp to, Mem from) {
        single("ldr of 32 bits", 2, 1, 0x1800_0000, to, from);
    }

    /** {@code ldrh to, [from]}: 16 bits, the others become zero. */
    public void ldrh(Gp to, Mem from) {
        single("ldrh", 1, 1, 0, to, from);
    }

    /** {@code ldrb to, [from]}: 8 bits, the others become zero. */
    public void ldrb(Gp to, Mem from) {
        single("ldrb", 0, 1, 0, to, from);
    }

    /** {@code ldrsw to, [from]}: 32 bits, sign-extended to 64. */
    public void ldrsw(Gp to, Mem from) {
        single("ldrsw", 2, 2, 0x9800_0000, to, from);
    }

    /** {@code ldrsh to, [from]}: 16 bits, sign-extended to 64. */
    public void ldrsh(Gp to, Mem from) {
        single("ldrsh", 1, 2, 0, to, from);
    }

    /** {@code ldrsb to, [from]}: 8 bits, sign-extended to 64. */
    public void ldrsb(Gp to, Mem from) {
        single("ldrsb", 0, 2, 0, to, from);
    }

    /** {@code str from, [to]}: 64 bits. */
    public void str(Gp from, Mem to) {
        single("str", 3, 0, 0, from, to);
    }

    /** {@code str from, [to]}: the low 32 bits. */
    public void strw(Gp from, Mem to) {
        single("str of 32 bits", 2, 0, 0, from, to);
    }

    /** {@code strh from, [to]}: the low 16 bits. */
    public void strh(Gp from, Mem to) {
        single("strh", 1, 0, 0, from, to);
    }

    /** {@code strb from, [to]}: the low 8 bits. */
    public void strb(Gp from, Mem to) {
        single("strb", 0, 0, 0, from, to);
    }

    private void single(String name, int size, int opc, int literal, Gp register, Mem mem) {
        GeneralCode.checkNotStack(name, register);
        if (mem.mode() != Mem.Mode.OFFSET && register == mem.base()) {
            throw new IllegalArgumentException("%s of %s with a base that is changed".formatted(name, register));
        }
        memory.single(name, size << 30 | 0x3800_0000 | opc << 22, 1 << size, literal, register.number(), mem);
    }

    /** {@code ldp a, b, [from]}: 64 bits each. */
    public void ldp(Gp a, Gp b, Mem from) {
        if (a == b) {
            throw new IllegalArgumentException("ldp of %s twice".formatted(a));
        }
        pair("ldp", 1, a, b, from);
    }

    /** {@code stp a, b, [to]}: 64 bits each. */
    public void stp(Gp a, Gp b, Mem to) {
        pair("stp", 0, a, b, to);
    }

    private void pair(String name, int load, Gp a, Gp b, Mem mem) {
        GeneralCode.checkNotStack(name, a);
        GeneralCode.checkNotStack(name, b);
        if (mem.mode() != Mem.Mode.OFFSET && (a == mem.base() || b == mem.base())) {
            throw new IllegalArgumentException("%s of %s and %s with a base that is changed".formatted(name, a, b));
        }
        memory.pair(name, 0xA800_0000 | load << 22, Long.BYTES, a.number(), b.number(), mem);
    }

    /** {@code prfm hint, [address]} */
    public void prfm(Prefetch hint, Mem address) {
        if (address.mode() != Mem.Mode.OFFSET) {
            throw new IllegalArgumentException("prfm does not change its base");
        }
        memory.single("prfm", 0xF880_0000, Long.BYTES, 0xD800_0000, hint.code, address);
    }

    /** {@code adr to, label}: the address of a place in the code, or of a constant. */
    public void adr(Gp to, Mem place) {
        GeneralCode.checkNotStack("adr", to);
        if (place.label() == null) {
            throw new IllegalArgumentException("adr of %s: it takes a label".formatted(place));
        }
        code.putWithDistance(0x1000_0000 | to.number(), Reach.BITS_21, place.label(), place.offset());
    }

    // ---- general-purpose registers

    /** {@code op to, a, b} */
    public void op(GpOp op, Gp to, Gp a, Gp b) {
        code.putInt(GeneralCode.registers(op, to, a, b));
    }

    /** {@code op to, a, b, shift count} */
    public void op(GpOp op, Gp to, Gp a, Gp b, Shift shift, int count) {
        code.putInt(GeneralCode.shifted(op, to, a, b, shift, count));
    }

    /**
     * {@code op to, a, value}. ADD and SUB of more than 12 bits become two instructions, for a value of up to 24 bits; a
     * negative value is subtracted instead of added.
     */
    public void op(GpOp op, Gp to, Gp a, long value) {
        if (op.form == Form.ARITHMETIC && value < 0) {
            op(op.opposite(), to, a, Math.negateExact(value));
        } else if (op.form == Form.ARITHMETIC && !op.setsFlags() && GeneralCode.needsTwo(value)) {
            code.putInt(GeneralCode.immediate(op, to, a, value & ~4095L));
            code.putInt(GeneralCode.immediate(op, to, to, value & 4095));
        } else {
            code.putInt(GeneralCode.immediate(op, to, a, value));
        }
    }

    /** {@code mov to, from}; one of them may be SP. */
    public void mov(Gp to, Gp from) {
        if (to == Gp.SP || from == Gp.SP) {
            op(GpOp.ADD, to, from, 0);
        } else {
            op(GpOp.ORR, to, Gp.ZR, from);
        }
    }

    /** Sets all 64 bits, by one to four instructions. */
    public void mov(Gp to, long value) {
        GeneralCode.checkNotStack("mov", to);
        int zeros = 0;
        int ones = 0;
        for (int i = 0; i < 64; i += 16) {
            zeros += (value >>> i & 0xffff) == 0 ? 1 : 0;
            ones += (value >>> i & 0xffff) == 0xffff ? 1 : 0;
        }
        boolean inverted = ones > zeros;
        if (Math.max(ones, zeros) < 3 && Immediates.logical(value) != Immediates.NONE) {
            op(GpOp.ORR, to, Gp.ZR, value);
            return;
        }
        long rest = inverted ? ~value : value;
        boolean first = true;
        for (int i = 0; i < 4; i++) {
            int part = (int) (rest >>> (16 * i)) & 0xffff;
            if (part != 0 || (rest == 0 && i == 0)) {
                if (first) {
                    // movn or movz
                    code.putInt((inverted ? 0x9280_0000 : 0xD280_0000) | i << 21 | part << 5 | to.number());
                } else {
                    int bits = (int) (value >>> (16 * i)) & 0xffff;
                    code.putInt(0xF280_0000 | i << 21 | bits << 5 | to.number());
                }
                first = false;
            }
        }
    }

    /** {@code madd to, a, b, c}: {@code a * b + c} */
    public void madd(Gp to, Gp a, Gp b, Gp c) {
        code.putInt(GeneralCode.threeSources("madd", 0x9B00_0000, to, a, b, c));
    }

    /** {@code msub to, a, b, c}: {@code c - a * b} */
    public void msub(Gp to, Gp a, Gp b, Gp c) {
        code.putInt(GeneralCode.threeSources("msub", 0x9B00_8000, to, a, b, c));
    }

    /** {@code lsl to, from, count} */
    public void lsl(Gp to, Gp from, int count) {
        GeneralCode.checkCount("lsl", count);
        code.putInt(GeneralCode.bitField("lsl", 0xD340_0000, to, from, -count & 63, 63 - count));
    }

    /** {@code lsr to, from, count} */
    public void lsr(Gp to, Gp from, int count) {
        GeneralCode.checkCount("lsr", count);
        code.putInt(GeneralCode.bitField("lsr", 0xD340_0000, to, from, count, 63));
    }

    /** {@code asr to, from, count} */
    public void asr(Gp to, Gp from, int count) {
        GeneralCode.checkCount("asr", count);
        code.putInt(GeneralCode.bitField("asr", 0x9340_0000, to, from, count, 63));
    }

    /** {@code ubfx to, from, lowest, width}: some bits, the others become zero. */
    public void ubfx(Gp to, Gp from, int lowest, int width) {
        if (lowest < 0 || width < 1 || lowest > 64 - width) {
            throw new IllegalArgumentException("ubfx of %d bits from %d: there are 0 to 63".formatted(width, lowest));
        }
        code.putInt(GeneralCode.bitField("ubfx", 0xD340_0000, to, from, lowest, lowest + width - 1));
    }

    /** {@code sxtw to, from}: the low 32 bits, sign-extended. */
    public void sxtw(Gp to, Gp from) {
        code.putInt(GeneralCode.bitField("sxtw", 0x9340_0000, to, from, 0, 31));
    }

    /** {@code cmp a, b} */
    public void cmp(Gp a, Gp b) {
        op(GpOp.SUBS, Gp.ZR, a, b);
    }

    /** {@code cmp a, value}: 0 to 4095, or a multiple of 4096 below 2^24; {@code cmn} for negative ones. */
    public void cmp(Gp a, long value) {
        op(GpOp.SUBS, Gp.ZR, a, value);
    }

    /** {@code tst a, b} */
    public void tst(Gp a, Gp b) {
        op(GpOp.ANDS, Gp.ZR, a, b);
    }

    /** {@code tst a, value}: a repeated pattern of ones. */
    public void tst(Gp a, long value) {
        op(GpOp.ANDS, Gp.ZR, a, value);
    }

    /** {@code csel to, a, b, condition}: a if it holds. */
    public void csel(Gp to, Gp a, Gp b, Condition condition) {
        code.putInt(GeneralCode.select(0x9A80_0000, to, a, b, condition.code));
    }

    /** {@code cset to, condition}: 1 if it holds, otherwise 0. */
    public void cset(Gp to, Condition condition) {
        // csinc with the inverse condition
        code.putInt(GeneralCode.select(0x9A80_0400, to, Gp.ZR, Gp.ZR, condition.code ^ 1));
    }

    // ---- branches

    public void b(Label target) {
        code.putWithDistance(0x1400_0000, Reach.BITS_26, target, 0);
    }

    public void bl(Label target) {
        code.putWithDistance(0x9400_0000, Reach.BITS_26, target, 0);
    }

    /** Branches if the condition holds after the last instruction that set the flags. */
    public void b(Condition condition, Label target) {
        code.putWithDistance(0x5400_0000 | condition.code, Reach.BITS_19, target, 0);
    }

    /** Branches if all 64 bits are zero. */
    public void cbz(Gp register, Label target) {
        GeneralCode.checkNotStack("cbz", register);
        code.putWithDistance(0xB400_0000 | register.number(), Reach.BITS_19, target, 0);
    }

    /** Branches if not all 64 bits are zero. */
    public void cbnz(Gp register, Label target) {
        GeneralCode.checkNotStack("cbnz", register);
        code.putWithDistance(0xB500_0000 | register.number(), Reach.BITS_19, target, 0);
    }

    /** Branches if a bit is zero. */
    public void tbz(Gp register, int bit, Label target) {
        code.putWithDistance(GeneralCode.testBit("tbz", 0x3600_0000, register, bit), Reach.BITS_14, target, 0);
    }

    /** Branches if a bit is one. */
    public void tbnz(Gp register, int bit, Label target) {
        code.putWithDistance(GeneralCode.testBit("tbnz", 0x3700_0000, register, bit), Reach.BITS_14, target, 0);
    }

    public void ret() {
        code.putInt(RET);
    }

    public void nop() {
        code.putInt(NOP);
    }
}
