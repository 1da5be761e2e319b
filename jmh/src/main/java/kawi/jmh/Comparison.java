package kawi.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** The ratios of a run compared with those of a baseline. */
record Comparison(List<Line> lines) {

    /** The relative difference up to which ratios are considered equal, because of the noise of measurements. */
    static final double TOLERANCE = 0.15;

    /** The result for one ratio. */
    enum Verdict {
        /** Equal within the tolerance. */
        SAME(""),
        /** Better by more than the tolerance. */
        GAIN("gain"),
        /** Not in the baseline. */
        NEW("new"),
        /** Worse by more than the tolerance. */
        LOSS("LOSS"),
        /** In the baseline, but not measured although it should have been. */
        MISSING("MISSING");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }
    }

    /**
     * One ratio.
     *
     * @param ratio the ratio
     * @param before the value in the baseline, or NaN
     * @param now the value in the run, or NaN
     * @param verdict the result of the comparison
     */
    record Line(Ratio ratio, double before, double now, Verdict verdict) {}

    /**
     * Compares the ratios of a run with those of the baseline.
     *
     * @param before the ratios of the baseline
     * @param now the ratios of the run
     * @param expected selects the ratios of the baseline that the run should have measured
     */
    static Comparison of(SortedMap<Ratio, Double> before, SortedMap<Ratio, Double> now, Predicate<Ratio> expected) {
        NavigableSet<Ratio> all = new TreeSet<>(now.keySet());
        before.keySet().stream().filter(expected).forEach(all::add);
        List<Line> lines = new ArrayList<>();
        for (Ratio ratio : all) {
            double then = before.getOrDefault(ratio, Double.NaN);
            double current = now.getOrDefault(ratio, Double.NaN);
            lines.add(new Line(ratio, then, current, verdict(then, current)));
        }
        return new Comparison(lines);
    }

    private static Verdict verdict(double before, double now) {
        if (Double.isNaN(now)) {
            return Verdict.MISSING;
        }
        if (Double.isNaN(before)) {
            return Verdict.NEW;
        }
        if (now < before * (1 - TOLERANCE)) {
            return Verdict.LOSS;
        }
        return now > before / (1 - TOLERANCE) ? Verdict.GAIN : Verdict.SAME;
    }

    List<Line> with(Verdict... verdicts) {
        Set<Verdict> selected = Set.of(verdicts);
        return lines.stream().filter(line -> selected.contains(line.verdict())).toList();
    }

    /** Whether any ratio of {@code subject} is a loss. */
    boolean hasLossOf(String subject) {
        return with(Verdict.LOSS).stream()
                .anyMatch(line -> line.ratio().subject().equals(subject));
    }

    /** Whether no ratio is lost or missing. */
    boolean passed() {
        return with(Verdict.LOSS, Verdict.MISSING).isEmpty();
    }

    /** Formats the comparison as a table with one line for each ratio, followed by a summary. */
    String table() {
        int subjectWidth = width("subject", line -> line.ratio().subject());
        int termsWidth = width("ratio", line -> line.ratio().terms());
        String row = "%-" + subjectWidth + "s  %-" + termsWidth + "s  %9s  %9s  %7s  %s";
        StringBuilder table = new StringBuilder();
        table.append(row.formatted("subject", "ratio", "baseline", "now", "change", "")
                        .strip())
                .append('\n');
        for (Line line : lines) {
            String cells = row.formatted(
                    line.ratio().subject(),
                    line.ratio().terms(),
                    number(line.before()),
                    number(line.now()),
                    change(line),
                    line.verdict().word);
            table.append(cells.stripTrailing()).append('\n');
        }
        table.append("\n%d ratios: %d lost (more than %.0f %% below the baseline), %d missing, %d gained, %d new\n"
                .formatted(
                        lines.size(),
                        with(Verdict.LOSS).size(),
                        100 * TOLERANCE,
                        with(Verdict.MISSING).size(),
                        with(Verdict.GAIN).size(),
                        with(Verdict.NEW).size()));
        return table.toString();
    }

    private int width(String head, Function<Line, String> column) {
        return lines.stream().mapToInt(line -> column.apply(line).length()).reduce(head.length(), Math::max);
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4g", value);
    }

    private static String change(Line line) {
        double change = line.now() / line.before() - 1;
        return Double.isNaN(change) ? "-" : String.format(Locale.ROOT, "%+.0f %%", 100 * change);
    }
}
