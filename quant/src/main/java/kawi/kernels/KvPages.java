package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of one attention layer, in pages of {@value #POSITIONS} positions that are allocated as the sequence grows.
 *
 * <pre>
 *    page:     for each kv head: keys [headDim][POSITIONS], values [POSITIONS][headDim], in the layer's {@link KvFormat}
 * </pre>
 *
 * Keys are stored by dimension so that scores of neighbouring positions are neighbours, values by position so that one position's value
 * is a row: in both products the lanes then run over outputs. A page is also the key block of the numerics contract, so page p holds
 * positions {@code [p * POSITIONS, (p + 1) * POSITIONS)}. Pages are 64-byte aligned; what lies past the last position is unspecified.
 *
 * <p>A full page never changes again, so sequences with a common beginning share it ({@link #assign}); it is freed with the last of them.
 */
public final class KvPages implements AutoCloseable {

    /** Positions per page. */
    public static final int POSITIONS = 256;

    private final AttentionShape shape;
    private final KvFormat format;
    private final @Nullable Arena arena;
    private final List<Page> pages = new ArrayList<>();

    /** A page and how many sequences hold it. */
    private record Page(MemorySegment memory, @Nullable Arena own, AtomicInteger holders) {

        Page share() {
            holders.incrementAndGet();
            return this;
        }

        void release() {
            if (holders.decrementAndGet() == 0 && own != null) {
                own.close();
            }
        }
    }

    /** No pages yet; each to come has memory of its own, free when nobody holds it any more. */
    public KvPages(AttentionShape shape, KvFormat format) {
        this(shape, format, null);
    }

    /** No pages yet; those to come live in {@code arena}, or each in one of its own if there is none. */
    public KvPages(AttentionShape shape, KvFormat format, @Nullable Arena arena) {
        this.shape = shape;
        this.format = format;
        this.arena = arena;
    }

    /** Makes room for positions below {@code positions}. */
    public void reserve(int positions) {
        while ((long) pages.size() * POSITIONS < positions) {
            Arena owner = arena == null ? Arena.ofShared() : arena;
            MemorySegment memory = owner.allocate(pageBytes(shape, format), 64);
            pages.add(new Page(memory, arena == null ? owner : null, new AtomicInteger(1)));
        }
    }

    /**
     * Becomes a copy of the first {@code positions} positions of {@code other}, which has the same shape and format. Full pages are shared,
     * the one that is still growing is copied.
     */
    public void assign(KvPages other, int positions) {
        int full = positions / POSITIONS;
        int kept = 0;
        while (kept < Math.min(full, pages.size()) && pages.get(kept).equals(other.pages.get(kept))) {
            kept++;
        }
        release(kept);
        for (int page = kept; page < full; page++) {
            pages.add(other.pages.get(page).share());
        }
        reserve(positions);
        if (positions > full * POSITIONS) {
            List<MemorySegment> to = new ArrayList<>();
            positions(full, positions % POSITIONS, to::add);
            other.positions(
                    full, positions % POSITIONS, from -> to.removeFirst().copyFrom(from));
        }
    }

    /** Hands over the memory of the first {@code positions} positions, for which there is room, in an order that depends on nothing else. */
    public void forEach(int positions, Consumer<MemorySegment> memory) {
        for (int page = 0; page * POSITIONS < positions; page++) {
            positions(page, Math.min(POSITIONS, positions - page * POSITIONS), memory);
        }
    }

    /** The memory of the first {@code positions} positions of a page. */
    private void positions(int page, int positions, Consumer<MemorySegment> memory) {
        MemorySegment all = page(page);
        if (positions == POSITIONS) {
            memory.accept(all);
            return;
        }
        for (int head = 0; head < shape.kvHeads(); head++) {
            for (int d = 0; d < shape.headDim(); d++) {
                memory.accept(all.asSlice(keyIndex(head, d) * format.bytes(), (long) positions * format.bytes()));
            }
            memory.accept(all.asSlice(
                    valueIndex(head, 0) * format.bytes(), (long) positions * shape.headDim() * format.bytes()));
        }
    }

    /** Hands over every page, as something to recognise it by. */
    public void forEachPage(Consumer<Object> page) {
        pages.forEach(page);
    }

    /** Bytes of one of these pages. */
    public long pageBytes() {
        return pageBytes(shape, format);
    }

    /** Forgets all positions. */
    @Override
    public void close() {
        release(0);
    }

    private void release(int kept) {
        while (pages.size() > kept) {
            pages.removeLast().release();
        }
    }

    /** Bytes of one page of a layer of this shape. */
    public static long pageBytes(AttentionShape shape, KvFormat format) {
        return 2L * shape.kvHeads() * shape.headDim() * POSITIONS * format.bytes();
    }

    /** The keys of the first {@code positions} positions, [kvHeads][positions][headDim]. */
    public float[] keys(int positions) {
        float[] keys = new float[shape.kvHeads() * positions * shape.headDim()];
        int i = 0;
        for (int head = 0; head < shape.kvHeads(); head++) {
            for (int position = 0; position < positions; position++) {
                for (int d = 0; d < shape.headDim(); d++) {
                    keys[i++] = get(page(position / POSITIONS), keyIndex(head, d) + position % POSITIONS);
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
                for (int d = 0; d < shape.headDim(); d++) {
                    values[i++] = get(page(position / POSITIONS), valueIndex(head, position % POSITIONS) + d);
                }
            }
        }
        return values;
    }

    public KvFormat format() {
        return format;
    }

    public MemorySegment page(int page) {
        return pages.get(page).memory();
    }

    /** Positions of page {@code page} that the token at {@code position} sees, itself included: none if not positive. */
    public static int visible(int page, int position) {
        return Math.min(POSITIONS, position + 1 - page * POSITIONS);
    }

    /** Element index in a page of the key of dimension {@code d} at in-page position 0. */
    public long keyIndex(int kvHead, int d) {
        return ((long) kvHead * 2 * shape.headDim() + d) * POSITIONS;
    }

    /** Element index in a page of dimension 0 of the value at in-page position {@code position}. */
    public long valueIndex(int kvHead, int position) {
        return ((long) kvHead * 2 + 1) * shape.headDim() * POSITIONS + (long) position * shape.headDim();
    }

    private float get(MemorySegment page, long index) {
        return switch (format) {
            case F16 -> Float.float16ToFloat(page.getAtIndex(JAVA_SHORT, index));
            case F32 -> page.getAtIndex(JAVA_FLOAT, index);
        };
    }

    /** Reads {@code n} elements of a page from {@code index} on. */
    void read(MemorySegment page, long index, float[] out, int n) {
        switch (format) {
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Float.float16ToFloat(page.getAtIndex(JAVA_SHORT, index + i));
                }
            }
            case F32 -> MemorySegment.copy(page, JAVA_FLOAT, index * Float.BYTES, out, 0, n);
        }
    }

    /** Stores a token's prepared key and its value, which stand at element {@code at} of {@code keys} and {@code values}. */
    public void store(int position, int kvHead, MemorySegment keys, MemorySegment values, long at) {
        MemorySegment page = page(position / POSITIONS);
        int slot = position % POSITIONS;
        int dim = shape.headDim();
        long key = keyIndex(kvHead, 0) + slot;
        long value = valueIndex(kvHead, slot);
        switch (format) {
            case F16 -> {
                for (int d = 0; d < dim; d++) {
                    short half = Float.floatToFloat16(keys.getAtIndex(JAVA_FLOAT, at + d));
                    page.setAtIndex(JAVA_SHORT, key + (long) d * POSITIONS, half);
                }
                for (int d = 0; d < dim; d++) {
                    short half = Float.floatToFloat16(values.getAtIndex(JAVA_FLOAT, at + d));
                    page.setAtIndex(JAVA_SHORT, value + d, half);
                }
            }
            case F32 -> {
                for (int d = 0; d < dim; d++) {
                    page.setAtIndex(JAVA_FLOAT, key + (long) d * POSITIONS, keys.getAtIndex(JAVA_FLOAT, at + d));
                }
                MemorySegment.copy(values, at * Float.BYTES, page, value * Float.BYTES, (long) dim * Float.BYTES);
            }
        }
    }
}
