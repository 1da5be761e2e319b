package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of one attention layer, in pages of {@value #POSITIONS} positions that are allocated as the sequence grows.
 *
 * <pre>
 *    page:     for each kv head: keys f32 [headDim][POSITIONS], values f32 [POSITIONS][headDim]
 * </pre>
 *
 * Keys are stored by dimension so that scores of neighbouring positions are neighbours, values by position so that one position's value
 * is a row: in both products the lanes then run over outputs. A page is also the key block of the numerics contract.
 */
public final class KvPages {

    /** Positions per page. */
    public static final int POSITIONS = 256;

    private final AttentionShape shape;
    private final Arena arena;
    private final List<MemorySegment> pages = new ArrayList<>();

    /** No pages yet; those to come live in {@code arena}. */
    public KvPages(AttentionShape shape, Arena arena) {
        this.shape = shape;
        this.arena = arena;
    }

    /** Makes room for positions below {@code positions}. */
    public void reserve(int positions) {
        while ((long) pages.size() * POSITIONS < positions) {
            pages.add(arena.allocate(pageBytes(shape), 64));
        }
    }

    /** Bytes of one page of a layer of this shape. */
    public static long pageBytes(AttentionShape shape) {
        return 2L * shape.kvHeads() * shape.headDim() * POSITIONS * Float.BYTES;
    }

    /** The keys of the first {@code positions} positions, [kvHeads][positions][headDim]. */
    public float[] keys(int positions) {
        float[] keys = new float[shape.kvHeads() * positions * shape.headDim()];
        int i = 0;
        for (int head = 0; head < shape.kvHeads(); head++) {
            for (int position = 0; position < positions; position++) {
                for (int d = 0; d < shape.headDim(); d++) {
                    keys[i++] = page(position / POSITIONS)
                            .getAtIndex(ValueLayout.JAVA_FLOAT, keyIndex(head, d) + position % POSITIONS);
                }
            }
        }
        return keys;
    }

    /** The values of the first {@code positions} positions, [kvHeads][positions][headDim]. */
    public float[] values(int positions) {
        float[] values = new float[shape.kvHeads() * positions * shape.headDim()];
        int i = 0;
        for (int head = 0; head < shape.kvHeads(); head++) {
            for (int position = 0; position < positions; position++) {
                long at = valueIndex(head, position % POSITIONS) * Float.BYTES;
                MemorySegment.copy(page(position / POSITIONS), ValueLayout.JAVA_FLOAT, at, values, i, shape.headDim());
                i += shape.headDim();
            }
        }
        return values;
    }

    MemorySegment page(int page) {
        return pages.get(page);
    }

    /** Element index in a page of the key of dimension {@code d} at in-page position 0. */
    long keyIndex(int kvHead, int d) {
        return ((long) kvHead * 2 * shape.headDim() + d) * POSITIONS;
    }

    /** Element index in a page of dimension 0 of the value at in-page position {@code position}. */
    long valueIndex(int kvHead, int position) {
        return ((long) kvHead * 2 + 1) * shape.headDim() * POSITIONS + (long) position * shape.headDim();
    }
}
