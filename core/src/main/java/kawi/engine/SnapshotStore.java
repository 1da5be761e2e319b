package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import kawi.CacheStats;
import kawi.ClosedException;
import kawi.architecture.SequenceState;
import kawi.flight.CacheEvent;
import kawi.flight.Flight;
import kawi.flight.SnapshotEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of the states of a model after prefixes of texts. The recurrent part of a sequence's state cannot be rolled
 * back to an earlier token, so a copy is kept at positions to return to: some megabytes that do not grow with the text,
 * and shared pages of keys and values. When the copies exceed the budget of the store, or those of all stores their
 * common limit, the least recently used are evicted. Pages that an open sequence has as well take no memory, and do not
 * count until that sequence ends or changes.
 *
 * <p>A store may be shared by several owners, each of which closes it. It is thread-safe. States are copied, written
 * and freed outside of the lock.
 */
final class SnapshotStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);

    private final String name;
    private final long budget;

    /** Its monitor guards the fields below. */
    private final SnapshotLimit limit;

    /** Least recently used first. */
    private final List<Snapshot> snapshots = new ArrayList<>();

    private final SharedBytes held = new SharedBytes();
    private int owners = 1;
    private long hits;
    private long misses;
    private long evictions;
    private boolean tooSmall;

    /** Called by {@link SnapshotLimit#newStore}. */
    SnapshotStore(String name, long budget, SnapshotLimit limit) {
        this.name = name;
        this.budget = budget;
        this.limit = limit;
    }

    /**
     * Adds an owner.
     *
     * @throws ClosedException if all owners have closed the store
     */
    SnapshotStore share() {
        synchronized (limit) {
            if (owners == 0) {
                throw new ClosedException("this chat is closed", null);
            }
            owners++;
            return this;
        }
    }

    /**
     * Restores {@code sequence} to the longest cached proper prefix of {@code text}.
     *
     * @return the length of the prefix, or 0 if there is none, in which case the sequence is unchanged
     */
    int restore(TokenText text, TokenSequence sequence) {
        limit.lifetime().enter();
        try {
            CacheEvent event = Flight.cache();
            CacheStats stats;
            Snapshot best;
            synchronized (limit) {
                best = longest(text, text.length() - 1);
                if (best == null) {
                    misses++;
                } else {
                    hits++;
                    touch(best);
                    best.hold();
                }
                stats = stats();
            }
            if (best == null) {
                record(event, CacheEvent.Outcome.MISS, 0, stats);
                return 0;
            }
            try {
                sequence.restore(best.state());
            } finally {
                release(best);
            }
            record(event, CacheEvent.Outcome.HIT, best.length(), stats);
            return best.length();
        } finally {
            limit.lifetime().leave();
        }
    }

    /** Caches the state of a sequence that consists of the first {@code length} tokens of {@code text}. */
    void keep(TokenText text, int length, TokenSequence sequence) {
        TokenText kept = text.prefix(length);
        if (budget == 0 || contains(kept)) {
            return;
        }
        limit.lifetime().enter();
        try {
            SnapshotEvent event = Flight.snapshot();
            add(kept, sequence.snapshot(), event);
        } finally {
            limit.lifetime().leave();
        }
    }

    /** Adds the state after a text and takes ownership of it. */
    void add(TokenText text, SequenceState state) {
        add(text, state, Flight.snapshot());
    }

    private void add(TokenText text, SequenceState state, @Nullable SnapshotEvent event) {
        Snapshot snapshot = new Snapshot(text, state);
        List<Runnable> afterwards = new ArrayList<>();
        long added;
        synchronized (limit) {
            if (owners == 0 || find(text) != null) {
                afterwards.add(state::close);
                added = -1;
            } else {
                snapshots.add(snapshot);
                limit.add(snapshot);
                limit.touch(snapshot);
                added = held.add(snapshot.share());
                evict(afterwards);
                if (snapshots.isEmpty() && budget > 0 && !tooSmall) {
                    tooSmall = true;
                    afterwards.add(() -> LOG.warn(
                            "{}: the budget of {} bytes is too small for the state of {} tokens, so it is read again each time",
                            name,
                            Math.min(budget, limit.bytes()),
                            text.length()));
                }
            }
        }
        if (added >= 0) {
            if (event != null) {
                event.commit(name, text.length(), added);
            }
            LOG.debug("{}: kept the state of {} tokens, {} bytes", name, text.length(), added);
        }
        afterwards.forEach(Runnable::run);
    }

    /** Evicts states that exceed a limit. Freeing and logging are deferred until the lock has been released. */
    void evict(List<Runnable> afterwards) {
        while (limit.exceeds(held, budget)) {
            evictEldest(afterwards);
        }
        for (SnapshotStore store = limit.storeToEvict(); store != null; store = limit.storeToEvict()) {
            store.evictEldest(afterwards);
        }
    }

    private void evictEldest(List<Runnable> afterwards) {
        Snapshot eldest = snapshots.getFirst();
        evictions++;
        drop(eldest, afterwards);
        CacheStats stats = stats();
        afterwards.add(() -> {
            record(Flight.cache(), CacheEvent.Outcome.EVICTION, eldest.length(), stats);
            LOG.debug("{}: gave up the state of {} tokens", name, eldest.length());
        });
    }

    private void drop(Snapshot snapshot, List<Runnable> afterwards) {
        snapshots.remove(snapshot);
        held.remove(snapshot.share());
        limit.remove(snapshot);
        if (snapshot.release()) {
            afterwards.add(snapshot.state()::close);
        }
    }

    private void release(Snapshot snapshot) {
        boolean last;
        synchronized (limit) {
            last = snapshot.release();
        }
        if (last) {
            snapshot.state().close();
        }
    }

    private void record(@Nullable CacheEvent event, CacheEvent.Outcome outcome, int tokens, CacheStats stats) {
        if (event != null) {
            event.commit(name, outcome, tokens, stats.entries(), stats.bytes(), budget);
        }
    }

    /** Consumes the state of the longest cached prefix of a text, possibly the whole text. */
    @FunctionalInterface
    interface Use<X extends Exception> {
        void use(TokenText text, SequenceState state) throws X;
    }

    /** Passes the longest cached prefix of {@code text} to {@code use}. Returns false if there is none. */
    <X extends Exception> boolean useLongest(TokenText text, Use<X> use) throws X {
        limit.lifetime().enter();
        try {
            Snapshot best;
            synchronized (limit) {
                best = longest(text, text.length());
                if (best == null) {
                    return false;
                }
                best.hold();
            }
            try {
                use.use(best.text(), best.state());
                return true;
            } finally {
                release(best);
            }
        } finally {
            limit.lifetime().leave();
        }
    }

    CacheStats stats() {
        synchronized (limit) {
            return new CacheStats(snapshots.size(), limit.bytes(held), budget, hits, misses, evictions);
        }
    }

    @Override
    public void close() {
        boolean last;
        synchronized (limit) {
            last = owners > 0 && --owners == 0;
        }
        if (last && limit.lifetime().tryEnter()) { // otherwise the model frees everything
            try {
                release();
            } finally {
                limit.lifetime().leave();
            }
        }
    }

    /** Removes all states, regardless of owners, and prevents further ones from being added. */
    void release() {
        List<Runnable> afterwards = new ArrayList<>();
        synchronized (limit) {
            owners = 0;
            limit.remove(this);
            while (!snapshots.isEmpty()) {
                drop(snapshots.getLast(), afterwards);
            }
        }
        afterwards.forEach(Runnable::run);
    }

    /** Removes the state after exactly this text, if it is cached. */
    void drop(TokenText text) {
        limit.lifetime().enter();
        try {
            List<Runnable> afterwards = new ArrayList<>();
            synchronized (limit) {
                Snapshot known = find(text);
                if (known != null) {
                    drop(known, afterwards);
                }
            }
            afterwards.forEach(Runnable::run);
        } finally {
            limit.lifetime().leave();
        }
    }

    /** Whether the state after exactly this text is cached. */
    boolean contains(TokenText text) {
        synchronized (limit) {
            Snapshot known = find(text);
            if (known != null) {
                touch(known);
            }
            return known != null;
        }
    }

    // The following methods are called with the lock held.

    /** The last use of the least recently used state, or {@code Long.MAX_VALUE} if there is none. */
    long eldestUse() {
        return snapshots.isEmpty() ? Long.MAX_VALUE : snapshots.getFirst().lastUse();
    }

    private @Nullable Snapshot longest(TokenText text, int atMost) {
        Snapshot best = null;
        for (Snapshot snapshot : snapshots) {
            if (snapshot.length() <= atMost
                    && (best == null || snapshot.length() > best.length())
                    && snapshot.begins(text)) {
                best = snapshot;
            }
        }
        return best;
    }

    private @Nullable Snapshot find(TokenText text) {
        for (Snapshot snapshot : snapshots) {
            if (snapshot.length() == text.length() && snapshot.begins(text)) {
                return snapshot;
            }
        }
        return null;
    }

    private void touch(Snapshot snapshot) {
        snapshots.remove(snapshot);
        snapshots.add(snapshot);
        limit.touch(snapshot);
    }
}
