package kawi.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import kawi.BusyException;
import kawi.Concurrency;
import kawi.MemoryPlan;
import kawi.ModelActivity;
import kawi.kernels.KvPages;
import org.jspecify.annotations.Nullable;

/**
 * Admits answers to the passes of a model within its {@link Concurrency}. Each answer in progress has a place and the
 * keys and values for all tokens that it may have, so that an answer which has begun can end.
 *
 * <p>No wait is for good: what is waited for is given back by an answer in progress, and no such answer waits, except
 * for the user's code.
 *
 * <ul>
 *   <li>A thread that has advanced an unfinished answer, and begins another, does not wait; the new answer begins
 *       beyond the number of places, or is refused.
 *   <li>An answer that runs tools has no place. When it continues, it is the first to get one.
 *   <li>A stream that is not consumed for a second loses its place, but not its memory.
 *   <li>If nothing else is in progress, a request that does not fit is refused, since raw sequences hold the memory.
 * </ul>
 */
final class Admission {

    /** The interval at which a waiting thread checks whether it has been cancelled. */
    private static final long POLL_NANOS = 20_000_000;

    /** An answer that has not been advanced for this time does not keep others from beginning. */
    private static final long MAX_REST_NANOS = 1_000_000_000;

    /** The share of the newest answer in the average duration. */
    private static final double NEWEST = 0.25;

    private final Lifetime lifetime;
    private final Concurrency limits;
    private final long maxBytes;

    /** The bytes of a page of keys and values in all layers. */
    private final long pageBytes;

    private final int answerLength;

    /** The memory of sequences that have no place. */
    private final SharedBytes sequences = new SharedBytes();

    private final List<Place> running = new ArrayList<>();
    private final Deque<Place> queue = new ArrayDeque<>();
    private long reserved;
    private long refused;
    private double averageNanos;

    /**
     * An answer's place. It belongs to one sequence, is used by one answer after the other, and can be left anytime.
     */
    static final class Place {
        private volatile @Nullable Thread thread;

        /** When the answer was last advanced, or {@code Long.MAX_VALUE} while it is being advanced. */
        private volatile long rested = Long.MAX_VALUE;

        private boolean held;
        private long bytes;
        private long since;
    }

    /**
     * @param limits with {@link Concurrency#keyValueBytes}
     * @param pageBytes the bytes of a page of keys and values in all layers
     * @param contextLength of the model, in tokens
     */
    Admission(Lifetime lifetime, Concurrency limits, long pageBytes, int contextLength) {
        this.lifetime = lifetime;
        this.limits = limits;
        this.maxBytes = limits.keyValueBytes().orElseThrow();
        this.pageBytes = pageBytes;
        this.answerLength = keyValueBytes(contextLength) <= maxBytes
                ? contextLength
                : (int) Math.min(contextLength, maxBytes / pageBytes * KvPages.POSITIONS);
    }

    /** The maximum length of a prompt and its answer, in tokens: that of the context, if there may be memory for it. */
    int answerLength() {
        return answerLength;
    }

    /** The maximum length of this prompt and its answer, in tokens. */
    int answerLength(PromptTokens prompt, Settings settings) {
        return (int) Math.min(answerLength, (long) prompt.length() + settings.maxTokens());
    }

    /** The memory of the keys and values of a sequence of {@code length} tokens, in bytes. */
    long keyValueBytes(int length) {
        return Math.ceilDiv(length, KvPages.POSITIONS) * pageBytes;
    }

    /** The memory of sequences that have no place. */
    SharedBytes sequences() {
        return sequences;
    }

    /**
     * Takes a place, unless it has been taken, which {@link #leave} gives back.
     *
     * @param bytes the memory of all keys and values that the answer may have; at most the limit
     * @param settings say how long the answer may wait, and whether it is one that continues after tools, which
     *     precedes others and is not refused
     * @param cancelled queried while waiting
     * @throws BusyException if there is none now or in time
     * @throws CancellationException if the request is cancelled while it waits
     */
    void enter(Place place, long bytes, Settings settings, BooleanSupplier cancelled) {
        long started = System.nanoTime();
        boolean continued = settings.continued();
        Duration maxWait = continued ? null : settings.maxWait();
        synchronized (this) {
            if (place.held) {
                return;
            }
            place.bytes = bytes;
            place.thread = Thread.currentThread();
            if (isNested()) {
                if (!hasMemory(place)) {
                    throw refuse("it begins within another answer, which cannot end before it, and %s"
                            .formatted(memoryInUse(place)));
                }
                grant(place);
                return;
            }
            if (continued) {
                queue.addFirst(place);
            } else {
                queue.addLast(place);
            }
            admit();
            if (place.held) {
                return;
            }
            boolean full = queue.size() > limits.waiting() && !continued;
            if (full || (maxWait != null && maxWait.isZero()) || isHopeless(place)) {
                queue.remove(place);
                throw refuse(isHopeless(place) ? memoryInUse(place) : full ? queueFull() : placesInUse(place));
            }
        }
        await(place, cancelled, started, maxWait);
    }

    /** Takes a place if there is one now and nobody waits for it; returns false otherwise. */
    synchronized boolean tryEnter(Place place, long bytes) {
        place.bytes = bytes;
        place.thread = Thread.currentThread();
        if (queue.isEmpty() && advancing() < limits.sequences() && hasMemory(place)) {
            grant(place);
        }
        return place.held;
    }

    private void await(Place place, BooleanSupplier cancelled, long started, @Nullable Duration maxWait) {
        boolean interrupted = false;
        try {
            while (true) {
                boolean stop = lifetime.closing() || cancelled.getAsBoolean();
                // Clears the interrupt status, which is restored later, so that parking does not return at once.
                interrupted |= Thread.interrupted();
                synchronized (this) {
                    admit(); // memory of raw sequences is given back without notice
                    if (place.held) {
                        return;
                    }
                    if (stop) {
                        queue.remove(place);
                        throw new CancellationException("cancelled while other answers were in progress");
                    }
                    long waited = System.nanoTime() - started;
                    if (maxWait != null && waited >= nanos(maxWait)) {
                        queue.remove(place);
                        throw refuse(
                                "it has waited for %d ms, and %s".formatted(waited / 1_000_000, placesInUse(place)));
                    }
                    if (isHopeless(place)) {
                        queue.remove(place);
                        throw refuse(memoryInUse(place));
                    }
                }
                LockSupport.parkNanos(this, POLL_NANOS);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static long nanos(Duration time) {
        try {
            return time.toNanos();
        } catch (ArithmeticException centuries) {
            return Long.MAX_VALUE;
        }
    }

    /** Gives a place back, if it is held. */
    void leave(Place place) {
        synchronized (this) {
            if (!place.held) {
                return;
            }
            place.held = false;
            place.thread = null;
            running.remove(place);
            reserved -= place.bytes;
            double nanos = System.nanoTime() - place.since;
            averageNanos = averageNanos == 0 ? nanos : averageNanos + NEWEST * (nanos - averageNanos);
            admit();
        }
    }

    /** Notes that the current thread advances the answer with this place, until {@link #rest}. */
    void advance(Place place) {
        place.thread = Thread.currentThread();
        place.rested = Long.MAX_VALUE;
    }

    /** Notes that the answer with this place is not advanced for now: a stream of it may never be consumed. */
    void rest(Place place) {
        place.rested = System.nanoTime();
    }

    /**
     * Checks that a sequence without a place may grow from one length to another, in tokens.
     *
     * @throws BusyException if its keys and values exceed the limit
     */
    synchronized void checkGrowth(int from, int to) {
        long bytes = keyValueBytes(to) - keyValueBytes(from);
        if (bytes > 0 && reserved + sequences.total() + bytes > maxBytes) {
            throw refuse(
                    "no token was appended",
                    "the sequence needs %s more of keys and values, and %s"
                            .formatted(MemoryPlan.bytes(bytes), memoryInUse()));
        }
    }

    Concurrency limits() {
        return limits;
    }

    /** The activity of the model, which has computed {@code totals}. */
    synchronized ModelActivity activity(Scheduler.Totals totals) {
        return new ModelActivity(
                running.size(),
                queue.size(),
                reserved + sequences.total(),
                refused,
                totals.passes(),
                totals.prefilledTokens(),
                totals.decodedTokens(),
                totals.guessedTokens(),
                totals.acceptedTokens(),
                limits);
    }

    // The following methods are called with the lock held.

    private void admit() {
        for (Place first = queue.peekFirst(); first != null; first = queue.peekFirst()) {
            if (advancing() >= limits.sequences() || !hasMemory(first)) {
                return;
            }
            queue.removeFirst();
            grant(first);
        }
    }

    private void grant(Place place) {
        place.held = true;
        place.since = System.nanoTime();
        running.add(place);
        reserved += place.bytes;
        LockSupport.unpark(place.thread);
    }

    /** The number of answers in progress, without those that nobody has advanced for a while. */
    private int advancing() {
        long now = System.nanoTime();
        int count = 0;
        for (int i = 0; i < running.size(); i++) {
            long rested = running.get(i).rested;
            count += rested == Long.MAX_VALUE || now - rested < MAX_REST_NANOS ? 1 : 0;
        }
        return count;
    }

    private boolean hasMemory(Place place) {
        return reserved + sequences.total() + place.bytes <= maxBytes;
    }

    /** Whether the current thread has advanced an answer that is not complete. */
    private boolean isNested() {
        Thread current = Thread.currentThread();
        for (int i = 0; i < running.size(); i++) {
            if (current.equals(running.get(i).thread)) {
                return true;
            }
        }
        return false;
    }

    /** Whether nothing in progress will give back what the place needs. */
    private boolean isHopeless(Place place) {
        return advancing() == 0 && !hasMemory(place) && place.equals(queue.peekFirst());
    }

    private BusyException refuse(String reason) {
        return refuse("the answer was not begun", reason);
    }

    private BusyException refuse(String consequence, String reason) {
        refused++;
        double nanos = averageNanos * (queue.size() + 1) / limits.sequences();
        return new BusyException(
                "%s: %s; try again later, or raise a limit of ModelLoader.concurrency".formatted(consequence, reason),
                Duration.ofSeconds(Math.max(1, (long) Math.ceil(nanos * 1e-9))));
    }

    private String queueFull() {
        return "%d answers are in progress and %d callers wait already".formatted(running.size(), queue.size());
    }

    private String placesInUse(Place place) {
        return advancing() < limits.sequences()
                ? memoryInUse(place)
                : "answers in progress number %d, of at most %d".formatted(running.size(), limits.sequences());
    }

    private String memoryInUse(Place place) {
        return "it may need %s of keys and values, and %s".formatted(MemoryPlan.bytes(place.bytes), memoryInUse());
    }

    private String memoryInUse() {
        return "answers in progress have %s and sequences %s of at most %s"
                .formatted(MemoryPlan.bytes(reserved), MemoryPlan.bytes(sequences.total()), MemoryPlan.bytes(maxBytes));
    }
}
