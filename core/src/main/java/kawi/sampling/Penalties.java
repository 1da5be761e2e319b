package kawi.sampling;

import java.util.Arrays;
import kawi.Sampling;

/**
 * Repetition, frequency and presence penalties over the last tokens of a sequence.
 *
 * <pre>
 *    n[id]   occurrences of id among the last penaltyWindow tokens
 *    o[id]   those among them that are output
 *
 *    n[id] > 0:   l = l > 0 ? l / repetition : l * repetition
 *    o[id] > 0:   l = l - o[id] * frequency - presence
 * </pre>
 *
 * computed in f64 and rounded to f32 once. Order and scope are those of other implementations: repetition includes the
 * prompt (Hugging Face, llama.cpp, vLLM), presence and frequency do not (OpenAI, vLLM).
 */
final class Penalties {

    // Counts are updated with each token, so the cost per step is proportional to the number of distinct tokens, not to
    // the size of the window. The counts are in parallel arrays, in order of first occurrence; a hash table with open
    // addressing maps ids to indices. A token that has left the window remains as an entry with zero counts, so the
    // number of entries is at most the size of the vocabulary.

    private final double repetition;
    private final double presence;
    private final double frequency;
    private final int window;

    private int entries;
    private int[] ids = new int[32];
    private int[] occurrences = new int[32];
    private int[] outputs = new int[32];
    /** The index of an entry plus one, or 0 for an empty slot; four slots for each entry. */
    private int[] slots = new int[128];

    Penalties(Sampling options) {
        repetition = options.repetitionPenalty();
        presence = options.presencePenalty();
        frequency = options.frequencyPenalty();
        window = options.penaltyWindow();
    }

    /** Whether any penalty can change a logit. */
    static boolean anyOf(Sampling options) {
        return options.repetitionPenalty() != 1 || options.presencePenalty() != 0 || options.frequencyPenalty() != 0;
    }

    /**
     * Moves the window so that the token at {@code position} is its last. Must be called for each position in order,
     * starting at 0.
     */
    void slideTo(int position, TokenHistory history) {
        count(position, history, 1);
        if (position >= window) {
            count(position - window, history, -1);
        }
    }

    void apply(float[] logits) {
        for (int e = 0; e < entries; e++) {
            if (occurrences[e] == 0) {
                continue;
            }
            double logit = logits[ids[e]];
            logit = logit > 0 ? logit / repetition : logit * repetition;
            if (outputs[e] > 0) {
                logit -= outputs[e] * frequency + presence;
            }
            logits[ids[e]] = (float) logit;
        }
    }

    private void count(int position, TokenHistory history, int change) {
        boolean output = position >= history.promptLength();
        if (!output && repetition == 1) {
            return;
        }
        int entry = entryOf(history.get(position));
        occurrences[entry] += change;
        if (output) {
            outputs[entry] += change;
        }
    }

    private int entryOf(int id) {
        int slot = slotOf(id);
        if (slots[slot] == 0) {
            if (entries == ids.length) {
                grow();
                slot = slotOf(id);
            }
            ids[entries] = id;
            slots[slot] = ++entries;
        }
        return slots[slot] - 1;
    }

    private int slotOf(int id) {
        int mask = slots.length - 1;
        int hash = id * 0x9E3779B9;
        int slot = (hash ^ (hash >>> 15)) & mask;
        while (slots[slot] != 0 && ids[slots[slot] - 1] != id) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int capacity = 2 * ids.length;
        ids = Arrays.copyOf(ids, capacity);
        occurrences = Arrays.copyOf(occurrences, capacity);
        outputs = Arrays.copyOf(outputs, capacity);
        slots = new int[4 * capacity];
        for (int e = 0; e < entries; e++) {
            slots[slotOf(ids[e])] = e + 1;
        }
    }
}
