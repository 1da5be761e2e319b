package kawi;

import java.util.List;
import java.util.Optional;

/**
 * The kernels that can run in this JVM, and the ones that are used by default. Kernels come in tiers: {@code assembled}
 * is machine code that is assembled at run time, {@code vector} uses the Vector API, {@code scalar} is plain Java. All
 * tiers compute the same bits; they differ in speed.
 *
 * {@snippet :
 *    KernelSupport kernels = KernelSupport.detect();
 *    System.out.println(kernels.defaultTier() + ": " + kernels.reason());
 * }
 *
 * @param cpu the name of the CPU; empty if it could not be determined, which requires native access
 *     and a CPU with the architecture x86-64 or AArch64
 * @param cpuFeatures the instruction sets that the assembled kernels can use, such as {@code AVX2} or
 *     {@code DotProd}
 * @param nativeAccessDenied whether the JVM denies native access, which the assembled kernels require
 * @param tiers all tiers, in the order scalar, vector, assembled
 * @param defaultTier the name of the tier that is used if no other is selected, except for models of a few megabytes,
 *     see {@link ModelLoader#kernels}
 * @param reason why this is the default, in words for users
 */
public record KernelSupport(
        Optional<String> cpu,
        List<String> cpuFeatures,
        boolean nativeAccessDenied,
        List<Tier> tiers,
        String defaultTier,
        String reason) {

    /** The system property that selects a tier: {@code auto} or the name of a tier. */
    public static final String PROPERTY = "kawi.kernels";

    /** Creates a value with unmodifiable copies of the lists. */
    public KernelSupport {
        cpuFeatures = List.copyOf(cpuFeatures);
        tiers = List.copyOf(tiers);
    }

    /** Determines what can run in this JVM. */
    public static KernelSupport detect() {
        return Engine.provider().kernels();
    }

    /**
     * A tier of kernels.
     *
     * @param name {@code scalar}, {@code vector} or {@code assembled}
     * @param available whether the tier can be selected in this JVM
     * @param reason how it runs, or if it is not available, what is missing
     */
    public record Tier(String name, boolean available, String reason) {}
}
