package kawi.jmh;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Measures trials in another JVM and passes on the results as they arrive. */
final class Run {

    /** Receives results. */
    interface Results {

        void measured(Measurement what, double speed);

        void failed(Measurement what, String reason);
    }

    private final List<String> flags;
    private final Map<String, String> labels;
    private final long budgetMillis;

    /**
     * @param flags of the JVM
     * @param tiers the tiers that are available
     * @param budgetMillis the time of a measurement, see {@link Stopwatch}
     */
    Run(List<String> flags, List<Tiers.Finding> tiers, long budgetMillis) {
        this.flags = flags;
        this.labels = tiers.stream().collect(Collectors.toMap(Tiers.Finding::tier, Tiers.Finding::label));
        this.budgetMillis = budgetMillis;
    }

    /** Measures each trial in each of the tiers. */
    void measure(List<Trial> trials, List<String> tiers, Results results) throws IOException {
        Path log = Files.createTempFile("kawi-compare-", ".log");
        Process process = new ProcessBuilder(ForkedJvm.command(
                        flags, Measuring.class.getName(), Measuring.arguments(budgetMillis, trials, tiers)))
                .redirectError(log.toFile())
                .start();
        int expected = trials.size() * tiers.size();
        int found = 0;
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                found += pass(line, results) ? 1 : 0;
            }
        } finally {
            process.destroy();
        }
        if (found < expected) {
            throw new IOException("the JVM that measures ended after %d of %d measurements; its output is in %s"
                    .formatted(found, expected, log));
        }
        Files.delete(log);
    }

    /** Passes on a line of {@link Measuring}; returns false for any other line. */
    boolean pass(String line, Results results) {
        String[] parts = line.split(Measuring.SEPARATOR, 4);
        if (parts.length < 3 || !labels.containsKey(parts[1])) {
            return false;
        }
        Measurement what = new Measurement(parts[0], labels.getOrDefault(parts[1], parts[1]));
        if (parts[2].equals(Measuring.FAILED)) {
            results.failed(what, parts.length > 3 ? parts[3] : "");
        } else {
            results.measured(what, Double.parseDouble(parts[2]));
        }
        return true;
    }
}
