package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Keys and values of one attention layer, in pages of {@value #POSITIONS} positions that are taken from a pool as the
 * sequence grows.
 *
 * <p>In a page, {@link KvLayout}, keys are stored by dimension so that scores of adjacent positions are adjacent, and
 * values by position so that the value of a position is a row: in both products the lanes are then outputs. A page is
 * also the key block of the numerics contract, so page p holds positions {@code [p * POSITIONS, (p + 1) * POSITIONS)}.
 * Pages are 64-byte aligned; the content after the last position is unspecified.
 *
 * <p>Sequences with a common prefix share its full pages ({@link #assign}); a page is free when no sequence uses it.
 * Shared pages are not modified: {@link #takeBack} replaces a page that will be written to again.
 */
public final class KvPages implements AutoCloseable {

    /** Positions per page. */
    public static final int POSITIONS = 256;

    private final KvLayout layout;
    private final PagePool pool;
    private final List<PagePool.Page> pages = new ArrayList<>();

    /** Creates an instance without pages; further pages are taken from {@code pool}. */
    public KvPages(KvLayout layout, PagePool pool) {
        this.layout = layout;
        this.pool = pool;
    }

    /** Reserves memory for positions below {@code positions}. */
    public void reserve(int positions) {
        while ((long) pages.size() * POSITIONS < positions) {
            pages.add(pool.take(layout.pageBytes()));
        }
    }

    /**
     * Becomes a copy of the first {@code positions} positions of {@code other}, which has the same layout and pool.
     * Full pages are shared, and the last, partial page is copied. If the allocation fails, nothing changes.
     */
    public void assign(KvPages other, int positions) {
        int full = positions / POSITIONS;
        int kept = 0;
        while (kept < Math.min(full, pages.size()) && pages.get(kept).equals(other.pages.get(kept))) {
            kept++;
        }
        PagePool.Page growing = positions > full * POSITIONS ? other.copy(full, positions % POSITIONS) : null;
        release(kept);
        for (int page = kept; page < full; page++) {
            pages.add(other.pages.get(page).share());
        }
        if (growing != null) {
            pages.add(growing);
        }
    }

    /** A new page with a copy of the first positions of one of these pages. */
    private PagePool.Page copy(int page, int positions) {
        PagePool.Page copy = pool.take(layout.pageBytes());
        List<MemorySegment> to = new ArrayList<>();
        positions(copy.memory(), positions, to::add);
        positions(page(page), positions, from -> to.removeFirst().copyFrom(from));
        return copy;
    }

    /**
     * Removes all positions except the first {@code positions}, so that others can follow them. If the allocation
     * fails, nothing changes.
     */
    public void takeBack(int positions) {
        int full = positions / POSITIONS;
        int rest = positions % POSITIONS;
        int kept = rest == 0 ? full : full + 1;
        if (rest > 0 && full < pages.size() && pages.get(full).shared()) {
            PagePool.Page own = copy(full, rest);
            pool.release(pages.set(full, own));
        }
        release(Math.min(kept, pages.size()));
    }

    /**
     * Passes on the memory of the first {@code positions} positions, which must be reserved, in an order that depends
     * on no other state.
     */
    public void forEach(int positions, Consumer<MemorySegment> memory) {
        for (int page = 0; page * POSITIONS < positions; page++) {
            positions(page(page), Math.min(POSITIONS, positions - page * POSITIONS), memory);
        }
    }

    /** The memory of the first {@code positions} positions of a page. */
    private void positions(MemorySegment page, int positions, Consumer<MemorySegment> memory) {
        if (positions == POSITIONS) {
            memory.accept(page);
            return;
        }
        for (int head = 0; head < layout.kvHeads(); head++) {
            for (int row = 0; row < layout.keyRows(); row++) {
                long at = layout.keysAt(head) + row * layout.keyRowBytes();
                memory.accept(page.asSlice(at, (long) positions * layout.keySlotBytes()));
            }
            if (layout.keys().quantized()) {
                memory.accept(page.asSlice(layout.keyScalesAt(head), (long) positions * Float.BYTES));
            }
            memory.accept(page.asSlice(layout.valuesAt(head), positions * layout.valueRowBytes()));
            if (layout.values().quantized()) {
                memory.accept(page.asSlice(layout.valueScalesAt(head), (long) positions * Float.BYTES));
            }
        }
    }

    /** The number of pages. */
    public int pages() {
        return pages.size();
    }

    /** Passes on every page from index {@code from} on, as an identity. */
    public void forEachPage(int from, Consumer<Object> page) {
        pages.subList(Math.min(from, pages.size()), pages.size()).forEach(page);
    }

    /** The size in bytes of all pages, including shared ones. */
    public long bytes() {
        return pages.size() * layout.pageBytes();
    }

    /** The layout of keys and values in a page. */
    public KvLayout layout() {
        return layout;
    }

    /** Removes all positions. */
    @Override
    public void close() {
        release(0);
    }

    private void release(int kept) {
        while (pages.size() > kept) {
            pool.release(pages.removeLast());
        }
    }

    /** The keys of the first {@code positions} positions, [kvHeads][positions][keyDim]; quantized ones are rotated. */
    public float[] keys(int positions) {
        int dim = layout.keyDim();
        float[] keys = new float[layout.kvHeads() * positions * dim];
        float[] row = new float[POSITIONS];
        for (int head = 0; head < layout.kvHeads(); head++) {
            for (int page = 0; page * POSITIONS < positions; page++) {
                int n = Math.min(POSITIONS, positions - page * POSITIONS);
                for (int d = 0; d < dim; d++) {
                    readKeys(page, head, d, row, n);
                    scaleByKeys(page, head, row, n);
                    for (int j = 0; j < n; j++) {
                        keys[(head * positions + page * POSITIONS + j) * dim + d] = row[j];
                    }
                }
            }
        }
        return keys;
    }

    /**
     * The values of the first {@code positions} positions, [kvHeads][positions][valueDim]; quantized ones are rotated.
     */
    public float[] values(int positions) {
        int dim = layout.valueDim();
        float[] values = new float[layout.kvHeads() * positions * dim];
        float[] row = new float[dim];
        for (int head = 0; head < layout.kvHeads(); head++) {
            float[] scales = new float[POSITIONS];
            for (int position = 0; position < positions; position++) {
                int page = position / POSITIONS;
                int slot = position % POSITIONS;
                if (slot == 0) {
                    Arrays.fill(scales, 1);
                    scaleByValues(page, head, scales, Math.min(POSITIONS, positions - position));
                }
                readValue(page, head, slot, row);
                for (int d = 0; d < dim; d++) {
                    values[(head * positions + position) * dim + d] = row[d] * scales[slot];
                }
            }
        }
        return values;
    }

    public MemorySegment page(int page) {
        return pages.get(page).memory();
    }

    /** Reads dimension {@code d} of the first {@code n} keys of a page: numbers, or the integers of quantized ones. */
    void readKeys(int page, int kvHead, int d, float[] out, int n) {
        MemorySegment memory = page(page);
        if (layout.keys().quantized()) {
            KvQuantization.readKeys(memory, layout, kvHead, d, out, n);
        } else {
            read(memory, layout.keysAt(kvHead) + d * layout.keyRowBytes(), layout.keys(), out, n);
        }
    }

    /** Reads the value at a position of a page: numbers, or the integers of a quantized one. */
    void readValue(int page, int kvHead, int position, float[] out) {
        MemorySegment memory = page(page);
        if (layout.values().quantized()) {
            KvQuantization.readValue(memory, layout, kvHead, position, out);
        } else {
            long at = layout.valuesAt(kvHead) + position * layout.valueRowBytes();
            read(memory, at, layout.values(), out, layout.valueDim());
        }
    }

    /** Multiplies numbers, one for each of the first {@code n} positions of a page, with the scales of their keys. */
    void scaleByKeys(int page, int kvHead, float[] x, int n) {
        if (layout.keys().quantized()) {
            scale(page(page), layout.keyScalesAt(kvHead), x, n);
        }
    }

    /** The same with the scales of the values. */
    void scaleByValues(int page, int kvHead, float[] x, int n) {
        if (layout.values().quantized()) {
            scale(page(page), layout.valueScalesAt(kvHead), x, n);
        }
    }

    private static void scale(MemorySegment page, long scalesAt, float[] x, int n) {
        for (int j = 0; j < n; j++) {
            x[j] *= page.get(JAVA_FLOAT, scalesAt + (long) j * Float.BYTES);
        }
    }

    private static void read(MemorySegment page, long at, KvFormat format, float[] out, int n) {
        if (format == KvFormat.F16) {
            long index = at / Short.BYTES;
            for (int i = 0; i < n; i++) {
                out[i] = Float.float16ToFloat(page.getAtIndex(JAVA_SHORT, index + i));
            }
        } else {
            MemorySegment.copy(page, JAVA_FLOAT, at, out, 0, n);
        }
    }

    /**
     * Stores a row's prepared key, at element {@code keyAt} of {@code keys}, and its value, at element {@code valueAt}
     * of {@code values}. Where they are quantized, the key and the value are overwritten.
     */
    public void store(int position, int kvHead, MemorySegment keys, long keyAt, MemorySegment values, long valueAt) {
        MemorySegment page = page(position / POSITIONS);
        int slot = position % POSITIONS;
        if (!layout.keys().quantized()) {
            long to = layout.keysAt(kvHead) + (long) slot * layout.keySlotBytes();
            write(page, to, layout.keyRowBytes(), layout.keys(), keys, keyAt, layout.keyDim());
        }
        if (!layout.values().quantized()) {
            long to = layout.valuesAt(kvHead) + slot * layout.valueRowBytes();
            write(page, to, layout.values().bits() / Byte.SIZE, layout.values(), values, valueAt, layout.valueDim());
        }
        if (layout.keys().quantized()) {
            KvQuantization.rotate(keys, keyAt, layout.keyDim());
        }
        if (layout.values().quantized()) {
            KvQuantization.rotate(values, valueAt, layout.valueDim());
        }
        storeRotated(position, kvHead, keys, keyAt, values, valueAt);
    }

    /** Stores the rotated key if keys are quantized, and the rotated value if values are. */
    public void storeRotated(
            int position, int kvHead, MemorySegment keys, long keyAt, MemorySegment values, long valueAt) {
        MemorySegment page = page(position / POSITIONS);
        int slot = position % POSITIONS;
        if (layout.keys().quantized()) {
            KvQuantization.storeKey(keys, keyAt, page, layout, kvHead, slot);
        }
        if (layout.values().quantized()) {
            KvQuantization.storeValue(values, valueAt, page, layout, kvHead, slot);
        }
    }

    /** Writes numbers at a distance of {@code apart} bytes. */
    private static void write(
            MemorySegment page, long to, long apart, KvFormat format, MemorySegment from, long at, int n) {
        for (int d = 0; d < n; d++) {
            float number = from.getAtIndex(JAVA_FLOAT, at + d);
            if (format == KvFormat.F16) {
                page.set(JAVA_SHORT, to + d * apart, Float.floatToFloat16(number));
            } else {
                page.set(JAVA_FLOAT, to + d * apart, number);
            }
        }
    }
}
