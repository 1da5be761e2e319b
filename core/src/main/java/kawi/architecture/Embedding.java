package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.quant.InputRotation;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;

/** The embeddings of tokens, whose rows are decoded as they are needed. Used by one thread at a time. */
final class Embedding {

    private final Tensor rows;
    private final float[] decoded;

    /** @param rows [vocabulary, hidden] */
    Embedding(Tensor rows) {
        this.rows = rows;
        this.decoded = new float[rows.columns()];
    }

    /**
     * Copies an embedding to row {@code row} of {@code x}.
     *
     * @param given the embedding, f32 [hidden], or null if it is that of the token {@code id}
     */
    void copy(int id, @Nullable MemorySegment given, Activations x, int row) {
        long at = (long) row * decoded.length * Float.BYTES;
        if (given != null) {
            MemorySegment.copy(given, 0, x.floats(), at, given.byteSize());
        } else {
            rows.decodeRow(id, decoded, 0);
            MemorySegment.copy(decoded, 0, x.floats(), JAVA_FLOAT, at, decoded.length);
            InputRotation rotation = rows.rotation();
            if (rotation != null) {
                rotation.restore(x.floats(), (long) row * decoded.length);
            }
        }
    }
}
