package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Outputs of sequences whose logits are wanted together; filled, given to {@link Decoder#logits(Outputs)}, cleared and
 * filled again.
 */
public final class Outputs {

    private final List<SequenceState> sequences = new ArrayList<>();
    private int[] indices = new int[16];

    /** Forgets all outputs. */
    public void clear() {
        sequences.clear();
    }

    /** Adds output {@code output} of a sequence: 0 is the first of those that its last pass kept. */
    public Outputs add(SequenceState sequence, int output) {
        int count = sequences.size();
        if (count == indices.length) {
            indices = Arrays.copyOf(indices, 2 * count);
        }
        indices[count] = sequence.checkOutput(output);
        sequences.add(sequence);
        return this;
    }

    /** How many there are. */
    public int count() {
        return sequences.size();
    }

    /** Copies output {@code i} to byte {@code at} of {@code to}. */
    void copy(int i, MemorySegment to, long at) {
        sequences.get(i).copyOutput(indices[i], to, at);
    }
}
