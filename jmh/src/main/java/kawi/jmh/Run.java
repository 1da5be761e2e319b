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

/** Measures trials one after the other and says how it goes. */
final class Run {

    private final List<String> tiers;
    private final Suite.Mode mode;
    private final Path folder;
    private final PrintStream out;

    /** @param folder receives JMH's results and logs */
    Run(List<String> tiers, Suite.Mode mode, Path folder, PrintStream out) {
        this.tiers = tiers;
        this.mode = mode;
        this.folder = folder;
        this.out = out;
    }

    /** The ratios of the trials. */
    SortedMap<Ratio, Double> measure(List<Trial> trials) throws IOException, RunnerException {
        List<JmhResult> results = new ArrayList<>();
        for (int i = 0; i < trials.size(); i++) {
            Trial trial = trials.get(i);
            Path log = Files.createTempFile(folder, trial.method() + "-", ".log");
            Path json = log.resolveSibling(log.getFileName() + ".json");
            out.printf(Locale.ROOT, "[%d/%d] %s", i + 1, trials.size(), trial.subject());
            out.flush();
            List<JmhResult> measured = trial.run(tiers, mode, json, log);
            for (JmhResult result : measured) {
                out.printf(Locale.ROOT, "  %s %.4g/s", result.tier(), result.perSecond());
            }
            if (measured.size() < expected(trial)) {
                out.print("  FAILED, see " + log);
            }
            out.println();
            results.addAll(measured);
        }
        return Ratio.of(results);
    }

    private long expected(Trial trial) {
        return trial.isYardstick()
                ? 1
                : trial.tiers().stream().filter(tiers::contains).count();
    }
}
