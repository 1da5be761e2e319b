package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.BitSet;
import kawi.compute.Compute;
import kawi.compute.Products;
import kawi.kernels.Activations;
import kawi.kernels.FloatMath;
import kawi.kernels.PackedMatrix;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import org.jspecify.annotations.Nullable;

/**
 * The part of a vocabulary that guesses are chosen from. The output head of a small model is a third of its weights, so
 * computing all logits would make a guess almost as expensive as a token.
 *
 * <pre>
 *    the first rows of the head    ids below {@link #MAX_FIRST}: byte-pair vocabularies are ordered by frequency
 *    a block of rows               ids that are always included: tags, end tokens
 *    two blocks of rows            ids that occur in texts
 * </pre>
 *
 * The first rows are read where they are. Rows of blocks are copied from the file when there are enough new ids. When
 * the blocks of texts are full, the ids in the older one are removed.
 *
 * <p>With the first 16,384 ids of Qwen3.5's vocabulary and those that have occurred, the list contains 94 to 98 % of
 * the tokens of technical prose, source code and licences; the first 32,768 add one or two percent, but at 4 bits a
 * guess of the 0.8B model then takes 7 % of a token instead of 5.
 */
final class ShortList {

    /** The number of first ids; a vocabulary of at most this size is complete. */
    static final int MAX_FIRST = 16384;

    static final int BLOCK_ROWS = 512;

    private static final int BLOCKS = 3;

    /** The index of the block that is never emptied; the others are for ids of texts. */
    private static final int ALWAYS = 0;

    /** New ids are not packed before there are this many, or a quarter of those of the block. */
    private static final int MIN_NEW_ROWS = 8;

    /** The natural logarithm of the ratio below which a probability is not added up. */
    private static final float NEGLIGIBLE = 16;

    private final Compute compute;
    private final PackedMatrix head;
    private final Tensor rows;
    private final int firstGroups;
    private final int firstIds;

    /** Ids in {@link #blocks}. */
    private final BitSet included = new BitSet();

    private final Block[] blocks = new Block[BLOCKS];

    /** The block that ids of texts are added to. */
    private int filling = ALWAYS + 1;

    private @Nullable Arena arena;
    private Activations logits = new Activations(MemorySegment.NULL, MemorySegment.NULL, 0, 0);
    private float[] row = {};
    private int chosen;
    private float confidence;

    /** Ids, and the packed rows of the first of them. */
    private static final class Block {
        private final int[] ids = new int[BLOCK_ROWS];
        private int count;
        private @Nullable Packed packed;
    }

    private record Packed(Arena arena, PackedMatrix matrix, Activations logits) {}

    ShortList(Compute compute, PackedMatrix head, Tensor rows) {
        this.compute = compute;
        this.head = head;
        this.rows = rows;
        this.firstGroups = Math.min(head.groups(), MAX_FIRST / head.groupRows());
        this.firstIds = Math.min(head.rows(), firstGroups * head.groupRows());
        Arrays.setAll(blocks, _ -> new Block());
    }

    /** Includes an id that occurred in a text. */
    void seen(int id) {
        if (!isMissing(id)) {
            return;
        }
        if (blocks[filling].count == BLOCK_ROWS) {
            filling = filling + 1 == BLOCKS ? ALWAYS + 1 : filling + 1;
            remove(blocks[filling]);
        }
        include(id, blocks[filling]);
    }

    /** Includes an id for as long as this list exists, unless there are too many of them. */
    void always(int id) {
        if (isMissing(id) && blocks[ALWAYS].count < BLOCK_ROWS) {
            include(id, blocks[ALWAYS]);
        }
    }

    private boolean isMissing(int id) {
        return id >= firstIds && id < head.rows() && !included.get(id);
    }

    private void include(int id, Block block) {
        block.ids[block.count] = id;
        block.count++;
        included.set(id);
    }

    private void remove(Block block) {
        for (int i = 0; i < block.count; i++) {
            included.clear(block.ids[i]);
        }
        block.count = 0;
        close(block);
    }

    private static void close(Block block) {
        Packed packed = block.packed;
        if (packed != null) {
            block.packed = null;
            packed.arena.close();
        }
    }

    /** Packs new ids, if there are enough. */
    void update() {
        for (Block block : blocks) {
            int packed = block.packed == null ? 0 : block.packed.matrix.rows();
            int added = block.count - packed;
            if (added >= Math.max(MIN_NEW_ROWS, packed / 4) || (added > 0 && block.count == BLOCK_ROWS)) {
                pack(block);
            }
        }
    }

    private void pack(Block block) {
        close(block);
        Arena own = Arena.ofShared();
        try {
            long rowBytes = rows.rowBytes();
            SegmentAllocator single = SegmentAllocator.prefixAllocator(own.allocate(rowBytes, 64));
            MemorySegment data = own.allocate(block.count * rowBytes, 64);
            for (int i = 0; i < block.count; i++) {
                MemorySegment.copy(rows.rows(block.ids[i], 1, single), 0, data, i * rowBytes, rowBytes);
            }
            Tensor tensor = rows.withRows(block.count, TensorSource.of(data));
            PackedMatrix matrix = compute.repack(tensor, own);
            int capacity = Math.max(1, logits.capacity());
            block.packed = new Packed(own, matrix, Activations.outputs(own, capacity, block.count));
        } catch (RuntimeException | Error e) {
            own.close();
            throw e;
        }
    }

    /** The memory of the copied rows, in bytes. */
    long bytes() {
        long bytes = 0;
        for (Block block : blocks) {
            Packed packed = block.packed;
            bytes += packed == null ? 0 : packed.matrix.bytes();
        }
        return bytes;
    }

    /** Computes the logits of the first {@code count} rows of {@code y} for all ids of the list. */
    void products(Activations y, int count) {
        reserve(count);
        Products products = compute.products(y, count).with(head, firstGroups, logits);
        for (Block block : blocks) {
            Packed packed = block.packed;
            if (packed != null) {
                products.with(packed.matrix, packed.logits);
            }
        }
        products.run();
    }

    private void reserve(int count) {
        if (logits.capacity() >= count) {
            return;
        }
        Arena own = Arena.ofShared();
        int capacity = Integer.highestOneBit(2 * count - 1);
        try {
            logits = Activations.outputs(own, capacity, firstIds);
        } catch (RuntimeException | Error e) {
            own.close();
            throw e;
        }
        if (arena != null) {
            arena.close();
        }
        arena = own;
        for (Block block : blocks) {
            if (block.packed != null) {
                pack(block);
            }
        }
    }

    /** Chooses the id with the largest logit in a row, the smallest of several; see {@link #chosen}. */
    void choose(int token) {
        int count = copy(token);
        float[] row = this.row;
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, row[i]);
        }
        chosen = Integer.MAX_VALUE;
        float mass = 0;
        for (int i = 0; i < count; i++) {
            float logit = row[i];
            if (logit > max - NEGLIGIBLE) {
                mass += FloatMath.exp(logit - max);
                if (logit == max) {
                    chosen = Math.min(chosen, id(i));
                }
            }
        }
        if (chosen == Integer.MAX_VALUE) { // not a number
            chosen = 0;
            confidence = 0;
        } else {
            confidence = 1 / mass;
        }
    }

    /** Copies the logits of all parts, one after another, and returns how many there are. */
    private int copy(int token) {
        int capacity = firstIds + BLOCKS * BLOCK_ROWS;
        if (row.length < capacity) {
            row = new float[capacity];
        }
        int count = 0;
        copyRow(logits, token, firstIds, count);
        count += firstIds;
        for (Block block : blocks) {
            Packed packed = block.packed;
            if (packed != null) {
                copyRow(packed.logits, token, packed.matrix.rows(), count);
                count += packed.matrix.rows();
            }
        }
        return count;
    }

    private void copyRow(Activations from, int token, int count, int to) {
        MemorySegment.copy(from.floats(), JAVA_FLOAT, (long) token * from.width() * Float.BYTES, row, to, count);
    }

    /** The id of a logit in {@link #row}. */
    private int id(int index) {
        int at = index;
        if (at < firstIds) {
            return at;
        }
        at -= firstIds;
        for (Block block : blocks) {
            Packed packed = block.packed;
            if (packed != null) {
                if (at < packed.matrix.rows()) {
                    return block.ids[at];
                }
                at -= packed.matrix.rows();
            }
        }
        throw new IllegalStateException("logit %d of a short list that is shorter".formatted(index));
    }

    /** The id that {@link #choose} chose. */
    int chosen() {
        return chosen;
    }

    /** Its probability among the ids of the list. */
    float confidence() {
        return confidence;
    }

    void close() {
        if (arena != null) {
            arena.close();
            arena = null;
        }
        for (Block block : blocks) {
            close(block);
        }
    }
}
