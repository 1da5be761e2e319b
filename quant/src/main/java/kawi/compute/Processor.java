package kawi.compute;

import java.util.List;
import java.util.Optional;
import kawi.kernels.assembled.Cpu;
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
            Cpu cpu = InstructionSets.cpu();
            return new Processor(Optional.of(cpu.name()), List.copyOf(cpu.features()), false);
        } catch (UnsupportedOperationException e) {
            return new Processor(Optional.empty(), List.of(), e instanceof NativeAccessDeniedException);
        }
    }
}
