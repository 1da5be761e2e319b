package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class SuiteTest {

    private static String benchmarkClass(String name) {
        return name.substring(0, name.indexOf('.'));
    }

    @Test
    void everyBenchmarkIsInBothModes() {
        OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        Set<String> all = new TreeSet<>();
        for (BenchmarkListEntry benchmark : BenchmarkList.defaultList().getAll(silent, List.of())) {
            all.add(benchmark
                    .getUsername()
                    .substring(SuiteTest.class.getPackageName().length() + 1));
        }
        // For people to read: the bandwidth of memory, sampling, which has no tiers, and times of whole steps.
        all.removeIf(
                name -> List.of("MemoryBenchmark", "SamplingBenchmark", "VerifiedStepBenchmark", "LongContextBenchmark")
                        .contains(benchmarkClass(name)));
        for (Suite.Mode mode : Suite.Mode.values()) {
            assertEquals(
                    all,
                    Suite.trials(mode).stream().map(Trial::method).collect(Collectors.toCollection(TreeSet::new)),
                    mode.name());
        }
    }

    @Test
    void quickIsAPartOfFull() {
        assertTrue(subjects(Suite.Mode.FULL).containsAll(subjects(Suite.Mode.QUICK)));
    }

    @Test
    void trialsAreUnique() {
        Arrays.stream(Suite.Mode.values())
                .forEach(mode -> assertEquals(subjects(mode).size(), new HashSet<>(subjects(mode)).size()));
    }

    private static List<String> subjects(Suite.Mode mode) {
        return Suite.trials(mode).stream().map(Trial::subject).toList();
    }
}
