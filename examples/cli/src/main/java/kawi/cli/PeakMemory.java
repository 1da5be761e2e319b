package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The peak of the memory of this process, which Linux reports. */
final class PeakMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    /** Resets the peak to the current value, see proc(5). */
    private static final String RESET = "5";

    private PeakMemory() {}

    /** Returns the peak; empty if the system does not report it. */
    static OptionalLong bytes() {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Begins a new measurement. Returns false if the system does not support that. */
    static boolean reset() {
        try {
            Files.writeString(CLEAR, RESET);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
