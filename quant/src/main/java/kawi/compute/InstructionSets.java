package kawi.compute;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.kernels.assembled.Cpu;
import kawi.kernels.assembled.InstructionSet;
import kawi.kernels.assembled.a64.A64Cpu;
import kawi.kernels.assembled.a64.A64Isa;
import kawi.kernels.assembled.x86.X86Cpu;
import kawi.kernels.assembled.x86.X86Isa;
import org.jspecify.annotations.Nullable;

/** The instruction sets of the assembled tier: all of them, those of this CPU, and the one that is used. */
public final class InstructionSets {

    /** The system property that selects one: {@code auto} or a label, such as {@code avx512vnni} or {@code dotprod}. */
    public static final String PROPERTY = "kawi.isa";

    private static @Nullable Cpu cpu;
    private static @Nullable InstructionSet chosen;

    private InstructionSets() {}

    /** Those of all architectures; of each, the best first. */
    public static List<InstructionSet> all() {
        return Stream.<InstructionSet>concat(Arrays.stream(X86Isa.values()), Arrays.stream(A64Isa.values()))
                .toList();
    }

    /**
     * This CPU, identified once.
     *
     * @throws UnsupportedOperationException if there is no machine code for it, or it cannot be identified
     */
    static synchronized Cpu cpu() {
        if (cpu == null) {
            String architecture = System.getProperty("os.arch", "");
            cpu = switch (architecture) {
                case "amd64", "x86_64" -> X86Cpu.ask();
                case "aarch64", "arm64" -> A64Cpu.ask();
                default ->
                    throw new UnsupportedOperationException(
                            "this is a JVM for %s, not for x86-64 or AArch64".formatted(architecture));
            };
        }
        return cpu;
    }

    /** Those that this machine supports, best first; none if it cannot run machine code. */
    public static List<InstructionSet> usable() {
        try {
            return cpu().instructionSets();
        } catch (UnsupportedOperationException noMachineCode) {
            return List.of();
        }
    }

    /**
     * The instruction set of this JVM: the best available one, unless the system property {@value #PROPERTY} names
     * another.
     *
     * @throws UnsupportedOperationException if there is none, or not the requested one
     * @throws IllegalArgumentException if the property does not name an instruction set
     */
    public static synchronized InstructionSet chosen() {
        if (chosen == null) {
            chosen = choose(System.getProperty(PROPERTY, "auto"), cpu());
        }
        return chosen;
    }

    static InstructionSet choose(String wanted, Cpu cpu) {
        Predicate<InstructionSet> named = isa -> isa.label().equalsIgnoreCase(wanted);
        List<InstructionSet> usable = cpu.instructionSets();
        if (wanted.equalsIgnoreCase("auto")) {
            return usable.stream()
                    .findFirst()
                    .orElseThrow(() -> new UnsupportedOperationException(
                            "this CPU (%s) %s".formatted(cpu.name(), cpu.shortcoming())));
        }
        InstructionSet known = all().stream()
                .filter(named)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("%s '%s': expected auto, %s"
                        .formatted(
                                PROPERTY,
                                wanted,
                                all().stream().map(InstructionSet::label).collect(Collectors.joining(", ")))));
        if (!usable.contains(known)) {
            throw new UnsupportedOperationException(
                    "%s is %s, which this CPU (%s) does not support".formatted(PROPERTY, known.label(), cpu.name()));
        }
        return known;
    }

    /** The CPU and the instruction set, for display. */
    static String sentence() {
        return "%s on %s".formatted(chosen().label(), cpu().name());
    }
}
