package kawi.engine;

import java.lang.ref.Reference;
import kawi.Sequence;

/**
 * A sequence in the hands of a user: frees the {@link TokenSequence} behind it when it is closed, or when nobody can
 * reach it any more.
 */
final class UserSequence implements Sequence {

    private final LoadedModel model;
    private final TokenSequence sequence;
    private final Unclosed memory;

    UserSequence(LoadedModel model, TokenSequence sequence) {
        this.model = model;
        this.sequence = sequence;
        this.memory = model.watch(this, "a Sequence", sequence::close);
    }

    private static boolean interrupted() {
        return Thread.currentThread().isInterrupted();
    }

    // In each method: without the fence the last call on a sequence could find its memory freed half way.

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
