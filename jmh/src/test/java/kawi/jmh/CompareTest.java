package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command without measurements. */
class CompareTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    private int compare(String... arguments) {
        return Compare.execute(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private int compareFile(double vector) throws IOException {
        Path baseline = folder.resolve("baseline.json");
        Ratio ratio = new Ratio("Row.rmsNorm tokens=64", "vector : scalar");
        Ratio other = new Ratio("Row.siluTimes tokens=64", "vector : scalar");
        new Baseline("m", "j", "d", "full", Map.of(), new TreeMap<>(Map.of(ratio, 4.0, other, 2.0))).write(baseline);
        String entry = """
                {"benchmark": "kawi.jmh.RowBenchmark.rmsNorm", "params": {"tier": "%s", "tokens": "64"},
                 "primaryMetric": {"scoreUnit": "ops/s", "rawData": [[%s]]}}""";
        Path result = Files.writeString(
                folder.resolve("result.json"),
                "[" + entry.formatted("scalar", 1) + "," + entry.formatted("vector", vector) + "]");
        return compare("--baseline", baseline.toString(), "--result", result.toString());
    }

    @Test
    void exitCodeIndicatesLosses() throws IOException {
        assertEquals(Compare.PASSED, compareFile(3.9));
        assertEquals(Compare.LOST, compareFile(3.1));
    }

    @Test
    void rejectsInvalidArguments() {
        for (List<String> arguments : List.of(
                List.of("--fast"),
                List.of("--only"),
                List.of("--quick", "--full"),
                List.of("--record", "--only", "Q4_0"),
                List.of("--record", "--result", "x.json"),
                List.of("--full", "--result", "x.json"))) {
            assertEquals(Compare.FAILED, compare(arguments.toArray(String[]::new)), arguments.toString());
        }
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("unknown option \"--fast\""));
    }

    @Test
    void rejectsAMissingBaseline() {
        Path none = folder.resolve("none.json");
        assertEquals(Compare.FAILED, compare("--baseline", none.toString()));
        assertEquals(
                "compare: no file " + none + ", expected a baseline as recorded by \"compare --record\"\n",
                err.toString(StandardCharsets.UTF_8).replace("\r", ""));
    }
}
