package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {

    private static final Baseline BASELINE = new Baseline(
            "amd64, Vendor family 1 model 2",
            "25.0.1+8",
            "2026-11-22",
            "quick",
            Map.of("vector", "512-bit"),
            new TreeMap<>(Map.of(
                    new Ratio("Row.rmsNorm tokens=64", "vector : scalar"), 8.0,
                    new Ratio("Row.rmsNorm tokens=64", "assembled : scalar"), 9.25,
                    new Ratio("Delta.recur tokens=1", "vector : memory read"), 0.0123)));

    @TempDir
    private Path folder;

    @Test
    void readsWhatItWrites() throws IOException {
        Path file = folder.resolve("baseline.json");
        Files.writeString(file, "an older one");
        BASELINE.write(file);
        assertEquals(BASELINE, Baseline.read(file));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void keepsFourSignificantDigits() throws IOException {
        Path file = folder.resolve("baseline.json");
        Ratio ratio = new Ratio("a", "b : c");
        new Baseline("m", "j", "d", "full", Map.of(), new TreeMap<>(Map.of(ratio, 123.4567))).write(file);
        assertEquals(Map.of(ratio, 123.5), Baseline.read(file).ratios());
    }

    @Test
    void rejectsInvalidRatios() throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), "{\"ratios\": {\"a\": {\"b : c\": \"fast\"}}}");
        Exception e = assertThrows(IllegalArgumentException.class, () -> Baseline.read(file));
        assertEquals(file + ": ratio \"b : c\" of \"a\" is \"fast\", expected a number above 0", e.getMessage());
    }

    @Test
    void rejectsAFileWithoutRatios() throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), "{}");
        Exception e = assertThrows(IllegalArgumentException.class, () -> Baseline.read(file));
        assertEquals(
                file + " has no \"ratios\"; it should be a baseline as recorded by \"compare --record\"",
                e.getMessage());
    }

    @Test
    void namesTheMissingField() throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), "{\"ratios\": {\"a\": {\"b : c\": 1}}}");
        Exception e = assertThrows(IllegalArgumentException.class, () -> Baseline.read(file));
        assertEquals(file + ": \"machine\" is missing, expected a string", e.getMessage());
    }
}
