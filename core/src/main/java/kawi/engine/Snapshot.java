package kawi.engine;

import kawi.architecture.SequenceState;

/**
 * The immutable state of a model after a text. It is reference-counted: each reader holds a reference, so it can be
 * evicted at any time and is freed when the last reference is released. All methods are called with the lock of the
 * store's {@link SnapshotLimit} held.
 */
final class Snapshot {

    private final TokenText text;
    private final SequenceState state;
    private final SharedBytes.Share share;
    private long lastUse;

    /** The number of references, including that of the store. */
    private int holds = 1;

    Snapshot(TokenText text, SequenceState state) {
        this.text = text;
        this.state = state;
        this.share = SharedBytes.Share.of(state);
    }

    TokenText text() {
        return text;
    }

    SequenceState state() {
        return state;
    }

    /** The memory of the state. */
    SharedBytes.Share share() {
        return share;
    }

    int length() {
        return text.length();
    }

    /** Whether another text begins with this one. */
    boolean begins(TokenText other) {
        return other.startsWith(text);
    }

    void hold() {
        holds++;
    }

    /** Releases a reference. Returns true if the state must be freed now. */
    boolean release() {
        return --holds == 0;
    }

    void used(long time) {
        lastUse = time;
    }

    long lastUse() {
        return lastUse;
    }
}
