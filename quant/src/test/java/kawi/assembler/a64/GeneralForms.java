package kawi.assembler.a64;

import static kawi.assembler.a64.Samples.x;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import kawi.assembler.Sample;

/** Samples of the instructions between general-purpose registers. */
final class GeneralForms {

    /** X0 to X30. */
    static final List<Gp> REGISTERS =
            List.of(Gp.values()).subList(0, List.of(Gp.values()).indexOf(Gp.SP));

    static final List<Condition> CONDITIONS = List.of(Condition.values());

    private GeneralForms() {}

    /** Neither SP nor ZR, which change the meaning or the name of some instructions. */
    static Gp register(IntUnaryOperator choice) {
        return REGISTERS.get(choice.applyAsInt(REGISTERS.size()));
    }

    private static Condition condition(IntUnaryOperator choice) {
        return CONDITIONS.get(choice.applyAsInt(CONDITIONS.size()));
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** One sample of each form. */
    static List<Sample> samples(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (GpOp op : GpOp.values()) {
            all.add(registers(op, register(choice), register(choice), register(choice)));
            if (op.form != GpOp.Form.TWO_SOURCES) {
                for (Shift shift : Shift.values()) {
                    all.add(shifted(op, shift, 1 + choice.applyAsInt(63), choice));
                }
            }
            if (op.form == GpOp.Form.ARITHMETIC) {
                all.add(immediate(op, register(choice), register(choice), choice.applyAsInt(4096)));
                all.add(immediate(op, register(choice), register(choice), (1 + choice.applyAsInt(4095)) << 12));
            } else if (op.withImmediate != 0) {
                all.add(immediate(op, register(choice), register(choice), pattern(choice)));
            }
        }
        all.addAll(withThreeSources(choice));
        all.addAll(bitFields(choice));
        all.addAll(comparisons(choice));
        return all;
    }

    /** A run of ones, rotated and repeated; not one that a 16-bit move makes too. */
    static long pattern(IntUnaryOperator choice) {
        int size = 2 << choice.applyAsInt(6);
        int ones = 1 + choice.applyAsInt(size - 1);
        long element = -1L >>> (64 - ones);
        int rotation = choice.applyAsInt(size);
        long mask = -1L >>> (64 - size);
        long value = rotation == 0 ? element : (element << rotation | element >>> (size - rotation)) & mask;
        for (int width = size; width < 64; width *= 2) {
            value |= value << width;
        }
        return value;
    }

    static Sample registers(GpOp op, Gp to, Gp a, Gp b) {
        String text = switch (op) {
            case LSLV -> "lsl";
            case LSRV -> "lsr";
            case ASRV -> "asr";
            default -> name(op);
        };
        return Samples.of("%s %s,%s,%s".formatted(text, x(to), x(a), x(b)), asm -> asm.op(op, to, a, b));
    }

    private static Sample shifted(GpOp op, Shift shift, int count, IntUnaryOperator choice) {
        Gp to = register(choice);
        Gp a = register(choice);
        Gp b = register(choice);
        return Samples.of(
                "%s %s,%s,%s,%s #%d".formatted(name(op), x(to), x(a), x(b), name(shift), count),
                asm -> asm.op(op, to, a, b, shift, count));
    }

    static Sample immediate(GpOp op, Gp to, Gp a, long value) {
        String number = op.form == GpOp.Form.ARITHMETIC && value > 4095
                ? "#%d,lsl #12".formatted(value >> 12)
                : "#" + Long.toUnsignedString(value);
        return Samples.of("%s %s,%s,%s".formatted(name(op), x(to), x(a), number), asm -> asm.op(op, to, a, value));
    }

    private static List<Sample> withThreeSources(IntUnaryOperator choice) {
        Gp to = register(choice);
        Gp a = register(choice);
        Gp b = register(choice);
        Gp c = register(choice);
        Condition condition = condition(choice);
        String operands = "%s,%s,%s".formatted(x(to), x(a), x(b));
        return List.of(
                Samples.of("madd %s,%s".formatted(operands, x(c)), asm -> asm.madd(to, a, b, c)),
                Samples.of("msub %s,%s".formatted(operands, x(c)), asm -> asm.msub(to, a, b, c)),
                Samples.of(
                        "csel %s,%s".formatted(operands, Samples.text(condition)),
                        asm -> asm.csel(to, a, b, condition)),
                Samples.of("cset %s,%s".formatted(x(to), Samples.text(condition)), asm -> asm.cset(to, condition)));
    }

    private static List<Sample> bitFields(IntUnaryOperator choice) {
        Gp to = register(choice);
        Gp from = register(choice);
        int count = 1 + choice.applyAsInt(63);
        // A field that begins at 0 or ends at 63 has another name.
        int lowest = 1 + choice.applyAsInt(61);
        int width = 1 + choice.applyAsInt(63 - lowest);
        return List.of(
                Samples.of("lsl %s,%s,#%d".formatted(x(to), x(from), count), asm -> asm.lsl(to, from, count)),
                Samples.of("lsr %s,%s,#%d".formatted(x(to), x(from), count), asm -> asm.lsr(to, from, count)),
                Samples.of("asr %s,%s,#%d".formatted(x(to), x(from), count), asm -> asm.asr(to, from, count)),
                Samples.of(
                        "ubfx %s,%s,#%d,#%d".formatted(x(to), x(from), lowest, width),
                        asm -> asm.ubfx(to, from, lowest, width)),
                Samples.of("sxtw %s,%s".formatted(x(to), Samples.w(from)), asm -> asm.sxtw(to, from)));
    }

    private static List<Sample> comparisons(IntUnaryOperator choice) {
        Gp a = register(choice);
        Gp b = register(choice);
        int value = choice.applyAsInt(4096);
        int negative = -1 - choice.applyAsInt(4095);
        long pattern = pattern(choice);
        return List.of(
                Samples.of("mov %s,%s".formatted(x(a), x(b)), asm -> asm.mov(a, b)),
                Samples.of("cmp %s,%s".formatted(x(a), x(b)), asm -> asm.cmp(a, b)),
                Samples.of("cmp %s,#%d".formatted(x(a), value), asm -> asm.cmp(a, value)),
                Samples.of("cmn %s,#%d".formatted(x(a), -negative), asm -> asm.cmp(a, negative)),
                Samples.of("tst %s,%s".formatted(x(a), x(b)), asm -> asm.tst(a, b)),
                Samples.of("tst %s,#%s".formatted(x(a), Long.toUnsignedString(pattern)), asm -> asm.tst(a, pattern)),
                Samples.of("ret", Assembler::ret),
                Samples.of("nop", Assembler::nop));
    }

    /** Number 31 as SP and as ZR, each where it is allowed. */
    static List<Sample> stackPointerAndZero() {
        List<Sample> all = new ArrayList<>();
        for (GpOp op : GpOp.values()) {
            for (int places = 1; places < 8; places++) {
                Gp to = (places & 1) == 0 ? Gp.X3 : Gp.ZR;
                Gp a = (places & 2) == 0 ? Gp.X4 : Gp.ZR;
                Gp b = (places & 4) == 0 ? Gp.X5 : Gp.ZR;
                all.add(registers(op, to, a, b));
            }
        }
        for (GpOp op : List.of(GpOp.ADD, GpOp.SUB)) {
            all.add(registers(op, Gp.SP, Gp.SP, Gp.X3));
            all.add(registers(op, Gp.SP, Gp.X3, Gp.X4));
            all.add(registers(op, Gp.X3, Gp.SP, Gp.X4));
            all.add(registers(op, Gp.X3, Gp.SP, Gp.ZR));
            all.add(immediate(op, Gp.SP, Gp.SP, 160));
            all.add(immediate(op, Gp.SP, Gp.X7, 4095));
            all.add(immediate(op, Gp.X7, Gp.SP, 8192));
        }
        for (GpOp op : List.of(GpOp.ADDS, GpOp.SUBS)) {
            all.add(registers(op, Gp.X3, Gp.SP, Gp.X4));
            all.add(registers(op, Gp.ZR, Gp.SP, Gp.X4));
            all.add(immediate(op, Gp.ZR, Gp.SP, 16));
        }
        for (GpOp op : List.of(GpOp.AND, GpOp.ORR, GpOp.EOR)) {
            all.add(immediate(op, Gp.SP, Gp.X1, -16));
            all.add(immediate(op, Gp.X1, Gp.ZR, 6));
        }
        all.add(immediate(GpOp.ANDS, Gp.ZR, Gp.X1, -64));
        all.add(Samples.of("mov sp,x29", a -> a.mov(Gp.SP, Gp.X29)));
        all.add(Samples.of("mov x29,sp", a -> a.mov(Gp.X29, Gp.SP)));
        all.add(Samples.of("mov x7,xzr", a -> a.mov(Gp.X7, Gp.ZR)));
        return all;
    }

    /** Immediates that take another instruction or two. */
    static List<Sample> composed() {
        List<Sample> all = new ArrayList<>();
        for (int value : new int[] {4097, 0xfff_fff, 0x12_3456, 8191}) {
            String high = "#%d,lsl #12".formatted(value >> 12);
            all.add(Samples.of(
                    "add x1,x2,%s; add x1,x1,#%d".formatted(high, value & 4095),
                    a -> a.op(GpOp.ADD, Gp.X1, Gp.X2, value)));
            all.add(Samples.of(
                    "sub x1,x2,%s; sub x1,x1,#%d".formatted(high, value & 4095),
                    a -> a.op(GpOp.ADD, Gp.X1, Gp.X2, -value)));
            all.add(Samples.of(
                    "sub sp,sp,%s; sub sp,sp,#%d".formatted(high, value & 4095),
                    a -> a.op(GpOp.SUB, Gp.SP, Gp.SP, value)));
        }
        all.add(Samples.of("sub x1,x2,#5", a -> a.op(GpOp.ADD, Gp.X1, Gp.X2, -5)));
        all.add(Samples.of("adds x1,x2,#5", a -> a.op(GpOp.SUBS, Gp.X1, Gp.X2, -5)));
        return all;
    }

    /** Values of 64 bits in registers. */
    static List<Sample> values() {
        List<Sample> all = new ArrayList<>();
        for (int shift = 0; shift < 64; shift += 16) {
            int part = 0x1234 + shift;
            long value = (long) part << shift;
            all.add(Samples.of("movz x9,#%d,lsl #%d".formatted(part, shift), a -> a.mov(Gp.X9, value)));
            all.add(Samples.of("movn x9,#%d,lsl #%d".formatted(part, shift), a -> a.mov(Gp.X9, ~value)));
        }
        all.add(Samples.of("movz x30,#0", a -> a.mov(Gp.X30, 0)));
        all.add(Samples.of("movn x30,#0", a -> a.mov(Gp.X30, -1)));
        all.add(Samples.of("movn x30,#15", a -> a.mov(Gp.X30, -16)));
        all.add(Samples.of("orr x1,xzr,#0x0f0f0f0f0f0f0f0f", a -> a.mov(Gp.X1, 0x0f0f_0f0f_0f0f_0f0fL)));
        all.add(Samples.of("orr x1,xzr,#0x3ffffffff000", a -> a.mov(Gp.X1, 0x3fff_ffff_f000L)));
        all.add(Samples.of("movz x1,#0x5678; movk x1,#0x1234,lsl #16", a -> a.mov(Gp.X1, 0x1234_5678L)));
        all.add(Samples.of(
                "movz x1,#0xdef0; movk x1,#0x9abc,lsl #16; movk x1,#0x5678,lsl #32; movk x1,#0x1234,lsl #48",
                a -> a.mov(Gp.X1, 0x1234_5678_9abc_def0L)));
        all.add(Samples.of(
                "movn x1,#0xedcb,lsl #16; movk x1,#0x5678,lsl #32", a -> a.mov(Gp.X1, 0xffff_5678_1234_ffffL)));
        return all;
    }
}
