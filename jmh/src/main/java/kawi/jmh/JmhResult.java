package kawi.jmh;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The throughput of one benchmark with one set of parameters, read from a result of JMH ({@code -rf json}). Values are
 * medians of the iterations, so that short disturbances, which affect one or two iterations, have no effect.
 *
 * @param subject the benchmark and its parameters without the tier:
 *     {@code MatrixProduct.multiply format=Q4_0 tokens=64}
 * @param tier the tier, or the empty string if the benchmark has no tiers
 * @param tokens the value of the parameter {@code tokens}, or 1
 * @param perSecond operations per second
 * @param counters the auxiliary counters per second, by name
 */
record JmhResult(String subject, String tier, int tokens, double perSecond, SortedMap<String, Double> counters) {

    private static final String UNIT = "ops/s";

    /** The value of counter {@code name} per second, or 0 if there is no such counter. */
    double counter(String name) {
        return counters.getOrDefault(name, 0.0);
    }

    /**
     * Reads a result file of JMH.
     *
     * @throws IllegalArgumentException if the file is not a result of JMH, or has other units than operations per
     *     second
     */
    static List<JmhResult> read(Path file) {
        JsonNode results = Json.read(file, "a result of JMH (-rf json)");
        if (!results.isArray()) {
            throw new IllegalArgumentException("%s is not a result of JMH (-rf json): expected an array, found %s"
                    .formatted(file, results.getNodeType()));
        }
        List<JmhResult> read = new ArrayList<>();
        for (JsonNode result : results) {
            read.add(one(result, file));
        }
        return read;
    }

    private static JmhResult one(JsonNode result, Path file) {
        String benchmark = result.path("benchmark").asString("");
        JsonNode primary = result.path("primaryMetric");
        if (benchmark.isEmpty() || !primary.has("rawData")) {
            throw new IllegalArgumentException(
                    "%s is not a result of JMH (-rf json): an entry lacks \"benchmark\" or \"primaryMetric.rawData\""
                            .formatted(file));
        }
        String unit = primary.path("scoreUnit").asString("");
        if (!unit.equals(UNIT)) {
            throw new IllegalArgumentException("%s: the unit of %s is %s, expected %s; run without -bm and -tu"
                    .formatted(file, benchmark, unit, UNIT));
        }
        SortedMap<String, String> parameters = new TreeMap<>();
        for (var parameter : result.path("params").properties()) {
            parameters.put(parameter.getKey(), parameter.getValue().asString(""));
        }
        int threads = result.path("threads").asInt(1);
        if (threads != 1) {
            parameters.put("-t", String.valueOf(threads));
        }
        String tier = parameters.getOrDefault("tier", "");
        SortedMap<String, Double> counters = new TreeMap<>();
        for (var counter : result.path("secondaryMetrics").properties()) {
            if (counter.getValue().path("scoreUnit").asString("").equals(UNIT)) {
                counters.put(counter.getKey(), median(counter.getValue().path("rawData")));
            }
        }
        return new JmhResult(
                subject(benchmark, parameters),
                tier,
                Integer.parseInt(parameters.getOrDefault("tokens", "1")),
                median(primary.path("rawData")),
                counters);
    }

    /**
     * The name of a measurement, without the tier: for example, {@code Row.quantize tokens=64} for
     * {@code kawi.jmh.RowBenchmark.quantize} with 64 tokens.
     */
    static String subject(String benchmark, SortedMap<String, String> parameters) {
        List<String> names = List.of(benchmark.split("\\.", -1));
        String type = names.get(Math.max(0, names.size() - 2)).replaceFirst("Benchmark$", "");
        StringBuilder subject = new StringBuilder(type).append('.').append(names.getLast());
        parameters.forEach((name, value) -> {
            if (!name.equals("tier")) {
                subject.append(' ').append(name).append('=').append(value);
            }
        });
        return subject.toString();
    }

    /** The median of all iterations of all forks. */
    private static double median(JsonNode rawData) {
        List<Double> iterations = new ArrayList<>();
        for (JsonNode fork : rawData) {
            for (JsonNode iteration : fork) {
                iterations.add(iteration.asDouble(0));
            }
        }
        double[] sorted = iterations.stream().mapToDouble(d -> d).sorted().toArray();
        return sorted.length == 0 ? 0 : (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    }
}
