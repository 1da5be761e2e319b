package kawi.jmh;

import java.util.Comparator;

/**
 * What is measured: a benchmark in a tier.
 *
 * @param subject the benchmark and its parameters, see {@link Trial#subject}
 * @param tier the label of the tier, see {@link Tiers.Finding#label}
 */
record Measurement(String subject, String tier) implements Comparable<Measurement> {

    private static final Comparator<Measurement> ORDER =
            Comparator.comparing(Measurement::subject).thenComparing(Measurement::tier);

    @Override
    public int compareTo(Measurement other) {
        return ORDER.compare(this, other);
    }
}
