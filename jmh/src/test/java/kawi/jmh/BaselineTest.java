package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
            "avx2",
            "amd64, Vendor family 1 model 2",
            "25.0.1+8",
            "2026-11-22",
            new TreeMap<>(Map.of(
                    new Measurement("Row.rmsNorm tokens=64", "vector256"), 8.0,
                    new Measurement("Row.rmsNorm tokens=64", "assembled"), 9.25,
                    new Measurement("Delta.recur tokens=1", "assembled"), 0.0123)));

    @TempDir
    private Path folder;

    @Test
    void readsWhatItWrites() throws IOException {
        Path file = folder.resolve("baselines").resolve("avx2.json");
        BASELINE.write(file);
        Files.writeString(file, "an older one");
        BASELINE.write(file);
        assertEquals(BASELINE, Baseline.read(file, "avx2"));
        try (var files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void keepsFourSignificantDigits() throws IOException {
        Path file = folder.resolve("baseline.json");
        Measurement what = new Measurement("a", "scalar");
        new Baseline("avx2", "m", "j", "d", new TreeMap<>(Map.of(what, 123.4567))).write(file);
        assertEquals(Map.of(what, 123.5), Baseline.read(file, "avx2").speeds());
    }

    @Test
    void everyInstructionSetHasAFileOfItsOwn() {
        Path file = Baseline.file("avx512vnni");
        assertEquals(
                Path.of("baselines", "avx512vnni.json"), file.subpath(file.getNameCount() - 2, file.getNameCount()));
    }

    @Test
    void withoutABaselineTheMessageTellsHowToRecordOne() {
        Path none = folder.resolve("none.json");
        assertEquals(
                "there is no baseline for avx2: no file %s; record one with the unchanged program and ".formatted(none)
                        + "\"java -Dkawi.isa=avx2 -jar jmh/target/benchmarks.jar compare --record --baseline %s\""
                                .formatted(none),
                assertThrows(IllegalArgumentException.class, () -> Baseline.read(none, "avx2"))
                        .getMessage());
        Path usual = Baseline.file("avx9");
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Baseline.read(usual, "avx9"))
                .getMessage());
        assertTrue(
                message.endsWith("\"java -Dkawi.isa=avx9 -jar jmh/target/benchmarks.jar compare --record\""), message);
    }

    @Test
    void theBaselineOfAnotherInstructionSetIsRefused() throws IOException {
        Path file = folder.resolve("baseline.json");
        BASELINE.write(file);
        assertEquals(
                "%s is a baseline for avx2, and this run uses avx512; ".formatted(file)
                        + "\"java -Dkawi.isa=avx512 -jar jmh/target/benchmarks.jar compare --record\" records one, "
                        + "-Dkawi.isa=avx2 selects that of the file",
                assertThrows(IllegalArgumentException.class, () -> Baseline.read(file, "avx512"))
                        .getMessage());
    }

    @Test
    void rejectsInvalidSpeeds() throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), "{\"speeds\": {\"a\": {\"scalar\": \"fast\"}}}");
        Exception e = assertThrows(IllegalArgumentException.class, () -> Baseline.read(file, "avx2"));
        assertEquals(file + ": speed \"scalar\" of \"a\" is \"fast\", expected a number above 0", e.getMessage());
    }

    @Test
    void rejectsAFileWithoutSpeeds() throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), "{}");
        Exception e = assertThrows(IllegalArgumentException.class, () -> Baseline.read(file, "avx2"));
        assertEquals(
                file + " has no \"speeds\"; it should be a baseline as recorded by \"compare --record\"",
                e.getMessage());
    }

    @Test
    void namesTheMissingField() throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), "{\"speeds\": {\"a\": {\"scalar\": 1}}}");
        Exception e = assertThrows(IllegalArgumentException.class, () -> Baseline.read(file, "avx2"));
        assertEquals(file + ": \"level\" is missing, expected a string", e.getMessage());
    }
}
