package kawi.architecture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a {@link DraftHead} is to guess, for any number of sequences; filled, passed to it, cleared and reused. */
public final class Guesses {

    private final List<SequenceState> sequences = new ArrayList<>();
    private final List<int[]> ids = new ArrayList<>();
    private final List<float[]> confidences = new ArrayList<>();
    private int[] nextIds = new int[8];
    private int[] counts = new int[8];
    private int[] made = new int[8];

    /** Removes all sequences. */
    public void clear() {
        sequences.clear();
        ids.clear();
        confidences.clear();
    }

    /**
     * Adds a sequence; each may occur once.
     *
     * @param nextId the id that follows the sequence's last row
     * @param count how many of the ids after {@code nextId} are to be guessed at most
     * @param ids receives the guesses
     * @param confidence receives the probability of each guess, given those before it
     */
    public Guesses add(SequenceState sequence, int nextId, int count, int[] ids, float[] confidence) {
        if (count < 0 || count > ids.length || count > confidence.length) {
            throw new IllegalArgumentException("%d guesses, but there is room for %d ids and %d confidences"
                    .formatted(count, ids.length, confidence.length));
        }
        int i = sequences.size();
        if (i == nextIds.length) {
            nextIds = Arrays.copyOf(nextIds, 2 * i);
            counts = Arrays.copyOf(counts, 2 * i);
            made = Arrays.copyOf(made, 2 * i);
        }
        sequences.add(sequence);
        this.ids.add(ids);
        confidences.add(confidence);
        nextIds[i] = nextId;
        counts[i] = count;
        made[i] = 0;
        return this;
    }

    /** The number of sequences. */
    public int count() {
        return sequences.size();
    }

    /** How many ids were guessed for sequence {@code i}; none if the head has no state of it. */
    public int made(int i) {
        return made[i];
    }

    SequenceState sequence(int i) {
        return sequences.get(i);
    }

    /** Whether sequence {@code i} needs another guess. */
    boolean unfinished(int i) {
        return made[i] < counts[i];
    }

    /** The last id of sequence {@code i} that is known or was guessed. */
    int lastId(int i) {
        return made[i] == 0 ? nextIds[i] : ids.get(i)[made[i] - 1];
    }

    void guessed(int i, int id, float confidence) {
        ids.get(i)[made[i]] = id;
        confidences.get(i)[made[i]] = confidence;
        made[i]++;
    }
}
