package kawi.jmh;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.openjdk.jmh.runner.RunnerException;

/** Measures trials one after the other and prints their progress. */
final class Run {

    private final List<String> tiers;
    private final Suite.Mode mode;
    private final PrintStream out;
    private int failures;

    Run(List<String> tiers, Suite.Mode mode, PrintStream out) {
        this.tiers = tiers;
        this.mode = mode;
        this.out = out;
    }

    /** Measures the trials and returns their ratios. */
    SortedMap<Ratio, Double> measure(List<Trial> trials) throws IOException, RunnerException {
        List<JmhResult> results = new ArrayList<>();
        for (int i = 0; i < trials.size(); i++) {
            Trial trial = trials.get(i);
            out.printf(Locale.ROOT, "[%d/%d] %s", i + 1, trials.size(), trial.subject());
            out.flush();
            for (String tier : trial.tiersOf(tiers)) {
                results.addAll(measure(trial, tier));
            }
            out.println();
        }
        return Ratio.of(results);
    }

    private List<JmhResult> measure(Trial trial, String tier) throws IOException, RunnerException {
        Path log = Files.createTempFile("kawi-jmh-" + trial.method() + "-", ".log");
        Path json = log.resolveSibling(log.getFileName() + ".json");
        List<JmhResult> measured = trial.run(tier, mode, json, log);
        Files.deleteIfExists(json);
        if (measured.isEmpty()) {
            failures++;
            out.printf("  %s FAILED, see %s", tier, log);
        } else {
            Files.delete(log);
            out.printf(Locale.ROOT, "  %s %.4g/s", tier, measured.getFirst().perSecond());
        }
        return measured;
    }

    /** The number of measurements that failed. */
    int failures() {
        return failures;
    }
}
