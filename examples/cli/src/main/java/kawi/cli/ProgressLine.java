package kawi.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import kawi.MemoryPlan;
import kawi.Progress;
import org.jspecify.annotations.Nullable;

/**
 * One line on a person's terminal that says how far long work has come, and disappears when it is done. Work that takes no time is not worth a line; in a
 * pipe there is none at all.
 */
final class ProgressLine implements Progress, AutoCloseable {

    private static final int LONGEST_SUBJECT = 26;
    private static final int NARROWEST_BAR = 6;
    private static final long INTERVAL_NANOS = 100_000_000;

    /** The rate is that of the last five seconds. */
    private static final int SAMPLES = 50;

    private final Terminal terminal;
    private final LongSupplier clock;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private @Nullable Step last;
    private long drawn;
    private boolean visible;

    private record Sample(long time, long done) {}

    ProgressLine(Terminal terminal) {
        this(terminal, System::nanoTime);
    }

    /** @param clock nanoseconds since any time */
    ProgressLine(Terminal terminal, LongSupplier clock) {
        this.terminal = terminal;
        this.clock = clock;
        this.drawn = clock.getAsLong();
    }

    @Override
    public synchronized void update(Step step) {
        if (!terminal.interactive()) {
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

    /** Bytes or tokens in a second; 0 while that cannot be said. */
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
            case PREFILL -> "reading the prompt";
        };
        String amount = switch (step.stage()) {
            case DOWNLOAD ->
                rate > 0 ? "%s, %s/s".formatted(amount(step), MemoryPlan.bytes((long) rate)) : amount(step);
            case LOAD -> "";
            case PREFILL -> "%d of %d tokens".formatted(step.done(), step.total());
        };
        if (step.total() < 0) {
            return subject + "  " + amount;
        }
        if (step.stage() == Stage.DOWNLOAD && rate > 0) {
            amount += ", %s left".formatted(time((step.total() - step.done()) / rate));
        }
        double share = (double) step.done() / Math.max(1, step.total());
        String head = "%s %3d%%".formatted(subject, (int) (100 * share));
        int room = terminal.columns() - 1; // a full line would wrap
        int bar = Math.min(30, room - columns(head) - amount.length() - 4);
        if (bar >= NARROWEST_BAR) {
            return "%s [%s] %s".formatted(head, bar(share, bar), amount);
        }
        return columns(head) + 1 + amount.length() <= room ? "%s %s".formatted(head, amount) : head;
    }

    private static String amount(Step step) {
        return step.total() < 0 ? MemoryPlan.bytes(step.done()) : "of " + MemoryPlan.bytes(step.total());
    }

    private static String bar(double share, int width) {
        int full = (int) (share * width);
        return "#".repeat(full) + " ".repeat(width - full);
    }

    private static String time(double seconds) {
        long s = (long) Math.min(seconds, 359_999);
        return s < 3600 ? "%d:%02d".formatted(s / 60, s % 60) : "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
    }

    /** A name in the room there is for it, without what is in its middle. */
    private static String fitting(String text) {
        String printable = text.replaceAll("\\p{C}", "?");
        if (columns(printable) <= LONGEST_SUBJECT) {
            return printable;
        }
        int[] all = printable.codePoints().toArray();
        // The end of a name says more than its middle: the quantization stands there.
        int head = fitting(all, 0, 1, LONGEST_SUBJECT / 2 - 2);
        int tail = fitting(all, all.length - 1, -1, LONGEST_SUBJECT / 2);
        return new String(all, 0, head) + ".." + new String(all, all.length - tail, tail);
    }

    /** How many characters from {@code start} on in one direction fit into so many columns. */
    private static int fitting(int[] characters, int start, int step, int columns) {
        int count = 0;
        int left = columns;
        for (int at = start; at >= 0 && at < characters.length && columns(characters[at]) <= left; at += step) {
            left -= columns(characters[at]);
            count++;
        }
        return count;
    }

    private static int columns(String text) {
        return text.codePoints().map(ProgressLine::columns).sum();
    }

    /** East Asian characters and pictures take two columns; to count too many for some others does no harm. */
    private static int columns(int character) {
        return character < 0x1100 ? 1 : 2;
    }

    @Override
    public synchronized void close() {
        if (visible) {
            terminal.status("");
            visible = false;
        }
    }
}
