package kawi.jmh;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The ratio of two measurements of the same run, which does not depend on the speed of a machine among machines of the
 * same kind. Higher is better.
 *
 * <pre>
 *    vector : scalar           operations per second of the tier and of the scalar tier
 *    vector : memory read      bytes of weights read per second for one token, and read bandwidth of memory
 *    vector : memory copy      multiply-adds per second for several tokens, or bytes packed per second,
 *                              and copy bandwidth of memory
 * </pre>
 *
 * @param subject the benchmark, see {@link JmhResult#subject}
 * @param terms the dividend and the divisor, such as {@code vector : scalar}
 */
record Ratio(String subject, String terms) implements Comparable<Ratio> {

    static final String READ = "Memory.read";
    static final String COPY = "Memory.copy";

    private static final Comparator<Ratio> ORDER =
            Comparator.comparing(Ratio::subject).thenComparing(Ratio::terms);

    @Override
    public int compareTo(Ratio other) {
        return ORDER.compare(this, other);
    }

    /** Computes all ratios of the results of a run. */
    static SortedMap<Ratio, Double> of(Collection<JmhResult> results) {
        Map<String, Double> scalar = new HashMap<>();
        Map<String, Double> references = new HashMap<>();
        for (JmhResult result : results) {
            if (result.tier().equals(Tiers.SCALAR)) {
                scalar.put(result.subject(), result.perSecond());
            } else if (result.tier().isEmpty()) {
                references.put(result.subject(), result.perSecond());
            }
        }
        SortedMap<Ratio, Double> ratios = new TreeMap<>();
        for (JmhResult result : results) {
            if (result.tier().isEmpty()) {
                continue;
            }
            if (!result.tier().equals(Tiers.SCALAR)) {
                put(ratios, result, "scalar", result.perSecond(), scalar.get(result.subject()));
            }
            Reference.of(result)
                    .ifPresent(reference -> put(
                            ratios, result, reference.name, reference.perSecond, references.get(reference.subject)));
        }
        return ratios;
    }

    private static void put(
            SortedMap<Ratio, Double> ratios,
            JmhResult result,
            String divisorName,
            double dividend,
            @Nullable Double divisor) {
        if (divisor != null && divisor > 0 && dividend > 0) {
            ratios.put(
                    new Ratio(result.subject(), "%s : %s".formatted(result.tier(), divisorName)), dividend / divisor);
        }
    }

    /** The reference benchmark of a result, and the value of the result that is divided by it. */
    private record Reference(String name, String subject, double perSecond) {

        static Optional<Reference> of(JmhResult result) {
            double bytes = result.counter("weightBytes");
            double work = result.counter("multiplyAdds") + result.counter("packedBytes");
            if (result.tokens() == 1 && bytes > 0) {
                return Optional.of(new Reference("memory read", READ, bytes));
            }
            return work > 0 ? Optional.of(new Reference("memory copy", COPY, work)) : Optional.empty();
        }
    }
}
