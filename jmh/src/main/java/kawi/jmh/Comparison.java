package kawi.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The speeds of a run compared with those of a baseline, as they are measured. */
final class Comparison {

    /**
     * The relative difference up to which speeds are considered equal, because of the noise of measurements. Between
     * different kinds of CPUs with one instruction set, kernels differ by much more.
     */
    static final double TOLERANCE = 0.12;

    static final double TOLERANCE_OF_KINDS = 0.5;

    /** The result for one measurement. */
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

    private final SortedMap<Measurement, Double> before;
    private final double tolerance;
    private final SortedMap<Measurement, Double> now = new TreeMap<>();
    private final List<Measurement> missing = new ArrayList<>();

    /** @param before the speeds of the baseline */
    Comparison(SortedMap<Measurement, Double> before, double tolerance) {
        this.before = before;
        this.tolerance = tolerance;
    }

    /** Adds a speed; the best one counts if there are several. */
    void add(Measurement what, double speed) {
        now.merge(what, speed, Math::max);
    }

    /** Adds a measurement that failed or could not be made. It is missing if it is in the baseline. */
    void addMissing(Measurement what) {
        if (before.containsKey(what)) {
            missing.add(what);
        }
    }

    Verdict verdict(Measurement what) {
        Double then = before.get(what);
        Double current = now.get(what);
        if (current == null) {
            return Verdict.MISSING;
        }
        if (then == null) {
            return Verdict.NEW;
        }
        if (current < then * (1 - tolerance)) {
            return Verdict.LOSS;
        }
        return current > then / (1 - tolerance) ? Verdict.GAIN : Verdict.SAME;
    }

    /** The measurements with a verdict. */
    List<Measurement> with(Verdict verdict) {
        return verdict == Verdict.MISSING
                ? List.copyOf(missing)
                : now.keySet().stream().filter(what -> verdict(what) == verdict).toList();
    }

    /** Whether nothing is slower or missing. */
    boolean passed() {
        return with(Verdict.LOSS).isEmpty() && missing.isEmpty();
    }

    /** The head of the table whose rows are {@link #line}. */
    static String head() {
        return row("measurement", "tier", "baseline", "now", "change", "");
    }

    /** The result of one measurement, as a line. */
    String line(Measurement what) {
        return row(
                what.subject(), what.tier(), number(before, what), number(now, what), change(what), verdict(what).word);
    }

    private static String row(String subject, String tier, String then, String now, String change, String verdict) {
        return "%-44s  %-9s  %9s  %9s  %7s  %s"
                .formatted(subject, tier, then, now, change, verdict)
                .stripTrailing();
    }

    private static String number(Map<Measurement, Double> speeds, Measurement what) {
        Double speed = speeds.get(what);
        return speed == null ? "-" : String.format(Locale.ROOT, "%.4g", speed);
    }

    private String change(Measurement what) {
        Double then = before.get(what);
        Double current = now.get(what);
        return then == null || current == null
                ? "-"
                : String.format(Locale.ROOT, "%+.0f %%", 100 * (current / then - 1));
    }

    /** The result of all measurements, as a line. */
    String summary() {
        return "%d measurements: %d lost (more than %.0f %% below the baseline), %d missing, %d gained, %d new"
                .formatted(
                        now.size() + missing.size(),
                        with(Verdict.LOSS).size(),
                        100 * tolerance,
                        missing.size(),
                        with(Verdict.GAIN).size(),
                        with(Verdict.NEW).size());
    }
}
