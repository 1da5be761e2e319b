package kawi.kernels.assembled.x86;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The instruction sets that the assembled tier supports, best first. All compute identical bits. */
public enum X86Isa {
    /** 512 bits, with the 8-bit dot product. */
    AVX512_VNNI(512),
    /** 512 bits: F, BW, DQ and VL. */
    AVX512(512),
    /** 256 bits with FMA and F16C, and the 8-bit dot product with VEX encoding. */
    AVX2_VNNI(256),
    /** 256 bits with FMA and F16C. */
    AVX2(256);

    /** The system property that forces one of them: {@code auto} or a name without underscore, {@code avx512vnni}. */
    public static final String PROPERTY = "kawi.isa";

    private final int bits;

    X86Isa(int bits) {
        this.bits = bits;
    }

    /** Bits per vector register. */
    int bits() {
        return bits;
    }

    /** Floats per vector register. */
    public int lanes() {
        return bits / Float.SIZE;
    }

    /** Whether there are 32 registers, masks and broadcasting memory operands. */
    boolean avx512() {
        return bits == 512;
    }

    /** Whether one instruction multiplies bytes and adds the products to 32-bit sums. */
    boolean vnni() {
        return this == AVX512_VNNI || this == AVX2_VNNI;
    }

    boolean runsOn(Cpu cpu) {
        return switch (this) {
            case AVX512_VNNI -> cpu.avx512Vnni();
            case AVX512 -> cpu.avx512();
            case AVX2_VNNI -> cpu.avxVnni();
            case AVX2 -> cpu.avx2();
        };
    }

    /** The name in {@link #PROPERTY}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace("_", "");
    }

    private static @Nullable X86Isa chosen;
    private static @Nullable Cpu cpu;

    /** The features of this CPU, determined once. */
    private static synchronized Cpu cpu() {
        if (cpu == null) {
            cpu = Cpu.ask();
        }
        return cpu;
    }

    /**
     * The instruction set for this JVM: the best available one, unless the system property {@value #PROPERTY} names
     * another.
     *
     * @throws UnsupportedOperationException if there is none, or not the requested one
     * @throws IllegalArgumentException if the property does not name an instruction set
     */
    public static synchronized X86Isa chosen() {
        if (chosen == null) {
            chosen = choose(System.getProperty(PROPERTY, "auto"), cpu());
        }
        return chosen;
    }

    private static X86Isa choose(String wanted, Cpu cpu) {
        if (wanted.equalsIgnoreCase("auto")) {
            return Arrays.stream(values())
                    .filter(isa -> isa.runsOn(cpu))
                    .findFirst()
                    .orElseThrow(() -> new UnsupportedOperationException(
                            "this CPU (%s) lacks AVX2, FMA or F16C, or the system does not save their registers"
                                    .formatted(cpu.name())));
        }
        for (X86Isa isa : values()) {
            if (isa.label().equalsIgnoreCase(wanted)) {
                if (!isa.runsOn(cpu)) {
                    throw new UnsupportedOperationException(
                            "kawi.isa is %s, which this CPU (%s) does not support".formatted(isa.label(), cpu.name()));
                }
                return isa;
            }
        }
        throw new IllegalArgumentException("%s '%s': expected auto, %s"
                .formatted(
                        PROPERTY,
                        wanted,
                        Arrays.stream(values()).map(X86Isa::label).collect(Collectors.joining(", "))));
    }

    /** The instruction sets that this machine supports, best first; none if machine code is not supported. */
    public static X86Isa[] usable() {
        try {
            Cpu here = cpu();
            return Arrays.stream(values()).filter(isa -> isa.runsOn(here)).toArray(X86Isa[]::new);
        } catch (UnsupportedOperationException noMachineCode) {
            return new X86Isa[0];
        }
    }

    /** The CPU and the instruction set, for display. */
    public static String sentence() {
        return "%s on %s".formatted(chosen().label(), cpu().name());
    }
}
