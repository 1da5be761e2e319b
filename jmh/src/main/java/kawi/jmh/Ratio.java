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
 * What is kept of a run: how one figure relates to another of the same run, so that a faster or slower machine of the
 * same kind gives the same number. More is better.
 *
 * <pre>
 *    vector : scalar           operations per second of a tier and of the scalar tier
 *    vector : memory read      bytes of weights that one token needs per second, and bytes per second that memory gives
 *    vector : memory copy      multiply-adds per second with more tokens, bound by arithmetic; bytes packed per second
 * </pre>
 *
 * @param subject see {@link JmhResult#subject}
 * @param terms what is divided by what, such as {@code vector : scalar}
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

    /** All ratios that the results of a run allow. */
    static SortedMap<Ratio, Double> of(Collection<JmhResult> results) {
        Map<String, Double> scalar = new HashMap<>();
        Map<String, Double> yardsticks = new HashMap<>();
        for (JmhResult result : results) {
            if (result.tier().equals(Tiers.SCALAR)) {
                scalar.put(result.subject(), result.perSecond());
            } else if (result.tier().isEmpty()) {
                yardsticks.put(result.subject(), result.perSecond());
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
            Yardstick.of(result)
                    .ifPresent(yardstick -> put(
                            ratios, result, yardstick.name, yardstick.perSecond, yardsticks.get(yardstick.subject)));
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

    /** What a result is held against beside the scalar tier, and its own figure for that. */
    private record Yardstick(String name, String subject, double perSecond) {

        static Optional<Yardstick> of(JmhResult result) {
            double bytes = result.counter("weightBytes");
            double work = result.counter("multiplyAdds") + result.counter("packedBytes");
            if (result.tokens() == 1 && bytes > 0) {
                return Optional.of(new Yardstick("memory read", READ, bytes));
            }
            return work > 0 ? Optional.of(new Yardstick("memory copy", COPY, work)) : Optional.empty();
        }
    }
}
