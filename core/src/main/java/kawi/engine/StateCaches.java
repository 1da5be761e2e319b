package kawi.engine;

/** The caches of a model's states, and the memory of all its states, those of open sequences included. */
final class StateCaches {

    private final SharedBytes memory = new SharedBytes();
    private final SharedBytes sequences = new SharedBytes();
    private final SnapshotLimit prefixes;
    private final SnapshotStore prefixStore;
    private final SnapshotLimit conversations;

    /**
     * @param prefixBytes the maximum memory of the beginnings that prompts share
     * @param conversationBytes the maximum memory of the states of all conversations
     */
    StateCaches(Lifetime lifetime, long prefixBytes, long conversationBytes) {
        prefixes = new SnapshotLimit(lifetime, memory, sequences, prefixBytes);
        prefixStore = prefixes.newStore("prefixCache", prefixBytes);
        conversations = new SnapshotLimit(lifetime, memory, sequences, conversationBytes);
    }

    /** The memory of all sequences and cached states. */
    SharedBytes memory() {
        return memory;
    }

    /** The memory of open sequences, some of which cached states may have as well. */
    SharedBytes sequences() {
        return sequences;
    }

    /** Removes cached states that exceed a limit now that a sequence with which they shared memory has changed. */
    void trim() {
        prefixes.trim();
        conversations.trim();
    }

    /** The store of the beginnings that prompts share. */
    SnapshotStore prefixes() {
        return prefixStore;
    }

    /** Returns a new store for the states of a conversation. */
    SnapshotStore newStore(long budget) {
        return conversations.newStore("chat", budget);
    }

    /** The number of cached states. */
    int count() {
        return prefixes.snapshots() + conversations.snapshots();
    }

    /** Whether this thread holds none of the locks; for assertions. */
    boolean holdsNoLock() {
        return !Thread.holdsLock(prefixes)
                && !Thread.holdsLock(conversations)
                && !Thread.holdsLock(memory)
                && !Thread.holdsLock(sequences);
    }

    /** Frees all cached states; the model is being closed. */
    void release() {
        conversations.release();
        prefixStore.release();
    }
}
