package kawi.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import kawi.MemoryPlan;
import kawi.Progress;
import org.jspecify.annotations.Nullable;

/**
 * A line that shows the progress of long work on standard error, if that is a terminal, and disappears when the work
 * is done. It is not shown for work that takes less than a tenth of a second.
 */
final class ProgressLine implements Progress, AutoCloseable {

    private static final int MAX_SUBJECT = 26;
    private static final int MIN_BAR = 6;
    private static final long INTERVAL_NANOS = 100_000_000;

    /** The rate is the average of the last five seconds. */
    private static final int SAMPLES = 50;

    private final Terminal terminal;
    private final String proxy;
    private final LongSupplier clock;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private @Nullable Step last;
    private long drawn;
    private boolean visible;

    private record Sample(long time, long done) {}

    ProgressLine(Terminal terminal) {
        this(terminal, "");
    }

    /** @param proxy the proxy of downloads, if there is one, or an empty string */
    ProgressLine(Terminal terminal, String proxy) {
        this(terminal, proxy, System::nanoTime);
    }

    /** @param clock returns nanoseconds since an arbitrary time */
    ProgressLine(Terminal terminal, String proxy, LongSupplier clock) {
        this.terminal = terminal;
        this.proxy = proxy;
        this.clock = clock;
        this.drawn = clock.getAsLong();
    }

    @Override
    public synchronized void update(Step step) {
        if (!terminal.showsStatus()) {
            return;
        }
        long now = clock.getAsLong();
        if (last == null
                || last.stage() != step.stage()
                || !last.subject().equals(step.subject())
                || step.done() < last.done()) {
            samples.clear();
            samples.add(new Sample(now, step.done()));
        }
        last = step;
        if (step.done() == step.total()) {
            close();
        } else if (now - drawn >= INTERVAL_NANOS) {
            drawn = now;
            samples.add(new Sample(now, step.done()));
            if (samples.size() > SAMPLES) {
                samples.removeFirst();
            }
            terminal.status(line(step, rate()));
            visible = true;
        }
    }

    /** Returns bytes or tokens per second; 0 if it is not known yet. */
    private double rate() {
        Sample first = samples.getFirst();
        Sample latest = samples.getLast();
        long nanos = latest.time - first.time;
        return nanos < INTERVAL_NANOS ? 0 : (latest.done - first.done) * 1e9 / nanos;
    }

    private String line(Step step, double rate) {
        String subject = switch (step.stage()) {
            case DOWNLOAD -> fitting(step.subject());
            case LOAD -> "loading " + fitting(step.subject());
            case PREFILL -> "processing the prompt";
            case ENCODE -> "encoding " + fitting(step.subject());
            case WRITE, QUANTIZE -> "writing " + fitting(step.subject());
        };
        String amount = switch (step.stage()) {
            case DOWNLOAD ->
                rate > 0 ? "%s, %s/s".formatted(amount(step), MemoryPlan.bytes((long) rate)) : amount(step);
            case QUANTIZE -> rate > 0 ? "%s left".formatted(time((step.total() - step.done()) / rate)) : "";
            case LOAD, WRITE, ENCODE -> "";
            case PREFILL -> tokens(step, rate);
        };
        if (step.total() < 0) {
            return subject + "  " + amount;
        }
        if (step.stage() == Stage.DOWNLOAD && rate > 0) {
            amount += ", %s left".formatted(time((step.total() - step.done()) / rate));
        }
        if (step.stage() == Stage.DOWNLOAD && !proxy.isEmpty()) {
            amount += ", via " + proxy;
        }
        double done = (double) step.done() / Math.max(1, step.total());
        String head = "%s %3d%%".formatted(subject, (int) (100 * done));
        int room = terminal.columns() - 1; // a full line would wrap
        int bar = Math.min(30, room - Columns.of(head) - amount.length() - 4);
        if (bar >= MIN_BAR) {
            return "%s [%s] %s".formatted(head, bar(done, bar), amount);
        }
        if (Columns.of(head) + 1 + amount.length() <= room) {
            return "%s %s".formatted(head, amount);
        }
        // The share matters more than the name.
        String share = head.substring(subject.length());
        return Columns.clipped(subject, Math.max(0, room - share.length())) + share;
    }

    private static String tokens(Step step, double rate) {
        String tokens = "%d of %d tokens".formatted(step.done(), step.total());
        if (rate > 0) {
            tokens += rate < 10 ? ", %.1f/s".formatted(rate) : ", %.0f/s".formatted(rate);
        }
        return step.remaining()
                .map(left -> ", %s left".formatted(time(AnswerReport.seconds(left))))
                .map(tokens::concat)
                .orElse(tokens);
    }

    private static String amount(Step step) {
        return step.total() < 0 ? MemoryPlan.bytes(step.done()) : "of " + MemoryPlan.bytes(step.total());
    }

    private static String bar(double share, int width) {
        int full = (int) (share * width);
        return "#".repeat(full) + " ".repeat(width - full);
    }

    /** Returns a duration in minutes and seconds, or hours, minutes and seconds. */
    static String time(double seconds) {
        long s = (long) Math.min(seconds, 359_999);
        return s < 3600 ? "%d:%02d".formatted(s / 60, s % 60) : "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
    }

    /** Returns a name that fits, with its middle replaced by dots if it is long. */
    private static String fitting(String text) {
        String printable = text.replaceAll("\\p{C}", "?");
        if (Columns.of(printable) <= MAX_SUBJECT) {
            return printable;
        }
        int[] all = printable.codePoints().toArray();
        // The end of a name matters more than its middle: it contains the quantization.
        int head = fitting(all, 0, 1, MAX_SUBJECT / 2 - 2);
        int tail = fitting(all, all.length - 1, -1, MAX_SUBJECT / 2);
        return new String(all, 0, head) + ".." + new String(all, all.length - tail, tail);
    }

    /** Returns the number of characters from {@code start} in one direction that fit into the given columns. */
    private static int fitting(int[] characters, int start, int step, int columns) {
        int count = 0;
        int left = columns;
        for (int at = start; at >= 0 && at < characters.length && Columns.of(characters[at]) <= left; at += step) {
            left -= Columns.of(characters[at]);
            count++;
        }
        return count;
    }

    @Override
    public synchronized void close() {
        if (visible) {
            terminal.status("");
            visible = false;
        }
    }
}
