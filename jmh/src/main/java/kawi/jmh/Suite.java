package kawi.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The trials of a comparison, and the durations of their measurements. */
final class Suite {

    private static final List<String> ALL = Tiers.NAMES;

    /** The tiers of benchmarks for which the scalar tier has no operation or takes minutes. */
    private static final List<String> FAST = List.of("vector", "assembled");

    private Suite() {}

    /** The extent of a comparison. The quick mode measures a part of the suite. */
    enum Mode {
        QUICK(2, 400, 1500, 5, 150),
        FULL(3, 1000, 2000, 7, 1000);

        final int warmups;
        final int warmupMillis;

        /** Longer, because until C2 has compiled all loops, vectors are boxed and hundreds of times slower. */
        final int vectorWarmupMillis;

        final int measurements;
        final int measurementMillis;

        Mode(int warmups, int warmupMillis, int vectorWarmupMillis, int measurements, int measurementMillis) {
            this.warmups = warmups;
            this.warmupMillis = warmupMillis;
            this.vectorWarmupMillis = vectorWarmupMillis;
            this.measurements = measurements;
            this.measurementMillis = measurementMillis;
        }
    }

    /** Returns the trials of a mode, with the reference benchmarks first. */
    static List<Trial> trials(Mode mode) {
        boolean full = mode == Mode.FULL;
        List<String> formats = full
                ? List.of("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K")
                : List.of("BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K");
        List<String> tokens = List.of("1", "64");
        List<String> manyTokens = full ? tokens : List.of("64");
        List<String> models = full ? List.of("0.8b-Q4_0", "0.8b-Q4_K_M", "0.8b-Q8_0") : List.of("0.8b-Q4_0");
        List<String> threads = full ? List.of("1", "2") : List.of("1");

        List<Trial> trials = new ArrayList<>();
        trials.add(new Trial("MemoryBenchmark.read", List.of(), new TreeMap<>()));
        trials.add(new Trial("MemoryBenchmark.copy", List.of(), new TreeMap<>()));
        for (String format : formats) {
            for (String count : tokens) {
                trials.add(new Trial(
                        "MatrixProductBenchmark.multiply", ALL, parameters("format", format, "tokens", count)));
            }
        }
        for (String method : List.of(
                "RowBenchmark.quantize",
                "RowBenchmark.rmsNorm",
                "RowBenchmark.siluTimes",
                "AttentionBenchmark.prepare",
                "DeltaBenchmark.convolve",
                "DeltaBenchmark.prepare",
                "DeltaBenchmark.gatedNorm")) {
            for (String count : manyTokens) {
                trials.add(new Trial(method, ALL, parameters("tokens", count)));
            }
        }
        for (String method : List.of("AttentionBenchmark.attend", "DeltaBenchmark.recur")) {
            for (String count : tokens) {
                trials.add(new Trial(method, ALL, parameters("tokens", count)));
            }
        }
        for (String format : full ? formats : List.of("Q4_0", "Q4_K")) {
            trials.add(new Trial("PackingBenchmark.pack", FAST, parameters("format", format)));
        }
        for (String model : models) {
            for (String count : threads) {
                trials.add(new Trial("ModelBenchmark.decode", ALL, parameters("model", model, "threads", count)));
                trials.add(new Trial("ModelBenchmark.prefill", FAST, parameters("model", model, "threads", count)));
            }
        }
        return trials;
    }

    private static SortedMap<String, String> parameters(String... namesAndValues) {
        SortedMap<String, String> parameters = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return parameters;
    }
}
