package kawi.engine;

import java.lang.ref.Reference;
import kawi.Sequence;

/** The sequence that a user holds. It frees its {@link TokenSequence} when it is closed or becomes unreachable. */
final class UserSequence implements Sequence {

    private final LoadedModel model;
    private final TokenSequence sequence;
    private final TrackedResource memory;

    UserSequence(LoadedModel model, TokenSequence sequence) {
        this.model = model;
        this.sequence = sequence;
        this.memory = model.track(this, "a Sequence", sequence::close);
    }

    private static boolean interrupted() {
        return Thread.currentThread().isInterrupted();
    }

    // Each method has a reachability fence; without it, the memory could be freed during the last call.

    @Override
    public int length() {
        try {
            sequence.checkUsable();
            return sequence.length();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void append(int... tokens) {
        try {
            sequence.append(tokens, UserSequence::interrupted);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void append(int[] tokens, LogitsConsumer each) {
        try {
            sequence.append(tokens, UserSequence::interrupted, each);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public Sequence fork() {
        try {
            return new UserSequence(model, sequence.fork());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public float[] logits() {
        float[] row = new float[model.vocabularySize()];
        logits(row);
        return row;
    }

    @Override
    public void logits(float[] row) {
        try {
            sequence.logits(row);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
