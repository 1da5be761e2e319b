package kawi.server;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Counts requests, and prints all figures in the text format of Prometheus. */
final class Metrics {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double[] SECONDS = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};

    private record Series(String path, int status) implements Comparable<Series> {
        @Override
        public int compareTo(Series other) {
            int order = path.compareTo(other.path);
            return order != 0 ? order : Integer.compare(status, other.status);
        }
    }

    private static final class Histogram {
        private final long[] counts = new long[SECONDS.length];
        private long count;
        private double sum;

        void add(double seconds) {
            count++;
            sum += seconds;
            for (int i = 0; i < SECONDS.length; i++) {
                if (seconds <= SECONDS[i]) {
                    counts[i]++;
                }
            }
        }

        void print(Text text, String name, String label) {
            for (int i = 0; i < SECONDS.length; i++) {
                text.line(name + "_bucket", label + ",le=\"" + SECONDS[i] + "\"", counts[i]);
            }
            text.line(name + "_bucket", label + ",le=\"+Inf\"", count);
            text.line(name + "_sum", label, sum);
            text.line(name + "_count", label, count);
        }
    }

    private final Map<Series, Long> requests = new TreeMap<>();
    private final Map<String, Histogram> durations = new TreeMap<>();
    private final Map<String, Histogram> firstEvents = new TreeMap<>();
    private long disconnected;

    /** Counts a request. */
    synchronized void request(String path, int status, Duration duration) {
        requests.merge(new Series(path, status), 1L, Long::sum);
        add(durations, path, duration);
    }

    /** Counts the time from a request to the first event of its response. */
    synchronized void firstEvent(String path, Duration duration) {
        add(firstEvents, path, duration);
    }

    /** Counts a client that went away before its response was complete. */
    synchronized void disconnected() {
        disconnected++;
    }

    private static void add(Map<String, Histogram> histograms, String path, Duration duration) {
        histograms.computeIfAbsent(path, it -> new Histogram()).add(duration.toNanos() / 1e9);
    }

    /** Appends the figures of this object. */
    synchronized void print(Text text) {
        text.family("kawi_requests_total", "counter", "Requests, by path and status of the response.");
        requests.forEach((series, count) -> text.line(
                "kawi_requests_total",
                "path=\"%s\",status=\"%d\"".formatted(Text.escaped(series.path), series.status),
                count));
        print(text, "kawi_request_duration_seconds", "From a request to the end of its response.", durations);
        print(text, "kawi_time_to_first_event_seconds", "From a request to the first event of a stream.", firstEvents);
        text.single(
                "kawi_disconnected_total",
                "counter",
                "Requests whose connection was closed before the end of the response.",
                disconnected);
    }

    private static void print(Text text, String name, String help, Map<String, Histogram> histograms) {
        text.family(name, "histogram", help);
        histograms.forEach((path, histogram) -> histogram.print(text, name, "path=\"" + Text.escaped(path) + '"'));
    }

    /** The text format of Prometheus. */
    static final class Text {
        private final StringBuilder text = new StringBuilder();

        void family(String name, String type, String help) {
            text.append("# HELP ").append(name).append(' ').append(help).append('\n');
            text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        }

        /** Appends a figure without labels. */
        void single(String name, String type, String help, long value) {
            family(name, type, help);
            line(name, "", value);
        }

        void line(String name, String labels, long value) {
            line(name, labels, Long.toString(value));
        }

        void line(String name, String labels, double value) {
            line(name, labels, Double.toString(value));
        }

        private void line(String name, String labels, String value) {
            text.append(name);
            if (!labels.isEmpty()) {
                text.append('{').append(labels).append('}');
            }
            text.append(' ').append(value).append('\n');
        }

        static String escaped(String label) {
            return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
