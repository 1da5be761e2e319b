package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.LongStream;
import kawi.cli.LoadReport.Latencies;
import kawi.cli.LoadReport.Targets;
import kawi.cli.LoadResult.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoadReportTest {

    private static final long MS = 1_000_000;
    private static final LoadPlan.Arrival ARRIVAL = new LoadPlan.Open(2.5);
    private static final Targets NONE = new Targets(OptionalDouble.empty(), OptionalDouble.empty());

    /** An answer of as many tokens as pieces; times are in milliseconds. */
    private static LoadResult completed(long intended, long... pieces) {
        return new LoadResult(
                Status.COMPLETED,
                intended * MS,
                pieces[pieces.length - 1] * MS,
                LongStream.of(pieces).map(time -> time * MS).toArray(),
                10,
                pieces.length,
                "");
    }

    private static LoadResult without(Status status, long intended, String problem) {
        return new LoadResult(status, intended * MS, (intended + 1) * MS, new long[0], 10, 0, problem);
    }

    @Test
    void percentilesAreSamples() {
        Latencies hundred = Latencies.of(LongStream.rangeClosed(1, 100).map(i -> (101 - i) * MS));
        assertEquals(new Latencies(100, 50.5, 50, 90, 95, 99, 100), hundred);
        Latencies three = Latencies.of(LongStream.of(5 * MS, MS, 3 * MS));
        assertEquals(new Latencies(3, 3, 3, 5, 5, 5, 5), three);
        assertEquals(new Latencies(1, 7, 7, 7, 7, 7, 7), Latencies.of(LongStream.of(7 * MS)));
        assertTrue(Double.isNaN(Latencies.of(LongStream.empty()).p50()));
    }

    @Test
    void latenciesAreThoseFromTheIntendedStart() {
        LoadReport report =
                LoadReport.of(ARRIVAL, List.of(completed(1000, 1100, 1110, 1130), completed(1500, 1550, 1600)), NONE);
        assertEquals(0.6, report.seconds(), 1e-9);
        assertEquals(20, report.promptTokens());
        assertEquals(5, report.answerTokens());
        assertEquals(new Latencies(2, 75, 50, 100, 100, 100, 100), report.firstToken());
        assertEquals(new Latencies(3, (10 + 20 + 50) / 3.0, 20, 50, 50, 50, 50), report.betweenTokens());
        assertEquals(new Latencies(2, 115, 100, 130, 130, 130, 130), report.endToEnd());
        Map<String, ?> json = report.json();
        assertEquals(5 / 0.6, number(json.get("tokens_per_second")), 1e-9);
        assertEquals(2 / 0.6, number(json.get("requests_per_second")), 1e-9);
        assertFalse(json.containsKey("goodput"));
    }

    private static double number(@Nullable Object value) {
        return ((Number) Objects.requireNonNull(value)).doubleValue();
    }

    @Test
    void rejectedAndFailedRequestsAreApart() {
        List<LoadResult> results = new ArrayList<>(List.of(completed(0, 100, 110), completed(0, 900, 910)));
        results.add(without(Status.REJECTED, 5, "the queue is full"));
        results.add(without(Status.REJECTED, 6, "the queue is full"));
        results.add(without(Status.FAILED, 7, "status 500"));
        results.add(without(Status.CANCELLED, 8, ""));
        LoadReport report =
                LoadReport.of(ARRIVAL, results, new Targets(OptionalDouble.of(500), OptionalDouble.empty()));
        assertEquals(2, report.endToEnd().count());
        assertEquals(Map.of("the queue is full", 2L, "status 500", 1L), report.problems());
        // One of five: what was interrupted does not count.
        assertEquals(0.2, report.json().get("goodput"));
        assertEquals("""
                2.5 requests/s: 2 requests completed in 0.9 s, 2 rejected, 1 failed, 1 interrupted
                4.4 tokens/s generated, 22.0 prompt tokens/s, 2.20 requests/s
                milliseconds          mean       p50       p90       p95       p99       max
                first token            500       100       900       900       900       900
                between tokens        10.0      10.0      10.0      10.0      10.0      10.0
                end to end             510       110       910       910       910       910
                goodput 20.0%, 1.10 requests/s
                2 times: the queue is full
                1 times: status 500
                """, report.text().replace(System.lineSeparator(), "\n"));
        assertEquals(
                "| 2.5 requests/s | 2 | 2 | 1 | 4.4 | 100 / 900 / 900 | 10.0 / 10.0 / 10.0 | 110 / 910 / 910 | 20.0%, "
                        + "1.10 requests/s |",
                report.markdownRow());
    }

    @Test
    void aGoodAnswerMeetsAllTargets() {
        LoadResult result = completed(0, 100, 110, 160);
        assertTrue(new Targets(OptionalDouble.of(100), OptionalDouble.of(30)).isMet(result));
        assertFalse(new Targets(OptionalDouble.of(99), OptionalDouble.of(30)).isMet(result));
        assertFalse(new Targets(OptionalDouble.of(100), OptionalDouble.of(29)).isMet(result));
        assertFalse(new Targets(OptionalDouble.of(100), OptionalDouble.empty()).isMet(without(Status.FAILED, 0, "x")));
    }

    @Test
    void aRunWithoutAnswersHasAReport() {
        LoadReport report = LoadReport.of(new LoadPlan.Closed(1), List.of(without(Status.FAILED, 5, "no")), NONE);
        assertTrue(report.text().startsWith("1 client: 0 requests completed in 0.0 s, 1 failed"), report.text());
        assertTrue(report.markdownRow().startsWith("| 1 client | 0 | 0 | 1 | 0.0 | - | - | - |"), report.markdownRow());
        Json.text(report.json());
        Json.text(LoadReport.of(ARRIVAL, List.of(), NONE).json());
    }

    @Test
    void tablesHaveAsManyRulesAsColumns() {
        for (boolean withGoodput : new boolean[] {false, true}) {
            String[] head = LoadReport.markdownHead(withGoodput).split("\\R", -1);
            assertEquals(2, head.length);
            assertEquals(
                    head[0].chars().filter(c -> c == '|').count(),
                    head[1].chars().filter(c -> c == '|').count());
            Targets targets = withGoodput ? new Targets(OptionalDouble.of(1), OptionalDouble.empty()) : NONE;
            String row =
                    LoadReport.of(ARRIVAL, List.of(completed(0, 1, 2)), targets).markdownRow();
            assertEquals(
                    head[0].chars().filter(c -> c == '|').count(),
                    row.chars().filter(c -> c == '|').count());
        }
    }
}
