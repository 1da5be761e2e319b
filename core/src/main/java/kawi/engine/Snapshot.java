package kawi.engine;

import java.util.Arrays;
import kawi.architecture.SequenceState;

/**
 * The immutable state of a model after a text. It is reference-counted: each reader holds a reference, so it can be
 * evicted at any time and is freed when the last reference is released. All methods are called with the lock of the
 * store's {@link SnapshotLimit} held.
 */
final class Snapshot {

    private final int[] tokens;
    private final SequenceState state;
    private final SharedBytes.Share share;
    private long lastUse;

    /** The number of references, including that of the store. */
    private int holds = 1;

    Snapshot(int[] tokens, SequenceState state) {
        this.tokens = tokens;
        this.state = state;
        this.share = SharedBytes.Share.of(state);
    }

    int[] tokens() {
        return tokens;
    }

    SequenceState state() {
        return state;
    }

    /** The memory of the state. */
    SharedBytes.Share share() {
        return share;
    }

    int length() {
        return tokens.length;
    }

    boolean begins(int[] text) {
        return tokens.length <= text.length && Arrays.mismatch(tokens, 0, tokens.length, text, 0, tokens.length) < 0;
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
