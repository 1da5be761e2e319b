package kawi.kernels.assembled.a64;

import java.util.Map;

/** Names of AArch64 cores, which identify themselves by numbers: register MIDR_EL1. */
final class A64CoreName {

    static final String UNKNOWN = "AArch64";

    private static final int ARM = 0x41;

    private static final Map<Integer, String> IMPLEMENTERS = Map.of(
            ARM,
            "Arm",
            0x46,
            "Fujitsu",
            0x48,
            "HiSilicon",
            0x4e,
            "NVIDIA",
            0x51,
            "Qualcomm",
            0x53,
            "Samsung",
            0x61,
            "Apple",
            0x6d,
            "Microsoft",
            0xc0,
            "Ampere");

    /** Parts of Arm. */
    private static final Map<Integer, String> CORES = Map.ofEntries(
            Map.entry(0xd03, "Cortex-A53"),
            Map.entry(0xd04, "Cortex-A35"),
            Map.entry(0xd05, "Cortex-A55"),
            Map.entry(0xd07, "Cortex-A57"),
            Map.entry(0xd08, "Cortex-A72"),
            Map.entry(0xd09, "Cortex-A73"),
            Map.entry(0xd0a, "Cortex-A75"),
            Map.entry(0xd0b, "Cortex-A76"),
            Map.entry(0xd0c, "Neoverse N1"),
            Map.entry(0xd0d, "Cortex-A77"),
            Map.entry(0xd40, "Neoverse V1"),
            Map.entry(0xd41, "Cortex-A78"),
            Map.entry(0xd44, "Cortex-X1"),
            Map.entry(0xd46, "Cortex-A510"),
            Map.entry(0xd47, "Cortex-A710"),
            Map.entry(0xd48, "Cortex-X2"),
            Map.entry(0xd49, "Neoverse N2"),
            Map.entry(0xd4d, "Cortex-A715"),
            Map.entry(0xd4e, "Cortex-X3"),
            Map.entry(0xd4f, "Neoverse V2"),
            Map.entry(0xd80, "Cortex-A520"),
            Map.entry(0xd81, "Cortex-A720"),
            Map.entry(0xd82, "Cortex-X4"),
            Map.entry(0xd84, "Neoverse V3"),
            Map.entry(0xd8e, "Neoverse N3"));

    private A64CoreName() {}

    /** The name of a core, of whose register bits 24 to 31 are the implementer and bits 4 to 15 the part. */
    static String of(long midr) {
        int implementer = (int) (midr >>> 24 & 0xff);
        int part = (int) (midr >>> 4 & 0xfff);
        String maker = IMPLEMENTERS.get(implementer);
        if (maker == null) {
            return UNKNOWN;
        }
        String core = implementer == ARM ? CORES.get(part) : null;
        return core == null ? "%s core 0x%03x".formatted(maker, part) : "%s %s".formatted(maker, core);
    }
}
