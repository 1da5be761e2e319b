package kawi.jmh;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What one benchmark with one set of parameters did per second, as JMH's {@code -rf json} has it. Figures are medians
 * of the iterations, because what disturbs a machine for a moment disturbs one or two of them.
 *
 * @param subject the benchmark and its parameters without the tier:
 *     {@code MatrixProduct.multiply format=Q4_0 tokens=64}
 * @param tier the tier, or nothing where there is only one way to do it
 * @param tokens the parameter {@code tokens}, or 1
 * @param perSecond operations
 * @param counters the other things counted per second, by name
 */
record JmhResult(String subject, String tier, int tokens, double perSecond, SortedMap<String, Double> counters) {

    private static final String UNIT = "ops/s";

    /** What counter {@code name} counted per second; 0 if there is none. */
    double counter(String name) {
        return counters.getOrDefault(name, 0.0);
    }

    /**
     * Reads a result file of JMH.
     *
     * @throws IllegalArgumentException if it is none, or has figures other than operations per second
     */
    static List<JmhResult> read(Path file) {
        JsonNode results = Json.read(file, "a result of JMH (-rf json)");
        if (!results.isArray()) {
            throw new IllegalArgumentException("%s is no result of JMH (-rf json): expected an array, found %s"
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
                    "%s is no result of JMH (-rf json): an entry lacks \"benchmark\" or \"primaryMetric.rawData\""
                            .formatted(file));
        }
        String unit = primary.path("scoreUnit").asString("");
        if (!unit.equals(UNIT)) {
            throw new IllegalArgumentException("%s: %s is in %s, but ratios are made of %s; run without -bm and -tu"
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
     * The name of what is measured: {@code kawi.jmh.RowBenchmark.quantize} with tokens 64 is
     * {@code Row.quantize tokens=64}.
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

    /** Of all iterations of all forks. */
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
