package kawi.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.Profile;
import org.jspecify.annotations.Nullable;

/**
 * The breakdown of a phase of an answer by kind of operation. The time of an operation is without the waiting of its
 * threads, which is a row of its own, so that all rows together are the time of the phase.
 *
 * @param phase prefill or decode
 * @param tokens the number of tokens of the phase
 * @param profile of the phase
 * @param readBandwidth the read bandwidth of memory, in bytes per second
 */
record ProfileReport(String phase, int tokens, Profile profile, double readBandwidth) {

    private static final String ROW = "  %-14s%12s%9s%12s%12s%12s%n";

    /**
     * A row of the table.
     *
     * @param nanos without waiting
     * @param waitingNanos the waiting that this operation caused
     * @param bytes read and written
     */
    private record Row(String name, long nanos, long waitingNanos, long bytes) {}

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        long waiting = 0;
        for (Profile.Operation operation : profile.operations()) {
            waiting += operation.waitingNanos();
            if (operation.nanos() > operation.waitingNanos()) {
                rows.add(new Row(
                        operation.name(),
                        operation.nanos() - operation.waitingNanos(),
                        operation.waitingNanos(),
                        operation.bytesRead() + operation.bytesWritten()));
            }
        }
        rows.add(new Row("waiting", waiting, 0, 0));
        rows.add(new Row("other", profile.otherNanos(), 0, 0));
        return rows;
    }

    private double readPerSecond() {
        return profile.bytesRead() * 1e9 / profile.nanos();
    }

    /** Returns the table for people; times and bytes are per token. */
    String text() {
        StringBuilder text = new StringBuilder("%n%s of %d tokens, %.2f tokens/s; per token:%n"
                .formatted(phase, tokens, tokens * 1e9 / profile.nanos()));
        text.append(ROW.formatted("", "time", "share", "waiting", "memory", "bandwidth"));
        long bytes = 0;
        for (Row row : rows()) {
            bytes += row.bytes;
            text.append(line(row, row.nanos));
        }
        long waiting = profile.operations().stream()
                .mapToLong(Profile.Operation::waitingNanos)
                .sum();
        text.append(line(new Row("total", profile.nanos() - waiting, waiting, bytes), profile.nanos()));
        text.append("%s reads %s of memory, %.0f %% of the read bandwidth of %s with %d threads%n"
                .formatted(
                        phase,
                        bandwidth(readPerSecond()),
                        100 * readPerSecond() / readBandwidth,
                        bandwidth(readBandwidth),
                        profile.threads()));
        return text.toString();
    }

    private String line(Row row, long nanos) {
        return ROW.formatted(
                        row.name,
                        millis(nanos),
                        "%.1f %%".formatted(100.0 * nanos / profile.nanos()),
                        row.waitingNanos == 0 ? "" : millis(row.waitingNanos),
                        row.bytes == 0 ? "" : "%.2f MB".formatted(row.bytes * 1e-6 / tokens),
                        row.bytes == 0 ? "" : bandwidth(row.bytes * 1e9 / (row.nanos + row.waitingNanos)))
                .replaceAll(" +(?=\\R)", "");
    }

    private String millis(long nanos) {
        return "%.3f ms".formatted(nanos * 1e-6 / tokens);
    }

    private static String bandwidth(double bytesPerSecond) {
        return "%.2f GB/s".formatted(bytesPerSecond * 1e-9);
    }

    /** Returns the breakdown as a JSON object; times and bytes are those of the whole phase. */
    Map<String, @Nullable Object> json() {
        List<Map<String, @Nullable Object>> operations = new ArrayList<>();
        for (Row row : rows()) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("name", row.name);
            object.put("seconds", row.nanos * 1e-9);
            object.put("share", (double) row.nanos / profile.nanos());
            object.put("waiting_seconds", row.waitingNanos * 1e-9);
            object.put("bytes", row.bytes);
            object.put("bytes_per_second", row.bytes * 1e9 / Math.max(1, row.nanos + row.waitingNanos));
            operations.add(object);
        }
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("tokens", tokens);
        object.put("seconds", profile.nanos() * 1e-9);
        object.put("read_bytes", profile.bytesRead());
        object.put("read_bytes_per_second", readPerSecond());
        object.put("read_bandwidth_share", readPerSecond() / readBandwidth);
        object.put("operations", operations);
        return object;
    }
}
