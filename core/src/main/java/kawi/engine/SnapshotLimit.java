package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What several stores of states may take together, and the one lock that guards them all. The lock is a leaf: whoever
 * holds it takes no other lock, computes nothing, copies no state, frees none and logs nothing.
 */
final class SnapshotLimit {

    private final Lifetime lifetime;
    private final long bytes;
    private final SharedBytes held = new SharedBytes();
    private final SharedBytes model;
    private int snapshots;
    private final List<SnapshotStore> stores = new ArrayList<>();
    private long clock;

    /**
     * @param lifetime of the model whose states these are
     * @param model counts the memory of all states of the model
     * @param bytes of all states together, what they share counted once
     */
    SnapshotLimit(Lifetime lifetime, SharedBytes model, long bytes) {
        this.lifetime = lifetime;
        this.model = model;
        this.bytes = bytes;
    }

    /**
     * A new store.
     *
     * @param name for messages
     * @param budget bytes of its states; nothing is kept with 0
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

    // All below by stores that hold the lock.

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

    /** The store whose least recently used state must go, or null if all are within the limit. */
    @Nullable SnapshotStore excessive() {
        if (held.total() <= bytes) {
            return null;
        }
        SnapshotStore excessive = null;
        for (SnapshotStore store : stores) {
            if (excessive == null || store.eldestUse() < excessive.eldestUse()) {
                excessive = store;
            }
        }
        return excessive;
    }

    void forget(SnapshotStore store) {
        stores.remove(store);
    }

    /** States in all stores. */
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
