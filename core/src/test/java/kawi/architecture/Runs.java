package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/** Runs of a decoder over one sequence, for tests. */
public final class Runs {

    private Runs() {}

    /**
     * Appends {@code ids} in chunks of the given sizes, the last one repeated, and returns the logits after all of
     * them.
     */
    public static float[] logits(Decoder decoder, SequenceState sequence, int[] ids, int... chunks) {
        int vocabulary = decoder.vocabularySize();
        float[] all = new float[ids.length * vocabulary];
        Batch batch = new Batch();
        int from = 0;
        for (int i = 0; from < ids.length; i++) {
            int rows = Math.min(chunks[Math.min(i, chunks.length - 1)], ids.length - from);
            batch.clear();
            batch.add(sequence, ids, from, rows, rows, 0);
            decoder.forward(batch, () -> false);
            System.arraycopy(outputs(decoder, sequence), 0, all, from * vocabulary, rows * vocabulary);
            from += rows;
        }
        return all;
    }

    /** The same with a sequence of its own. */
    public static float[] logits(Decoder decoder, int[] ids, int... chunks) {
        try (SequenceState sequence = decoder.newSequence()) {
            return logits(decoder, sequence, ids, chunks);
        }
    }

    /** Logits after all outputs of a sequence. */
    public static float[] outputs(Decoder decoder, SequenceState sequence) {
        Outputs outputs = new Outputs();
        for (int output = 0; output < sequence.outputs(); output++) {
            outputs.add(sequence, output);
        }
        return rows(decoder.logits(outputs).floats(), outputs.count() * decoder.vocabularySize());
    }

    /** Appends ids in one pass of their own; all rows are outputs. */
    public static void append(Decoder decoder, SequenceState sequence, int... ids) {
        decoder.forward(new Batch().add(sequence, ids, 0, ids.length, ids.length, 0), () -> false);
    }

    /** Appends the {@code count} ids that the model finds most likely after {@code prompt}, and returns them. */
    public static int[] greedy(Decoder decoder, int[] prompt, int count) {
        try (SequenceState sequence = decoder.newSequence()) {
            append(decoder, sequence, prompt);
            return greedy(decoder, sequence, count);
        }
    }

    /** The same for a sequence that has its prompt. */
    public static int[] greedy(Decoder decoder, SequenceState sequence, int count) {
        int[] chosen = new int[count];
        float[] logits = new float[decoder.vocabularySize()];
        for (int i = 0; i < count; i++) {
            decoder.logits(sequence, sequence.outputs() - 1, logits);
            for (int id = 1; id < logits.length; id++) {
                if (logits[id] > logits[chosen[i]]) {
                    chosen[i] = id;
                }
            }
            append(decoder, sequence, chosen[i]);
        }
        return chosen;
    }

    /** The first floats of a segment. */
    public static float[] rows(MemorySegment floats, int count) {
        return floats.asSlice(0, (long) count * Float.BYTES).toArray(JAVA_FLOAT);
    }
}
