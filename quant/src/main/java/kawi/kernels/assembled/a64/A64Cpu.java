package kawi.kernels.assembled.a64;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private static final long HWCAP_CPUID = 1 << 11;
    private static final long HWCAP_ASIMDDP = 1 << 20;
    private static final long HWCAP2_I8MM = 1 << 13;

    /** Features of Windows. */
    private static final int PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE = 43;

    private static final int PF_ARM_V82_I8MM_INSTRUCTIONS_AVAILABLE = 66;

    /** {@code mrs x1, midr_el1}, which Linux answers for programs; {@code str x1, [x0]}; {@code ret}. */
    private static final int MRS_MIDR = 0xD538_0001;

    private static final int STR = 0xF900_0001;
    private static final int RET = 0xD65F_03C0;

    /**
     * Identifies the CPU.
     *
     * @throws UnsupportedOperationException if the operating system cannot be asked, or machine code cannot be run
     */
    public static A64Cpu ask() {
        // Code that does nothing, for those systems that refuse to run any.
        run(RET);
        return ask(OperatingSystem.here(), SystemQuery.here());
    }

    static A64Cpu ask(OperatingSystem kind, SystemQuery system) {
        return switch (kind) {
            case LINUX -> {
                long features = system.auxiliaryValue(AT_HWCAP);
                yield linux(
                        features,
                        system.auxiliaryValue(AT_HWCAP2),
                        (features & HWCAP_CPUID) != 0 ? run(MRS_MIDR, STR, RET) : 0);
            }
            case MAC ->
                new A64Cpu(
                        system.setting("hw.optional.arm.FEAT_DotProd"),
                        system.setting("hw.optional.arm.FEAT_I8MM"),
                        system.text("machdep.cpu.brand_string").orElse(A64CoreName.UNKNOWN));
            case WINDOWS ->
                new A64Cpu(
                        system.processorFeature(PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE),
                        system.processorFeature(PF_ARM_V82_I8MM_INSTRUCTIONS_AVAILABLE),
                        A64CoreName.UNKNOWN);
            case POSIX ->
                throw new UnsupportedOperationException(
                        "this system (%s) cannot be asked for the features of an AArch64 CPU"
                                .formatted(System.getProperty("os.name")));
        };
    }

    /**
     * @param features of AT_HWCAP
     * @param further features, of AT_HWCAP2
     * @param midr the identification register, or 0
     */
    static A64Cpu linux(long features, long further, long midr) {
        return new A64Cpu((features & HWCAP_ASIMDDP) != 0, (further & HWCAP2_I8MM) != 0, A64CoreName.of(midr));
    }

    /** Runs a few instructions, and returns what they have stored at X0. */
    private static long run(int... instructions) {
        ByteBuffer code =
                ByteBuffer.allocate(instructions.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        code.asIntBuffer().put(instructions);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            new MachineCode(arena, code.array()).run(result);
            return result.get(JAVA_LONG, 0);
        }
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
