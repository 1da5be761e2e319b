package kawi.jmh;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ratios of an earlier run, stored in a file in the repository.
 *
 * @param machine the kind of machine, see {@link Machine}
 * @param jdk the version of the JDK
 * @param date the date of the run, such as 2026-11-22
 * @param mode {@code quick} or {@code full}
 * @param tiers the tiers measured, with a description of each
 * @param ratios the ratios by subject and terms
 */
record Baseline(
        String machine,
        String jdk,
        String date,
        String mode,
        Map<String, String> tiers,
        SortedMap<Ratio, Double> ratios) {

    private static final String EXPECTED = "a baseline as recorded by \"compare --record\"";

    /**
     * Reads a baseline.
     *
     * @throws IllegalArgumentException if the file is not a baseline
     */
    static Baseline read(Path file) {
        JsonNode json = Json.read(file, EXPECTED);
        Map<String, String> tiers = new TreeMap<>();
        for (var tier : json.path("tiers").properties()) {
            tiers.put(tier.getKey(), text(tier.getValue(), "tiers." + tier.getKey(), file));
        }
        SortedMap<Ratio, Double> ratios = new TreeMap<>();
        for (var subject : json.path("ratios").properties()) {
            for (var terms : subject.getValue().properties()) {
                double value = terms.getValue().asDouble(0);
                if (!(value > 0)) {
                    throw new IllegalArgumentException("%s: ratio \"%s\" of \"%s\" is %s, expected a number above 0"
                            .formatted(file, terms.getKey(), subject.getKey(), terms.getValue()));
                }
                ratios.put(new Ratio(subject.getKey(), terms.getKey()), value);
            }
        }
        if (ratios.isEmpty()) {
            throw new IllegalArgumentException("%s has no \"ratios\"; it should be %s".formatted(file, EXPECTED));
        }
        return new Baseline(
                text(json.path("machine"), "machine", file),
                text(json.path("jdk"), "jdk", file),
                text(json.path("date"), "date", file),
                text(json.path("mode"), "mode", file),
                tiers,
                ratios);
    }

    private static String text(JsonNode node, String key, Path file) {
        if (!node.isString()) {
            throw new IllegalArgumentException("%s: \"%s\" is %s, expected a string"
                    .formatted(file, key, node.isMissingNode() ? "missing" : node));
        }
        return node.stringValue();
    }

    /** Writes the baseline. An existing file is replaced atomically. */
    void write(Path file) throws IOException {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("machine", machine).put("jdk", jdk).put("date", date).put("mode", mode);
        tiers.forEach(json.putObject("tiers")::put);
        ObjectNode subjects = json.putObject("ratios");
        ratios.forEach(
                (ratio, value) -> subjects.withObjectProperty(ratio.subject()).put(ratio.terms(), fourDigits(value)));
        Path folder = file.toAbsolutePath().getParent();
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
