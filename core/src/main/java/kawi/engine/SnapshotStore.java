package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import kawi.CacheStats;
import kawi.architecture.SequenceState;
import kawi.flight.CacheEvent;
import kawi.flight.Flight;
import kawi.flight.SnapshotEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a model remembers of the beginnings of texts, kept to be continued. The part of a sequence's state that is recurrent cannot be taken
 * back to an earlier token, so whoever may want to return to a place keeps a copy of it there: some megabytes that do not grow with the
 * text, and a share in the pages of keys and values. When all copies together exceed the budget, those unused for longest go.
 *
 * <p>A store may be shared by several owners, each of whom closes it.
 */
final class SnapshotStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);

    private final String name;
    private final long budget;
    private final Consumer<SnapshotStore> onClose;

    /** Least recently used first. */
    private final List<Snapshot> snapshots = new ArrayList<>();

    private int owners = 1;
    private long hits;
    private long misses;
    private long evictions;
    private long bytes;
    private boolean tooSmall;

    private record Snapshot(int[] tokens, SequenceState state) {

        boolean begins(int[] text) {
            return tokens.length < text.length && Arrays.mismatch(tokens, 0, tokens.length, text, 0, tokens.length) < 0;
        }
    }

    /**
     * @param name for messages
     * @param budget bytes; nothing is kept with 0
     * @param onClose told when the last owner has closed it
     */
    SnapshotStore(String name, long budget, Consumer<SnapshotStore> onClose) {
        this.name = name;
        this.budget = budget;
        this.onClose = onClose;
    }

    /** One more owner. */
    synchronized SnapshotStore share() {
        owners++;
        return this;
    }

    /**
     * Brings {@code sequence} to the longest kept beginning of {@code text} that is shorter than {@code text}.
     *
     * @return its length, or 0 if there is none, and the sequence is as before
     */
    synchronized int restore(int[] text, TokenSequence sequence) {
        Snapshot best = null;
        for (Snapshot snapshot : snapshots) {
            if ((best == null || snapshot.tokens.length > best.tokens.length) && snapshot.begins(text)) {
                best = snapshot;
            }
        }
        if (best == null) {
            misses++;
            record(CacheEvent.Outcome.MISS, 0);
            return 0;
        }
        hits++;
        touch(best);
        sequence.restore(best.state);
        record(CacheEvent.Outcome.HIT, best.tokens.length);
        return best.tokens.length;
    }

    /** Keeps the state of a sequence that consists of the first {@code length} tokens of {@code text}. */
    synchronized void keep(int[] text, int length, TokenSequence sequence) {
        if (budget > 0 && !contains(text, length)) {
            SnapshotEvent event = Flight.snapshot();
            add(Arrays.copyOf(text, length), sequence.snapshot(), event);
        }
    }

    /** Takes over a state that consists of {@code tokens}. */
    synchronized void add(int[] tokens, SequenceState state) {
        add(tokens, state, Flight.snapshot());
    }

    private void add(int[] tokens, SequenceState state, @Nullable SnapshotEvent event) {
        long before = bytes;
        snapshots.add(new Snapshot(tokens, state));
        bytes = count();
        long added = bytes - before;
        if (event != null) {
            event.commit(name, tokens.length, added);
        }
        LOG.debug("{}: kept the state of {} tokens, {} bytes", name, tokens.length, added);
        while (bytes > budget && !snapshots.isEmpty()) {
            Snapshot eldest = snapshots.removeFirst();
            eldest.state.close();
            evictions++;
            bytes = count();
            record(CacheEvent.Outcome.EVICTION, eldest.tokens.length);
            LOG.debug("{}: gave up the state of {} tokens", name, eldest.tokens.length);
        }
        if (snapshots.isEmpty() && budget > 0 && !tooSmall) {
            tooSmall = true;
            LOG.warn(
                    "{}: the budget of {} bytes is too small for the state of {} tokens, so it is read again each time",
                    name,
                    budget,
                    tokens.length);
        }
    }

    private void record(CacheEvent.Outcome outcome, int tokens) {
        CacheEvent event = Flight.cache();
        if (event != null) {
            event.commit(name, outcome, tokens, snapshots.size(), bytes, budget);
        }
    }

    /** What consumes the state of the longest kept beginning of {@code text}, {@code text} itself included. */
    @FunctionalInterface
    interface Use<X extends Exception> {
        void use(int[] tokens, SequenceState state) throws X;
    }

    /** Hands the longest kept beginning of {@code text} to {@code use}; false if there is none. */
    synchronized <X extends Exception> boolean useLongest(int[] text, Use<X> use) throws X {
        Snapshot best = null;
        for (Snapshot snapshot : snapshots) {
            if ((best == null || snapshot.tokens.length > best.tokens.length)
                    && (snapshot.begins(text) || Arrays.equals(snapshot.tokens, text))) {
                best = snapshot;
            }
        }
        if (best != null) {
            use.use(best.tokens, best.state);
        }
        return best != null;
    }

    synchronized CacheStats stats() {
        return new CacheStats(snapshots.size(), bytes, budget, hits, misses, evictions);
    }

    @Override
    public synchronized void close() {
        if (--owners == 0) {
            release();
            onClose.accept(this);
        }
    }

    /** Gives up everything, whoever owns it. */
    synchronized void release() {
        snapshots.forEach(snapshot -> snapshot.state.close());
        snapshots.clear();
        bytes = 0;
    }

    /** Whether the state of exactly this text is kept. */
    synchronized boolean knows(int[] text) {
        return contains(text, text.length);
    }

    private boolean contains(int[] text, int length) {
        for (Snapshot snapshot : snapshots) {
            if (Arrays.equals(snapshot.tokens, 0, snapshot.tokens.length, text, 0, length)) {
                touch(snapshot);
                return true;
            }
        }
        return false;
    }

    private void touch(Snapshot snapshot) {
        snapshots.remove(snapshot);
        snapshots.add(snapshot);
    }

    private long count() {
        Set<Object> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        return snapshots.stream()
                .mapToLong(snapshot -> snapshot.state.bytes(counted))
                .sum();
    }
}
