package kawi.assembler.a64;

import static kawi.assembler.a64.Samples.w;
import static kawi.assembler.a64.Samples.x;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kawi.assembler.Sample;

/** Samples of the vector instructions with elements, immediates, flags, tables and general-purpose registers. */
final class MoveForms {

    private MoveForms() {}

    private static Vec vec(Shape shape, IntUnaryOperator choice) {
        return Vec.v(choice.applyAsInt(32)).as(shape);
    }

    /** One of each size. */
    static List<Element> elements(IntUnaryOperator choice) {
        return List.of(
                vec(Shape.Q, choice).b(choice.applyAsInt(16)),
                vec(Shape.Q, choice).h(choice.applyAsInt(8)),
                vec(Shape.Q, choice).s(choice.applyAsInt(4)),
                vec(Shape.Q, choice).d(choice.applyAsInt(2)));
    }

    static List<Sample> samples(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        all.addAll(elementMoves(choice));
        all.addAll(scalars(choice));
        all.addAll(tables(choice));
        all.addAll(byteImmediates(choice));
        all.addAll(floatImmediates(choice));
        return all;
    }

    private static List<Sample> elementMoves(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (Element from : elements(choice)) {
            Gp general = GeneralForms.register(choice);
            boolean wide = from.kind() == Element.Kind.D;
            String text = wide ? x(general) : w(general);
            Element to = new Element(
                    choice.applyAsInt(32),
                    from.kind(),
                    choice.applyAsInt(16 / from.kind().bytes()));
            for (boolean whole : wide ? new boolean[] {true} : new boolean[] {false, true}) {
                Vec vec = vec(Shape.vector(from.kind().bytes(), whole), choice);
                all.add(Samples.of("dup %s,%s".formatted(vec, from), a -> a.dup(vec, from)));
                all.add(Samples.of("dup %s,%s".formatted(vec, text), a -> a.dup(vec, general)));
            }
            Vec scalar = vec(Shape.scalar(from.kind().bytes()), choice);
            all.add(Samples.of("mov %s,%s".formatted(scalar, from), a -> a.dup(scalar, from)));
            all.add(Samples.of("mov %s,%s".formatted(to, from), a -> a.ins(to, from)));
            all.add(Samples.of("mov %s,%s".formatted(to, text), a -> a.ins(to, general)));
            String umov = from.kind().bytes() < 4 ? "umov" : "mov";
            all.add(Samples.of("%s %s,%s".formatted(umov, text, from), a -> a.umov(general, from)));
            if (!wide) {
                all.add(Samples.of("smov %s,%s".formatted(x(general), from), a -> a.smov(general, from)));
            }
        }
        Vec to = vec(Shape.B16, choice);
        Vec from = vec(Shape.B16, choice);
        all.add(Samples.of("mov %s,%s".formatted(to, from), a -> a.mov(to.s4(), from.q())));
        return all;
    }

    private static List<Sample> scalars(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (Shape shape : List.of(Shape.S, Shape.D)) {
            Vec to = vec(shape, choice);
            Vec first = vec(shape, choice);
            Vec second = vec(shape, choice);
            Gp general = GeneralForms.register(choice);
            String text = shape == Shape.D ? x(general) : w(general);
            Condition condition = GeneralForms.CONDITIONS.get(choice.applyAsInt(GeneralForms.CONDITIONS.size()));
            all.add(Samples.of("fmov %s,%s".formatted(to, first), a -> a.fmov(to, first)));
            all.add(Samples.of("fmov %s,%s".formatted(to, text), a -> a.fmov(to, general)));
            all.add(Samples.of("fmov %s,%s".formatted(text, first), a -> a.fmov(general, first)));
            all.add(Samples.of("fcmp %s,%s".formatted(first, second), a -> a.fcmp(first, second)));
            all.add(Samples.of("fcmp %s,#0.0".formatted(first), a -> a.fcmpZero(first)));
            all.add(Samples.of(
                    "fcsel %s,%s,%s,%s".formatted(to, first, second, Samples.text(condition)),
                    a -> a.fcsel(to, first, second, condition)));
        }
        return all;
    }

    private static List<Sample> tables(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (Shape shape : List.of(Shape.B8, Shape.B16)) {
            for (int n = 1; n <= 4; n++) {
                int count = n;
                Vec to = vec(shape, choice);
                Vec index = vec(shape, choice);
                Vec table = vec(Shape.B16, choice);
                int last = (table.number() + count - 1) % 32;
                String list = count > 2 && last > table.number()
                        ? "{%s-%s}".formatted(table, new Vec(last, Shape.B16))
                        : IntStream.range(0, count)
                                .mapToObj(i -> new Vec((table.number() + i) % 32, Shape.B16).toString())
                                .collect(Collectors.joining(",", "{", "}"));
                String operands = "%s,%s,%s".formatted(to, list, index);
                all.add(Samples.of("tbl " + operands, a -> a.tbl(to, table, count, index)));
                all.add(Samples.of("tbx " + operands, a -> a.tbx(to, table, count, index)));
            }
        }
        return all;
    }

    private static List<Sample> byteImmediates(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        // 0 and 255 would have several encodings.
        int value = 1 + choice.applyAsInt(254);
        for (Shape shape : List.of(Shape.B8, Shape.B16)) {
            Vec to = vec(shape, choice);
            all.add(Samples.of("movi %s,#%d".formatted(to, value), a -> a.movi(to, value)));
        }
        for (Shape shape : List.of(Shape.H4, Shape.H8, Shape.S2, Shape.S4)) {
            int bits = 8 * shape.elementBytes();
            long mask = (1L << bits) - 1;
            Vec to = vec(shape, choice);
            for (int shift = 0; shift < bits; shift += 8) {
                String operands = "%s,#%d%s".formatted(to, value, shift == 0 ? "" : ",lsl #" + shift);
                long shifted = (long) value << shift;
                all.add(Samples.of("movi " + operands, a -> a.movi(to, shifted)));
                all.add(Samples.of("mvni " + operands, a -> a.movi(to, ~shifted & mask)));
            }
            if (bits == 32) {
                for (int shift = 8; shift <= 16; shift += 8) {
                    String operands = "%s,#%d,msl #%d".formatted(to, value, shift);
                    long shifted = (long) value << shift | ((1L << shift) - 1);
                    all.add(Samples.of("movi " + operands, a -> a.movi(to, shifted)));
                    all.add(Samples.of("mvni " + operands, a -> a.movi(to, ~shifted)));
                }
            }
        }
        long bytes = 0;
        for (int i = 0; i < 8; i++) {
            bytes |= (choice.applyAsInt(2) * 255L) << (8 * i);
        }
        long pattern = bytes;
        for (Shape shape : List.of(Shape.D, Shape.D2)) {
            Vec to = vec(shape, choice);
            all.add(Samples.of("movi %s,#%s".formatted(to, Long.toUnsignedString(pattern)), a -> a.movi(to, pattern)));
        }
        return all;
    }

    /** A float of the 256 that have an encoding. */
    static float encodable(IntUnaryOperator choice) {
        float value = (16 + choice.applyAsInt(16)) / 128f * (1 << choice.applyAsInt(8));
        return choice.applyAsInt(2) == 0 ? value : -value;
    }

    private static List<Sample> floatImmediates(IntUnaryOperator choice) {
        List<Sample> all = new ArrayList<>();
        for (Shape shape : List.of(Shape.S2, Shape.S4, Shape.D2, Shape.S, Shape.D)) {
            Vec to = vec(shape, choice);
            float value = encodable(choice);
            String text = String.format(Locale.ROOT, "fmov %s,#%.18e", to, value);
            all.add(Samples.of(text, a -> a.fmov(to, value)));
        }
        return all;
    }
}
