package kawi.kernels.assembled.a64;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.assembler.a64.Assembler;
import kawi.kernels.assembled.Cpu;
import kawi.kernels.assembled.InstructionSet;
import kawi.machine.MachineCode;
import kawi.machine.OperatingSystem;
import kawi.machine.SystemQuery;

/**
 * The features of this CPU, as the operating system reports them: programs cannot ask an AArch64 CPU itself.
 *
 * @param dotprod FEAT_DotProd
 * @param i8mm FEAT_I8MM
 * @param name the name for display
 */
public record A64Cpu(boolean dotprod, boolean i8mm, String name) implements Cpu {

    /** Keys of the auxiliary vector of Linux, and bits of its values. */
    private static final long AT_HWCAP = 16;

    private static final long AT_HWCAP2 = 26;
    private static final long HWCAP_ASIMDDP = 1 << 20;
    private static final long HWCAP2_I8MM = 1 << 13;

    /** Features of Windows. */
    private static final int PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE = 43;

    private static final int PF_ARM_V82_I8MM_INSTRUCTIONS_AVAILABLE = 66;

    private static final String UNNAMED = "AArch64";

    /**
     * Identifies the CPU.
     *
     * @throws UnsupportedOperationException if the operating system cannot be asked, or machine code cannot be run
     */
    public static A64Cpu ask() {
        runCode();
        return ask(OperatingSystem.here(), SystemQuery.here());
    }

    /** Runs code that does nothing. */
    private static void runCode() {
        Assembler a = new Assembler();
        a.ret();
        try (Arena arena = Arena.ofConfined()) {
            new MachineCode(arena, a.finish()).run(0);
        }
    }

    static A64Cpu ask(OperatingSystem kind, SystemQuery system) {
        return switch (kind) {
            case LINUX -> {
                long features = system.auxiliaryValue(AT_HWCAP);
                long further = system.auxiliaryValue(AT_HWCAP2);
                yield new A64Cpu((features & HWCAP_ASIMDDP) != 0, (further & HWCAP2_I8MM) != 0, UNNAMED);
            }
            case MAC ->
                new A64Cpu(
                        system.setting("hw.optional.arm.FEAT_DotProd"),
                        system.setting("hw.optional.arm.FEAT_I8MM"),
                        system.text("machdep.cpu.brand_string").orElse(UNNAMED));
            case WINDOWS ->
                new A64Cpu(
                        system.processorFeature(PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE),
                        system.processorFeature(PF_ARM_V82_I8MM_INSTRUCTIONS_AVAILABLE),
                        UNNAMED);
            case POSIX ->
                throw new UnsupportedOperationException(
                        "this system (%s) cannot be asked for the features of an AArch64 CPU"
                                .formatted(System.getProperty("os.name")));
        };
    }

    @Override
    public List<String> features() {
        List<String> features = new ArrayList<>(List.of("NEON"));
        if (dotprod) {
            features.add("DotProd");
        }
        if (i8mm) {
            features.add("I8MM");
        }
        return features;
    }

    @Override
    public List<InstructionSet> instructionSets() {
        return Arrays.stream(A64Isa.values())
                .filter(isa -> isa.runsOn(this))
                .map(InstructionSet.class::cast)
                .toList();
    }

    @Override
    public String shortcoming() {
        return "lacks Advanced SIMD";
    }
}
