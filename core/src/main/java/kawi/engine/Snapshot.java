package kawi.engine;

import java.util.Arrays;
import kawi.architecture.SequenceState;

/**
 * What a model remembers of a text. It does not change. Whoever reads it holds it meanwhile, so it can be given up at
 * any time and is freed by the last who lets go of it. All methods are called with the lock of the store's
 * {@link SnapshotLimit}.
 */
final class Snapshot {

    private final int[] tokens;
    private final SequenceState state;
    private final SharedBytes.Share share;
    private long lastUse;

    /** The store's hold is one of them. */
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

    /** Lets go; true if the state must be freed now. */
    boolean letGo() {
        return --holds == 0;
    }

    void used(long time) {
        lastUse = time;
    }

    long lastUse() {
        return lastUse;
    }
}
