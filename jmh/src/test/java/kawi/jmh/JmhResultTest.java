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

class JmhResultTest {

    /** A shortened result of JMH 1.37. */
    private static final String RESULT = """
            [ {
                "jmhVersion" : "1.37",
                "benchmark" : "kawi.jmh.MatrixProductBenchmark.multiply",
                "mode" : "thrpt",
                "threads" : %d,
                "params" : { "format" : "Q4_0", "tier" : "vector", "tokens" : "64" },
                "primaryMetric" : {
                    "score" : 33.5,
                    "scoreError" : "NaN",
                    "scoreUnit" : "%s",
                    "rawData" : [ [ 10.0, 30.0, 20.0 ], [ 90.0 ] ]
                },
                "secondaryMetrics" : {
                    "multiplyAdds" : { "score" : 2.0, "scoreUnit" : "ops/s", "rawData" : [ [ 1.0, 2.0, 3.0 ] ] },
                    "gc.alloc.rate.norm" : { "score" : 1.0, "scoreUnit" : "B/op", "rawData" : [ [ 1.0 ] ] }
                }
            } ]""";

    @TempDir
    private Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("result.json"), content);
    }

    @Test
    void readsAResultOfJmh() throws IOException {
        assertEquals(
                List.of(new JmhResult(
                        "MatrixProduct.multiply format=Q4_0 tokens=64",
                        "vector",
                        64,
                        25,
                        new TreeMap<>(Map.of("multiplyAdds", 2.0)))),
                JmhResult.read(file(RESULT.formatted(1, "ops/s"))));
    }

    @Test
    void theNumberOfThreadsIsPartOfTheSubject() throws IOException {
        assertEquals(
                "MatrixProduct.multiply -t=2 format=Q4_0 tokens=64",
                JmhResult.read(file(RESULT.formatted(2, "ops/s"))).getFirst().subject());
    }

    @Test
    void rejectsOtherUnits() throws IOException {
        Path file = file(RESULT.formatted(1, "ns/op"));
        Exception e = assertThrows(IllegalArgumentException.class, () -> JmhResult.read(file));
        assertEquals(
                file + ": the unit of kawi.jmh.MatrixProductBenchmark.multiply is ns/op, expected ops/s; "
                        + "run without -bm and -tu",
                e.getMessage());
    }

    @Test
    void rejectsOtherContent() throws IOException {
        for (String content : List.of("{}", "[{}]", "[{\"benchmark\": \"a.b\"}]", "[1]", "nonsense", "")) {
            Path file = file(content);
            Exception e = assertThrows(IllegalArgumentException.class, () -> JmhResult.read(file), content);
            assertTrue(
                    String.valueOf(e.getMessage()).contains("a result of JMH")
                            || String.valueOf(e.getMessage()).contains("not a result of JMH"),
                    e.getMessage());
        }
    }

    @Test
    void namesAMissingFile() {
        Path file = folder.resolve("none.json");
        Exception e = assertThrows(IllegalArgumentException.class, () -> JmhResult.read(file));
        assertEquals("no file " + file + ", expected a result of JMH (-rf json)", e.getMessage());
    }
}
