package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TiersTest {

    @Test
    void readsWhatTheOtherJvmFound() throws IOException {
        Tiers.Report report = Tiers.parse(List.of(
                "scalar\tavailable\tplain Java",
                "a line of something else",
                "vector\tavailable\t512-bit, jdk.incubator.vector present",
                "assembled\tavailable\tavx512 on a CPU",
                "levels\tavx512\tavx512vnni,avx512,avx2"));
        assertEquals("avx512", report.level());
        assertEquals(List.of("avx512vnni", "avx512", "avx2"), report.levels());
        assertEquals(
                List.of("scalar", "vector512", "assembled"),
                report.available().stream().map(Tiers.Finding::label).toList());
    }

    @Test
    void aTierMayNotBeAvailable() throws IOException {
        Tiers.Report report = Tiers.parse(List.of(
                "scalar\tavailable\tplain Java",
                "vector\tunavailable\tno module",
                "assembled\tunavailable\tthis CPU lacks AVX2",
                "levels\t\t"));
        assertEquals("", report.level());
        assertEquals(List.of(), report.levels());
        assertEquals(
                List.of("scalar"),
                report.available().stream().map(Tiers.Finding::label).toList());
        assertEquals("vector", report.tiers().get(1).label());
    }

    @Test
    void aReportThatEndsEarlyIsAFailure() {
        assertThrows(IOException.class, () -> Tiers.parse(List.of("scalar\tavailable\tplain Java")));
    }
}
