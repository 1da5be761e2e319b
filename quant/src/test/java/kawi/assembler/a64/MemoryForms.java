package kawi.assembler.a64;

import static kawi.assembler.a64.Samples.w;
import static kawi.assembler.a64.Samples.x;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kawi.assembler.Sample;

/** Samples of loads, stores and prefetches. */
final class MemoryForms {

    private static final List<Shape> VECTORS =
            List.of(Shape.B8, Shape.B16, Shape.H4, Shape.H8, Shape.S2, Shape.S4, Shape.D1, Shape.D2);

    private MemoryForms() {}

    /** An address and its text; {@code unscaled} if the instruction has another name for it. */
    private record Address(String text, Mem mem, boolean unscaled) {}

    /** A base for an access that changes it and loads or stores a register. */
    private static Gp otherThan(Gp register, IntUnaryOperator choice) {
        Gp other = base(choice);
        while (other == register) {
            other = base(choice);
        }
        return other;
    }

    private static Gp base(IntUnaryOperator choice) {
        int number = choice.applyAsInt(GeneralForms.REGISTERS.size() + 1);
        return number < GeneralForms.REGISTERS.size() ? GeneralForms.REGISTERS.get(number) : Gp.SP;
    }

    /** One of each kind that a single register has. */
    private static List<Address> addresses(int bytes, Gp base, boolean changed, IntUnaryOperator choice) {
        Gp index = GeneralForms.register(choice);
        int scaled = bytes * (1 + choice.applyAsInt(4095));
        int negative = -1 - choice.applyAsInt(256);
        int small = choice.applyAsInt(512) - 256;
        List<Address> all = new ArrayList<>(List.of(
                new Address("[%s]".formatted(x(base)), Mem.at(base), false),
                new Address("[%s,#%d]".formatted(x(base), scaled), Mem.at(base, scaled), false),
                new Address("[%s,#%d]".formatted(x(base), 4095 * bytes), Mem.at(base, 4095 * bytes), false),
                new Address("[%s,#%d]".formatted(x(base), negative), Mem.at(base, negative), true),
                new Address("[%s,%s]".formatted(x(base), x(index)), Mem.at(base, index), false)));
        if (bytes > 1) {
            int odd = 1 + 2 * choice.applyAsInt(128);
            all.add(new Address("[%s,#%d]".formatted(x(base), odd), Mem.at(base, odd), true));
            all.add(new Address(
                    "[%s,%s,lsl #%d]".formatted(x(base), x(index), Integer.numberOfTrailingZeros(bytes)),
                    Mem.at(base, index, bytes),
                    false));
        }
        if (changed) {
            all.add(new Address("[%s,#%d]!".formatted(x(base), small), Mem.pre(base, small), false));
            all.add(new Address("[%s],#%d".formatted(x(base), small), Mem.post(base, small), false));
        }
        return all;
    }

    /** An instruction of one general-purpose register. */
    private interface Single {
        void emit(Assembler a, Gp register, Mem mem);
    }

    private record GeneralAccess(String name, boolean wide, int bytes, Single call) {}

    private static final List<GeneralAccess> GENERAL = List.of(
            new GeneralAccess("ldr", true, 8, Assembler::ldr),
            new GeneralAccess("ldr", false, 4, Assembler::ldrw),
            new GeneralAccess("ldrh", false, 2, Assembler::ldrh),
            new GeneralAccess("ldrb", false, 1, Assembler::ldrb),
            new GeneralAccess("ldrsw", true, 4, Assembler::ldrsw),
            new GeneralAccess("ldrsh", true, 2, Assembler::ldrsh),
            new GeneralAccess("ldrsb", true, 1, Assembler::ldrsb),
            new GeneralAccess("str", true, 8, Assembler::str),
            new GeneralAccess("str", false, 4, Assembler::strw),
            new GeneralAccess("strh", false, 2, Assembler::strh),
            new GeneralAccess("strb", false, 1, Assembler::strb));

    static List<Sample> general(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (GeneralAccess access : GENERAL) {
            Gp register = GeneralForms.register(choice);
            Gp base = otherThan(register, choice);
            String text = access.wide ? x(register) : w(register);
            for (Address address : addresses(access.bytes, base, true, choice)) {
                String name = address.unscaled ? access.name.replaceFirst("(ld|st)", "$1u") : access.name;
                all.add(Samples.of(
                        "%s %s,%s".formatted(name, text, address.text),
                        a -> access.call.emit(a, register, address.mem)));
            }
        }
        int number = choice.applyAsInt(GeneralForms.REGISTERS.size());
        Gp first = GeneralForms.REGISTERS.get(number);
        Gp second = GeneralForms.REGISTERS.get((number + 1 + choice.applyAsInt(10)) % GeneralForms.REGISTERS.size());
        Gp base = GeneralForms.REGISTERS.get((number + 11 + choice.applyAsInt(10)) % GeneralForms.REGISTERS.size());
        for (Address address : pairs(8, base, choice)) {
            String operands = "%s,%s,%s".formatted(x(first), x(second), address.text);
            all.add(Samples.of("ldp " + operands, a -> a.ldp(first, second, address.mem)));
            all.add(Samples.of("stp " + operands, a -> a.stp(first, second, address.mem)));
        }
        for (Prefetch hint : Prefetch.values()) {
            for (Address address : addresses(8, base, false, choice)) {
                all.add(Samples.of(
                        "%s %s,%s"
                                .formatted(
                                        address.unscaled ? "prfum" : "prfm",
                                        hint.name().toLowerCase(Locale.ROOT),
                                        address.text),
                        a -> a.prfm(hint, address.mem)));
            }
        }
        return all;
    }

    private static List<Address> pairs(int bytes, Gp base, IntUnaryOperator choice) {
        int offset = bytes * (choice.applyAsInt(128) - 64);
        String zero = offset == 0 ? "[%s]" : "[%s,#%d]";
        return List.of(
                new Address("[%s]".formatted(x(base)), Mem.at(base), false),
                new Address(zero.formatted(x(base), offset), Mem.at(base, offset), false),
                new Address("[%s,#%d]!".formatted(x(base), offset), Mem.pre(base, offset), false),
                new Address("[%s],#%d".formatted(x(base), offset), Mem.post(base, offset), false));
    }

    static List<Sample> vectors(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (Shape shape : List.of(Shape.B, Shape.H, Shape.S, Shape.D, Shape.Q)) {
            Vec vec = Vec.v(choice.applyAsInt(32)).as(shape);
            for (Address address : addresses(shape.bytes(), base(choice), true, choice)) {
                String u = address.unscaled ? "u" : "";
                all.add(Samples.of("ld%sr %s,%s".formatted(u, vec, address.text), a -> a.ldr(vec, address.mem)));
                all.add(Samples.of("st%sr %s,%s".formatted(u, vec, address.text), a -> a.str(vec, address.mem)));
            }
            if (shape.bytes() >= 4) {
                Vec second = Vec.v(vec.number() ^ (1 + choice.applyAsInt(31))).as(shape);
                for (Address address : pairs(shape.bytes(), base(choice), choice)) {
                    String operands = "%s,%s,%s".formatted(vec, second, address.text);
                    all.add(Samples.of("ldp " + operands, a -> a.ldp(vec, second, address.mem)));
                    all.add(Samples.of("stp " + operands, a -> a.stp(vec, second, address.mem)));
                }
            }
        }
        return all;
    }

    /** {@code ld1} to {@code ld4}, {@code ld1r} and their stores, of vectors and elements. */
    static List<Sample> structures(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (Shape shape : VECTORS) {
            Vec first = Vec.v(choice.applyAsInt(32)).as(shape);
            for (int n = 1; n <= 4; n++) {
                int count = n;
                String list = list(first, count);
                structure(all, "ld1 " + list, count * shape.bytes(), choice, (a, mem) -> a.ld1(first, count, mem));
                structure(all, "st1 " + list, count * shape.bytes(), choice, (a, mem) -> a.st1(first, count, mem));
            }
            structure(all, "ld1r " + list(first, 1), shape.elementBytes(), choice, (a, mem) -> a.ld1r(first, mem));
            structure(all, "ld4r " + list(first, 4), 4 * shape.elementBytes(), choice, (a, mem) -> a.ld4r(first, mem));
            if (shape != Shape.D1) {
                int bytes = shape.bytes();
                structure(all, "ld2 " + list(first, 2), 2 * bytes, choice, (a, mem) -> a.ld2(first, mem));
                structure(all, "ld3 " + list(first, 3), 3 * bytes, choice, (a, mem) -> a.ld3(first, mem));
                structure(all, "ld4 " + list(first, 4), 4 * bytes, choice, (a, mem) -> a.ld4(first, mem));
                structure(all, "st2 " + list(first, 2), 2 * bytes, choice, (a, mem) -> a.st2(first, mem));
                structure(all, "st3 " + list(first, 3), 3 * bytes, choice, (a, mem) -> a.st3(first, mem));
                structure(all, "st4 " + list(first, 4), 4 * bytes, choice, (a, mem) -> a.st4(first, mem));
            }
        }
        for (Element element : MoveForms.elements(choice)) {
            String list = element.toString().replaceFirst("(v.*)\\[", "{$1}[");
            int bytes = element.kind().bytes();
            structure(all, "ld1 " + list, bytes, choice, (a, mem) -> a.ld1(element, mem));
            structure(all, "st1 " + list, bytes, choice, (a, mem) -> a.st1(element, mem));
        }
        return all;
    }

    /** As the disassembler writes it: three and more registers in a row are a range, unless 0 follows 31. */
    private static String list(Vec first, int count) {
        int last = (first.number() + count - 1) % 32;
        if (count > 2 && last > first.number()) {
            return "{%s-%s}".formatted(first, new Vec(last, first.shape()));
        }
        return IntStream.range(0, count)
                .mapToObj(i -> new Vec((first.number() + i) % 32, first.shape()).toString())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static void structure(
            List<Sample> all, String text, int bytes, IntUnaryOperator choice, BiConsumer<Assembler, Mem> call) {
        Gp base = base(choice);
        Gp amount = GeneralForms.register(choice);
        all.add(Samples.of("%s,[%s]".formatted(text, x(base)), a -> call.accept(a, Mem.at(base))));
        all.add(Samples.of("%s,[%s],#%d".formatted(text, x(base), bytes), a -> call.accept(a, Mem.post(base, bytes))));
        all.add(Samples.of(
                "%s,[%s],%s".formatted(text, x(base), x(amount)), a -> call.accept(a, Mem.post(base, amount))));
    }
}
