package kawi.assembler.x86;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import kawi.assembler.Label;
import org.jspecify.annotations.Nullable;

/**
 * An address as an operand of this assembler and as text.
 *
 * @param base none: the place behind the instruction
 */
record Address(@Nullable Gp base, @Nullable Gp index, int scale, int displacement) {

    static final List<Gp> REGISTERS = List.of(Gp.values());

    Mem memory(Label end) {
        if (base == null) {
            return Mem.at(end).plus(displacement);
        }
        return index == null ? Mem.at(base, displacement) : Mem.at(base, index, scale, displacement);
    }

    String text() {
        StringBuilder text = new StringBuilder(base == null ? "[rip+END" : "[" + name(base));
        if (index != null) {
            text.append('+').append(name(index)).append('*').append(scale);
        }
        if (displacement != 0) {
            text.append(displacement < 0 ? "-0x" : "+0x").append(Integer.toHexString(Math.abs(displacement)));
        }
        return text.append(']').toString();
    }

    static String name(Gp register) {
        return register.name().toLowerCase(Locale.ROOT);
    }

    static String name32(Gp register) {
        String name = name(register);
        return Character.isDigit(name.charAt(1)) ? name + "d" : "e" + name.substring(1);
    }

    /** Displacements around every place where an encoding changes, if the 8-bit ones count in {@code unit}. */
    static List<Integer> displacements(int unit) {
        List<Integer> all = new ArrayList<>(List.of(
                0,
                1,
                -1,
                126,
                127,
                128,
                129,
                -127,
                -128,
                -129,
                Integer.MAX_VALUE,
                Integer.MIN_VALUE,
                Integer.MIN_VALUE + 1));
        for (int factor : new int[] {1, -1, 2, 126, 127, 128, 129, -127, -128, -129}) {
            all.add(factor * unit);
            all.add(factor * unit + unit / 2);
            all.add(factor * unit - 1);
        }
        return all.stream().distinct().toList();
    }

    /** Every base and index register with every scale and displacement of that unit. */
    static List<Address> all(int unit) {
        List<Address> all = new ArrayList<>();
        for (int displacement : displacements(unit)) {
            for (Gp base : Gp.values()) {
                all.add(new Address(base, null, 1, displacement));
                for (Gp index : Gp.values()) {
                    if (index != Gp.RSP) {
                        int scale = 1 << ((base.number() ^ index.number() ^ displacement) & 3);
                        all.add(new Address(base, index, scale, displacement));
                    }
                }
            }
        }
        return all;
    }

    /** A random value, with a preference for boundaries. */
    static Address any(Random random, int unit) {
        List<Integer> boundaries = displacements(unit);
        int displacement = switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(-140, 140) * unit;
            default -> boundaries.get(random.nextInt(boundaries.size()));
        };
        Gp base = REGISTERS.get(random.nextInt(16));
        Gp index = REGISTERS.get(random.nextInt(16));
        return switch (random.nextInt(4)) {
            case 0 -> new Address(null, null, 1, displacement >> 2);
            case 1 -> new Address(base, null, 1, displacement);
            default -> new Address(base, index == Gp.RSP ? Gp.R12 : index, 1 << random.nextInt(4), displacement);
        };
    }
}
