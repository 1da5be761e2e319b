package kawi.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import kawi.cli.LoadResult.Status;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a run. Percentiles are exact: the smallest sample that at least so many percent of the samples do not
 * exceed.
 *
 * @param seconds the time from the first request to the end of the last answer
 * @param promptTokens the number of prompt tokens of completed requests
 * @param answerTokens the number of tokens of completed answers
 * @param pieces the number of pieces of completed answers; fewer than tokens if some pieces consist of several
 * @param goodCount the number of requests that met the targets; empty if there are none
 * @param problems why requests were rejected or failed, and how often
 */
record LoadReport(
        LoadPlan.Arrival arrival,
        double seconds,
        Map<Status, Long> counts,
        long promptTokens,
        long answerTokens,
        long pieces,
        Latencies firstToken,
        Latencies betweenTokens,
        Latencies endToEnd,
        @Nullable Long goodCount,
        Map<String, Long> problems) {

    private static final int SHOWN_PROBLEMS = 5;

    /** Times in milliseconds. */
    record Latencies(long count, double mean, double p50, double p90, double p95, double p99, double max) {

        static Latencies of(LongStream nanos) {
            long[] sorted = nanos.sorted().toArray();
            return new Latencies(
                    sorted.length,
                    Arrays.stream(sorted).average().orElse(Double.NaN) * 1e-6,
                    percentile(sorted, 50),
                    percentile(sorted, 90),
                    percentile(sorted, 95),
                    percentile(sorted, 99),
                    percentile(sorted, 100));
        }

        private static double percentile(long[] sorted, int percent) {
            return sorted.length == 0
                    ? Double.NaN
                    : sorted[(int) Math.ceilDiv((long) sorted.length * percent, 100) - 1] * 1e-6;
        }

        Map<String, @Nullable Object> json() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("count", count);
            json.put("mean", finite(mean));
            json.put("p50", finite(p50));
            json.put("p90", finite(p90));
            json.put("p95", finite(p95));
            json.put("p99", finite(p99));
            json.put("max", finite(max));
            return json;
        }

        private static @Nullable Object finite(double value) {
            return Double.isFinite(value) ? value : null;
        }

        String brief() {
            return count == 0 ? "-" : "%s / %s / %s".formatted(shown(p50), shown(p95), shown(p99));
        }

        String line(String name) {
            String line = "%-16s".formatted(name)
                    + Stream.of(mean, p50, p90, p95, p99, max)
                            .map(value -> "%10s".formatted(count == 0 ? "-" : shown(value)))
                            .collect(Collectors.joining());
            return line.stripTrailing();
        }

        private static String shown(double millis) {
            return millis < 100 ? "%.1f".formatted(millis) : "%.0f".formatted(millis);
        }
    }

    /** The targets that a good answer meets, in milliseconds. */
    record Targets(OptionalDouble firstToken, OptionalDouble betweenTokens) {

        boolean isEmpty() {
            return firstToken.isEmpty() && betweenTokens.isEmpty();
        }

        boolean isMet(LoadResult result) {
            return result.completed()
                    && result.firstPiece() * 1e-6 <= firstToken.orElse(Double.MAX_VALUE)
                    && result.meanGap() * 1e-6 <= betweenTokens.orElse(Double.MAX_VALUE);
        }
    }

    static LoadReport of(LoadPlan.Arrival arrival, List<LoadResult> results, Targets targets) {
        List<LoadResult> completed =
                results.stream().filter(LoadResult::completed).toList();
        long start = results.stream().mapToLong(LoadResult::intended).min().orElse(0);
        long end = results.stream().mapToLong(LoadResult::end).max().orElse(0);
        return new LoadReport(
                arrival,
                (end - start) * 1e-9,
                results.stream().collect(Collectors.groupingBy(LoadResult::status, Collectors.counting())),
                completed.stream().mapToLong(LoadResult::promptTokens).sum(),
                completed.stream().mapToLong(LoadResult::tokens).sum(),
                completed.stream().mapToLong(result -> result.pieces().length).sum(),
                latencies(completed, LoadResult::firstPiece),
                Latencies.of(completed.stream().flatMapToLong(LoadReport::gaps)),
                latencies(completed, LoadResult::latency),
                targets.isEmpty()
                        ? null
                        : (Long) results.stream().filter(targets::isMet).count(),
                results.stream()
                        .map(LoadResult::problem)
                        .filter(problem -> !problem.isEmpty())
                        .collect(Collectors.groupingBy(problem -> problem, Collectors.counting())));
    }

    private static Latencies latencies(List<LoadResult> results, ToLongFunction<LoadResult> latency) {
        return Latencies.of(results.stream().mapToLong(latency));
    }

    private static LongStream gaps(LoadResult result) {
        long[] pieces = result.pieces();
        return LongStream.range(1, pieces.length).map(i -> pieces[(int) i] - pieces[(int) i - 1]);
    }

    private long count(Status status) {
        return counts.getOrDefault(status, 0L);
    }

    private double perSecond(long count) {
        return seconds > 0 ? count / seconds : 0;
    }

    /** Returns the number of requests that could have been answered. */
    private long attempts() {
        return count(Status.COMPLETED) + count(Status.REJECTED) + count(Status.FAILED);
    }

    private String load() {
        return switch (arrival) {
            case LoadPlan.Closed(int clients) -> clients == 1 ? "1 client" : clients + " clients";
            case LoadPlan.Open(double rate) ->
                "%s requests/s".formatted(rate == Math.rint(rate) ? "%.0f".formatted(rate) : String.valueOf(rate));
        };
    }

    private String goodput() {
        long good = Objects.requireNonNull(goodCount);
        return "%.1f%%, %.2f requests/s".formatted(100.0 * good / Math.max(1, attempts()), perSecond(good));
    }

    /** Returns the report for people. */
    String text() {
        StringBuilder text = new StringBuilder();
        text.append("%s: %d requests completed in %.1f s".formatted(load(), count(Status.COMPLETED), seconds));
        for (Status status : List.of(Status.REJECTED, Status.FAILED, Status.CANCELLED)) {
            if (count(status) > 0) {
                text.append(
                        ", %d %s".formatted(count(status), status == Status.CANCELLED ? "interrupted" : name(status)));
            }
        }
        text.append("%n%.1f tokens/s generated, %.1f prompt tokens/s, %.2f requests/s%n"
                .formatted(perSecond(answerTokens), perSecond(promptTokens), perSecond(count(Status.COMPLETED))));
        text.append("milliseconds    %10s%10s%10s%10s%10s%10s%n".formatted("mean", "p50", "p90", "p95", "p99", "max"));
        text.append("%s%n%s%n%s%n"
                .formatted(
                        firstToken.line("first token"),
                        betweenTokens.line("between tokens"),
                        endToEnd.line("end to end")));
        if (pieces < answerTokens && pieces > 0) {
            text.append("times between tokens are those between the %d pieces of %d tokens%n"
                    .formatted(pieces, answerTokens));
        }
        if (goodCount != null) {
            text.append("goodput %s%n".formatted(goodput()));
        }
        problems.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(SHOWN_PROBLEMS)
                .forEach(problem -> text.append("%d times: %s%n".formatted(problem.getValue(), problem.getKey())));
        return text.toString();
    }

    private static String name(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    static String markdownHead(boolean withGoodput) {
        String[] columns = {
            "load",
            "requests",
            "rejected",
            "failed",
            "tokens/s",
            "first token, ms, p50 / p95 / p99",
            "between tokens, ms, p50 / p95 / p99",
            "end to end, ms, p50 / p95 / p99",
            "goodput"
        };
        int count = withGoodput ? columns.length : columns.length - 1;
        return "| %s |%n|%s"
                .formatted(
                        String.join(" | ", Arrays.copyOf(columns, count)),
                        "---|---:|---:|---:|---:|---:|---:|---:|---:|".substring(0, 4 + 5 * (count - 1)));
    }

    /** Returns the report as a row of a table in Markdown. */
    String markdownRow() {
        String row = "| %s | %d | %d | %d | %.1f | %s | %s | %s |"
                .formatted(
                        load(),
                        count(Status.COMPLETED),
                        count(Status.REJECTED),
                        count(Status.FAILED),
                        perSecond(answerTokens),
                        firstToken.brief(),
                        betweenTokens.brief(),
                        endToEnd.brief());
        return goodCount == null ? row : row + " " + goodput() + " |";
    }

    /** Returns the report as a JSON object. Times are in milliseconds unless their names say otherwise. */
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        switch (arrival) {
            case LoadPlan.Closed(int clients) -> json.put("clients", clients);
            case LoadPlan.Open(double rate) -> json.put("rate", rate);
        }
        json.put("seconds", seconds);
        for (Status status : Status.values()) {
            json.put(name(status), count(status));
        }
        json.put("prompt_tokens", promptTokens);
        json.put("answer_tokens", answerTokens);
        json.put("pieces", pieces);
        json.put("tokens_per_second", perSecond(answerTokens));
        json.put("prompt_tokens_per_second", perSecond(promptTokens));
        json.put("requests_per_second", perSecond(count(Status.COMPLETED)));
        json.put("first_token", firstToken.json());
        json.put("between_tokens", betweenTokens.json());
        json.put("end_to_end", endToEnd.json());
        if (goodCount != null) {
            json.put("goodput", (double) goodCount / Math.max(1, attempts()));
            json.put("goodput_per_second", perSecond(goodCount));
        }
        json.put("problems", problems);
        return json;
    }
}
