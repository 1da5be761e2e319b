package kawi.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The trials of a comparison. */
final class Suite {

    private Suite() {}

    /** The extent of a comparison. The quick mode measures a part of the suite. */
    enum Mode {
        QUICK,
        FULL
    }

    static List<Trial> trials(Mode mode) {
        boolean full = mode == Mode.FULL;
        List<String> formats = full
                ? List.of("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K")
                : List.of("BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K");
        List<String> tokens = List.of("1", "64");
        List<String> manyTokens = full ? tokens : List.of("64");

        List<Trial> trials = new ArrayList<>();
        for (String format : formats) {
            for (String count : tokens) {
                trials.add(new Trial("MatrixProductBenchmark.multiply", parameters("format", format, "tokens", count)));
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
                trials.add(new Trial(method, parameters("tokens", count)));
            }
        }
        for (String method : List.of("AttentionBenchmark.attend", "DeltaBenchmark.recur")) {
            for (String count : tokens) {
                trials.add(new Trial(method, parameters("tokens", count)));
            }
        }
        for (String method : List.of("layerNorm", "addBiased", "geluTanh", "geluErf")) {
            trials.add(new Trial("VisionRowBenchmark." + method, parameters("tokens", "64")));
        }
        trials.add(new Trial("VisionBenchmark.encode", parameters("size", "tiny")));
        for (String format : full ? formats : List.of("Q4_0", "Q4_K")) {
            trials.add(new Trial("PackingBenchmark.pack", parameters("format", format)));
        }
        for (String model : full ? List.of("demo", "0.8b-Q4_0", "0.8b-Q4_K_M") : List.of("demo")) {
            trials.add(new Trial("ModelBenchmark.decode", parameters("model", model)));
            trials.add(new Trial("ModelBenchmark.prefill", parameters("model", model)));
        }
        return trials;
    }

    /** Returns the trial with this subject. */
    static Trial trial(String subject) {
        return trials(Mode.FULL).stream()
                .filter(trial -> trial.subject().equals(subject))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no trial \"%s\"".formatted(subject)));
    }

    private static SortedMap<String, String> parameters(String... namesAndValues) {
        SortedMap<String, String> parameters = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return parameters;
    }
}
