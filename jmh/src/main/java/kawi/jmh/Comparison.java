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

/** A run's ratios beside those of a baseline, one line each. */
record Comparison(List<Line> lines) {

    /** What may get lost without being called a loss: measurements of the same thing differ. */
    static final double TOLERANCE = 0.15;

    /** What a line says. */
    enum Verdict {
        /** As it was, more or less. */
        SAME(""),
        /** Better by more than what measurements differ. */
        GAIN("gain"),
        /** The baseline does not have it. */
        NEW("new"),
        /** Worse by more than 15 %. */
        LOSS("LOSS"),
        /** The baseline has it and the run should have measured it, but did not. */
        MISSING("MISSING");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }
    }

    /**
     * One ratio.
     *
     * @param before the baseline's, or NaN
     * @param now the run's, or NaN
     */
    record Line(Ratio ratio, double before, double now, Verdict verdict) {}

    /**
     * Compares.
     *
     * @param expected of the baseline's ratios those that the run should have
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
        Set<Verdict> wanted = Set.of(verdicts);
        return lines.stream().filter(line -> wanted.contains(line.verdict())).toList();
    }

    /** Whether {@code subject} got slower, as far as this comparison can tell. */
    boolean hasLossOf(String subject) {
        return with(Verdict.LOSS).stream()
                .anyMatch(line -> line.ratio().subject().equals(subject));
    }

    /** Whether nothing got lost. */
    boolean passed() {
        return with(Verdict.LOSS, Verdict.MISSING).isEmpty();
    }

    /** For people: a line for each ratio, then a sentence. */
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
        table.append(
                "\nof %d ratios %d got lost (more than %.0f %% below the baseline), %d are missing, %d gained, %d are new\n"
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
