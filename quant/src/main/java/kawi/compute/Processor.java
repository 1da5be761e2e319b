package kawi.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kawi.kernels.assembled.x86.Cpu;
import kawi.machine.NativeAccessDeniedException;

/**
 * The known properties of the CPU, for reports.
 *
 * @param name the name; empty if the CPU cannot be identified
 * @param features the instruction sets that the assembled kernels can use
 * @param nativeAccessDenied whether the CPU could not be identified because the JVM denies native access
 */
public record Processor(Optional<String> name, List<String> features, boolean nativeAccessDenied) {

    /** Identifies the CPU. */
    public static Processor detect() {
        try {
            Cpu cpu = Cpu.ask();
            List<String> features = new ArrayList<>();
            add(features, "AVX2", cpu.avx2());
            add(features, "AVX-VNNI", cpu.avxVnni());
            add(features, "AVX-512", cpu.avx512());
            add(features, "AVX-512 VNNI", cpu.avx512Vnni());
            return new Processor(Optional.of(cpu.name()), List.copyOf(features), false);
        } catch (UnsupportedOperationException e) {
            return new Processor(Optional.empty(), List.of(), e instanceof NativeAccessDeniedException);
        }
    }

    private static void add(List<String> features, String feature, boolean present) {
        if (present) {
            features.add(feature);
        }
    }
}
