package kawi.jmh;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.node.ObjectNode;

/**
 * The speeds of an earlier run with one instruction set, stored in a file in the repository.
 *
 * @param level the instruction set of the assembled tier
 * @param machine the kind of machine, see {@link Machine}
 * @param jdk the version of the JDK
 * @param date the date of the run, such as 2026-11-22
 * @param speeds see {@link Stopwatch#speed}
 */
record Baseline(String level, String machine, String jdk, String date, SortedMap<Measurement, Double> speeds) {

    private static final String EXPECTED = "a baseline as recorded by \"compare --record\"";

    /** The default file of the baseline for an instruction set. */
    static Path file(String level) {
        return Benchmarks.folder().resolveSibling("baselines").resolve(level + ".json");
    }

    /**
     * Reads the baseline for an instruction set.
     *
     * @throws IllegalArgumentException if there is none, it is not a baseline, or it is one for another instruction set
     */
    static Baseline read(Path file, String level) {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException(
                    "there is no baseline for %s: no file %s; record one with the unchanged program and \"%s\""
                            .formatted(level, file, recordCommand(file, level)));
        }
        Baseline baseline = read(file);
        if (!baseline.level.equals(level)) {
            throw new IllegalArgumentException(
                    "%s is a baseline for %s, and this run uses %s; \"%s\" records one, -D%s=%s selects that of the file"
                            .formatted(
                                    file,
                                    baseline.level,
                                    level,
                                    recordCommand(file(level), level),
                                    Compare.LEVEL_PROPERTY,
                                    baseline.level));
        }
        return baseline;
    }

    private static String recordCommand(Path file, String level) {
        return "java -D%s=%s -jar jmh/target/benchmarks.jar compare --record%s"
                .formatted(Compare.LEVEL_PROPERTY, level, file.equals(file(level)) ? "" : " --baseline " + file);
    }

    private static Baseline read(Path file) {
        JsonNode json = Json.read(file, EXPECTED);
        SortedMap<Measurement, Double> speeds = new TreeMap<>();
        for (var subject : json.path("speeds").properties()) {
            for (var tier : subject.getValue().properties()) {
                double value = tier.getValue().asDouble(0);
                if (!(value > 0)) {
                    throw new IllegalArgumentException("%s: speed \"%s\" of \"%s\" is %s, expected a number above 0"
                            .formatted(file, tier.getKey(), subject.getKey(), tier.getValue()));
                }
                speeds.put(new Measurement(subject.getKey(), tier.getKey()), value);
            }
        }
        if (speeds.isEmpty()) {
            throw new IllegalArgumentException("%s has no \"speeds\"; it should be %s".formatted(file, EXPECTED));
        }
        return new Baseline(
                text(json, "level", file),
                text(json, "machine", file),
                text(json, "jdk", file),
                text(json, "date", file),
                speeds);
    }

    private static String text(JsonNode json, String key, Path file) {
        JsonNode node = json.path(key);
        if (!node.isString()) {
            throw new IllegalArgumentException("%s: \"%s\" is %s, expected a string"
                    .formatted(file, key, node.isMissingNode() ? "missing" : node));
        }
        return node.stringValue();
    }

    /** Writes the baseline. An existing file is replaced atomically. */
    void write(Path file) throws IOException {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("level", level).put("machine", machine).put("jdk", jdk).put("date", date);
        ObjectNode subjects = json.putObject("speeds");
        speeds.forEach(
                (what, value) -> subjects.withObjectProperty(what.subject()).put(what.tier(), fourDigits(value)));
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, "baseline-", ".part");
        try {
            Files.writeString(
                    temporary,
                    Json.MAPPER
                                    .writer()
                                    .with(SerializationFeature.INDENT_OUTPUT)
                                    .writeValueAsString(json)
                            + "\n");
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Rounds to four significant digits; more digits would be noise. */
    private static double fourDigits(double value) {
        return new BigDecimal(value).round(new MathContext(4)).doubleValue();
    }
}
