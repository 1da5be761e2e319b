package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The common memory limit of several stores of states, and the lock that guards them all. The lock is a leaf: while it
 * is held, no other lock is taken, nothing is computed or logged, and no state is copied or freed.
 */
final class SnapshotLimit {

    private final Lifetime lifetime;
    private final long bytes;
    private final SharedBytes held = new SharedBytes();
    private final SharedBytes model;
    private final SharedBytes sequences;
    private int snapshots;
    private final List<SnapshotStore> stores = new ArrayList<>();
    private long clock;

    /**
     * @param lifetime of the model whose states these are
     * @param model counts the memory of all states of the model
     * @param sequences counts the memory of open sequences, which does not count here
     * @param bytes the limit for all states together; shared parts count once
     */
    SnapshotLimit(Lifetime lifetime, SharedBytes model, SharedBytes sequences, long bytes) {
        this.lifetime = lifetime;
        this.model = model;
        this.sequences = sequences;
        this.bytes = bytes;
    }

    /**
     * A new store.
     *
     * @param name for messages
     * @param budget the maximum bytes of its states; with 0, nothing is cached
     */
    SnapshotStore newStore(String name, long budget) {
        SnapshotStore store = new SnapshotStore(name, budget, this);
        lifetime.enter();
        try {
            synchronized (this) {
                stores.add(store);
            }
        } finally {
            lifetime.leave();
        }
        return store;
    }

    Lifetime lifetime() {
        return lifetime;
    }

    /** Removes states that exceed a limit. */
    void trim() {
        if (!lifetime.tryEnter()) {
            return; // the model frees everything
        }
        try {
            List<Runnable> afterwards = new ArrayList<>();
            synchronized (this) {
                stores.forEach(store -> store.evict(afterwards));
            }
            afterwards.forEach(Runnable::run);
        } finally {
            lifetime.leave();
        }
    }

    /** The maximum bytes of all stores. */
    long bytes() {
        return bytes;
    }

    // The following methods are called by stores that hold the lock.

    void add(Snapshot snapshot) {
        held.add(snapshot.share());
        model.add(snapshot.share());
        snapshots++;
    }

    void remove(Snapshot snapshot) {
        held.remove(snapshot.share());
        model.remove(snapshot.share());
        snapshots--;
    }

    void touch(Snapshot snapshot) {
        snapshot.used(++clock);
    }

    /** The store whose least recently used state must be evicted, or null if the limit is not exceeded. */
    @Nullable SnapshotStore storeToEvict() {
        if (!exceeds(held, bytes)) {
            return null;
        }
        SnapshotStore oldest = null;
        for (SnapshotStore store : stores) {
            if (oldest == null || store.eldestUse() < oldest.eldestUse()) {
                oldest = store;
            }
        }
        return oldest;
    }

    /** The memory of some states, without what they share with open sequences. */
    long bytes(SharedBytes states) {
        return states.totalWithout(sequences);
    }

    /** Whether states take more memory than a limit. */
    boolean exceeds(SharedBytes states, long limit) {
        return states.total() > limit && bytes(states) > limit;
    }

    void remove(SnapshotStore store) {
        stores.remove(store);
    }

    /** The number of states in all stores. */
    synchronized int snapshots() {
        return snapshots;
    }

    /** Frees the states of all stores; the model is being closed. */
    void release() {
        List<SnapshotStore> all;
        synchronized (this) {
            all = List.copyOf(stores);
        }
        all.forEach(SnapshotStore::release);
    }
}
