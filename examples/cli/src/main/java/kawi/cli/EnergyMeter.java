package kawi.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The counters of energy of the processor packages that Linux has under {@code /sys/class/powercap}. Usually only root
 * may read them. A counter returns to 0 after its range.
 */
final class EnergyMeter {

    static final Path POWERCAP = Path.of("/sys/class/powercap");

    private record Counter(Path energy, long range) {}

    private final List<Counter> counters;

    private EnergyMeter(List<Counter> counters) {
        this.counters = counters;
    }

    /** Returns the counters in a folder; empty if there are none that can be read. */
    static Optional<EnergyMeter> in(Path folder) {
        List<Counter> counters = new ArrayList<>();
        try (DirectoryStream<Path> zones = Files.newDirectoryStream(folder, "intel-rapl:*")) {
            for (Path zone : zones) {
                // Zones of parts of a package have a second colon, and are contained in it.
                if (String.valueOf(zone.getFileName()).matches("intel-rapl:\\d+")
                        && Files.readString(zone.resolve("name")).startsWith("package")) {
                    number(zone.resolve("energy_uj"));
                    counters.add(new Counter(zone.resolve("energy_uj"), number(zone.resolve("max_energy_range_uj"))));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
        return counters.isEmpty() ? Optional.empty() : Optional.of(new EnergyMeter(counters));
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    /** Reads all counters, in microjoules. */
    long[] read() throws IOException {
        long[] values = new long[counters.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = number(counters.get(i).energy);
        }
        return values;
    }

    /** Returns the energy between two readings, in joules. */
    double joules(long[] before, long[] after) {
        long sum = 0;
        for (int i = 0; i < before.length; i++) {
            long difference = after[i] - before[i];
            sum += difference < 0 ? difference + counters.get(i).range : difference;
        }
        return sum * 1e-6;
    }
}
