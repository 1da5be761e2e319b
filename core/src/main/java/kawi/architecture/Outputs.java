package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Outputs of sequences whose logits are computed together; filled, passed to {@link Decoder#logits(Outputs)}, cleared
 * and reused.
 */
public final class Outputs {

    private final List<SequenceState> sequences = new ArrayList<>();
    private int[] indices = new int[16];

    /** Removes all outputs. */
    public void clear() {
        sequences.clear();
    }

    /** Adds output {@code output} of a sequence: 0 is the first of those retained by its last pass. */
    public Outputs add(SequenceState sequence, int output) {
        int count = sequences.size();
        if (count == indices.length) {
            indices = Arrays.copyOf(indices, 2 * count);
        }
        indices[count] = sequence.checkOutput(output);
        sequences.add(sequence);
        return this;
    }

    /** The number of outputs. */
    public int count() {
        return sequences.size();
    }

    /** Copies output {@code i} to byte {@code at} of {@code to}. */
    void copy(int i, MemorySegment to, long at) {
        sequences.get(i).copyOutput(indices[i], to, at);
    }
}
