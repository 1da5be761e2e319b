package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.compute.Compute;
import kawi.compute.Operation;
import kawi.kernels.Activations;
import org.jspecify.annotations.Nullable;

/**
 * The layer of a draft head, and its buffers (Qwen3.5 specification, section 8):
 *
 * <pre>
 *    x = concat(norm(E[t[p + 1]], embeddingNorm), norm(h[p], hiddenNorm)) fc^T
 *    x = x + mixer(norm(x, mixerNorm))
 *    x = x + mlp(norm(x, mlpNorm))
 *    y = norm(x, outputNorm)
 * </pre>
 *
 * Rows are collected with {@link #of} and {@link #row} and then processed together. For rows whose {@code y} is not
 * needed, only the state of the mixer is updated, which is a fraction of the work.
 */
final class DraftLayer implements AutoCloseable {

    /** The maximum number of rows at once, which limits the memory. */
    static final int MAX_ROWS = 128;

    private record Buffers(
            Arena arena, Activations x, Activations half, Activations joined, Activations h, Activations out) {

        static Buffers allocate(int rows, int hidden) {
            Arena arena = Arena.ofShared();
            try {
                return new Buffers(
                        arena,
                        Activations.outputs(arena, rows, hidden),
                        Activations.outputs(arena, rows, hidden),
                        Activations.allocate(arena, rows, 2 * hidden),
                        Activations.allocate(arena, rows, hidden),
                        Activations.outputs(arena, rows, hidden));
            } catch (RuntimeException | Error e) {
                arena.close();
                throw e;
            }
        }
    }

    private final Compute compute;
    private final Stack.Draft parts;
    private final int width;
    private final float eps;
    private final Embedding embedding;
    private final Batch batch = new Batch();
    private int capacity;
    private int[] ids = new int[0];
    private @Nullable MemorySegment[] embeddings = new MemorySegment[0];
    private @Nullable Buffers buffers;

    DraftLayer(Compute compute, Stack.Draft parts, float eps) {
        this.compute = compute;
        this.parts = parts;
        this.width = parts.embedding().columns();
        this.eps = eps;
        this.embedding = new Embedding(parts.embedding());
    }

    /**
     * Begins without rows. The following products are counted as those of the draft head.
     *
     * @param capacity the maximum number of rows, for which the workspaces have room
     */
    void begin(int capacity) {
        compute.productsOf(Operation.DRAFT);
        this.capacity = Math.min(capacity, MAX_ROWS);
        batch.clear();
        if (ids.length < this.capacity) {
            ids = new int[this.capacity];
            embeddings = new MemorySegment[this.capacity];
        }
    }

    boolean full() {
        return batch.rows() == capacity;
    }

    /** The next row is one of {@code sequence}, to be stored at {@code slot}, which follows that of its row before. */
    void of(SequenceState sequence, LayerState cache, int slot) {
        int spans = batch.spans();
        if (spans == 0 || !batch.sequence(spans - 1).equals(sequence)) {
            batch.spanBeside(sequence, cache, slot);
        }
    }

    /**
     * Adds a row.
     *
     * @param h memory that has the final hidden row at byte {@code at}, which is copied: of the decoder, or of the
     *     {@linkplain #run last run} with at least as many rows as there will be now
     * @param id the next id, if {@code embedding} is null
     * @param embedding the embedding of the next row
     */
    void row(MemorySegment h, long at, int id, @Nullable MemorySegment embedding, int t, int height, int w) {
        int row = batch.rows();
        Buffers b = reserve(row + 1);
        MemorySegment.copy(h, at, b.x.floats(), rowAt(row), rowAt(1));
        ids[row] = id;
        embeddings[row] = embedding;
        batch.row(t, height, w);
    }

    /** Updates the mixer's state by the rows, if there are any. */
    void store() {
        int rows = batch.rows();
        if (rows > 0) {
            Buffers b = join(rows);
            parts.layer().mixer().store(b.h, batch, 0, b.out);
        }
        end();
    }

    /** Processes the rows, of which there is at least one, and returns y, which is valid until the next call. */
    Activations run() {
        int rows = batch.rows();
        Buffers b = join(rows);
        Stack.Layer layer = parts.layer();
        layer.mixer().apply(b.h, batch, 0, b.out);
        compute.add(b.x, b.out, rows);
        compute.rmsNorm(b.x, layer.mlpNorm(), eps, b.h, rows);
        layer.mlp().apply(b.h, rows, b.out);
        compute.add(b.x, b.out, rows);
        compute.rmsNorm(b.x, parts.norm(), eps, b.h, rows);
        end();
        return b.h;
    }

    private void end() {
        Arrays.fill(embeddings, null);
        batch.clear();
    }

    /** Computes the layer's input x, and h, which is normalised. */
    private Buffers join(int rows) {
        Buffers b = reserve(rows);
        normHalf(b, parts.hiddenNorm(), rowAt(1), rows);
        for (int row = 0; row < rows; row++) {
            embedding.copy(ids[row], embeddings[row], b.x, row);
        }
        normHalf(b, parts.embeddingNorm(), 0, rows);
        compute.products(b.joined, rows).with(parts.fc(), b.x).run();
        parts.layer().mixer().workspace().begin(batch);
        parts.layer().mlp().workspace().begin(batch);
        compute.rmsNorm(b.x, parts.layer().mixerNorm(), eps, b.h, rows);
        return b;
    }

    private void normHalf(Buffers b, MemorySegment weight, long to, int rows) {
        compute.rmsNorm(b.x, weight, eps, b.half, rows);
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(b.half.floats(), rowAt(row), b.joined.floats(), 2 * rowAt(row) + to, rowAt(1));
        }
    }

    private long rowAt(int row) {
        return (long) row * width * Float.BYTES;
    }

    private Buffers reserve(int rows) {
        Buffers current = buffers;
        if (current != null && current.x.capacity() >= rows) {
            return current;
        }
        int larger = Math.min(MAX_ROWS, Math.max(8, Integer.highestOneBit(2 * rows - 1)));
        Buffers grown = Buffers.allocate(larger, width);
        buffers = grown;
        if (current != null) {
            MemorySegment.copy(current.x.floats(), 0, grown.x.floats(), 0, rowAt(batch.rows()));
            current.arena.close();
        }
        return grown;
    }

    @Override
    public void close() {
        if (buffers != null) {
            buffers.arena.close();
            buffers = null;
        }
    }
}
