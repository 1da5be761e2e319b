package kawi.vision;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.CacheStats;
import org.jspecify.annotations.Nullable;

/**
 * A cache of encoded images. When they exceed the budget, the least recently used are removed, except those in use.
 * Thread-safe.
 */
public final class EncodedImages {

    private final long budget;

    /** Least recently used first. */
    private final Map<ImageContent, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;
    private long hits;
    private long misses;
    private long evictions;
    private boolean released;

    /** An encoded image: its memory, and the number of uses. */
    private static final class Entry {
        private final Arena arena;
        private final MemorySegment rows;
        private int uses;

        Entry(Arena arena, MemorySegment rows) {
            this.arena = arena;
            this.rows = rows;
        }
    }

    /** An encoded image that is in use, whose memory is not freed before {@link #close}. */
    public final class Use implements AutoCloseable {

        private final Entry entry;
        private final boolean encoded;
        private boolean closed;

        private Use(Entry entry, boolean encoded) {
            this.entry = entry;
            this.encoded = encoded;
        }

        /** The embeddings: f32 [tokens][hidden size of the text model]. */
        public MemorySegment rows() {
            return entry.rows;
        }

        /** Whether the image was encoded for this use, in contrast to an earlier one. */
        public boolean encoded() {
            return encoded;
        }

        @Override
        public void close() {
            List<Arena> unused = new ArrayList<>();
            synchronized (EncodedImages.this) {
                if (!closed) {
                    closed = true;
                    entry.uses--;
                    evict(unused);
                    if (entry.uses == 0 && released) {
                        unused.add(entry.arena);
                    }
                }
            }
            unused.forEach(Arena::close);
        }
    }

    /** @param budget the maximum memory of images that are not in use, in bytes */
    public EncodedImages(long budget) {
        this.budget = budget;
    }

    /** Returns an image that has been encoded before, or null. */
    synchronized @Nullable Use find(ImageContent content) {
        Entry entry = entries.get(content);
        if (entry == null) {
            return null;
        }
        hits++;
        entry.uses++;
        return new Use(entry, false);
    }

    /**
     * Adds an image that was encoded now.
     *
     * @param arena owns the rows; closed when the image is removed
     */
    Use add(ImageContent content, Arena arena, MemorySegment rows) {
        List<Arena> unused = new ArrayList<>();
        Entry entry = new Entry(arena, rows);
        entry.uses = 1;
        synchronized (this) {
            misses++;
            if (!released) {
                entries.put(content, entry);
                bytes += rows.byteSize();
                evict(unused);
            }
        }
        unused.forEach(Arena::close);
        return new Use(entry, true);
    }

    /** Removes images that exceed the budget; called with the lock held. The arenas are to be closed afterwards. */
    private void evict(List<Arena> unused) {
        Iterator<Entry> eldest = entries.values().iterator();
        while (bytes > budget && eldest.hasNext()) {
            Entry entry = eldest.next();
            if (entry.uses == 0) {
                eldest.remove();
                evictions++;
                bytes -= entry.rows.byteSize();
                unused.add(entry.arena);
            }
        }
    }

    /** What is in the cache, and how often it was found. */
    public synchronized CacheStats stats() {
        return new CacheStats(entries.size(), bytes, budget, hits, misses, evictions);
    }

    /** Removes all images, and prevents further ones from being added. */
    void release() {
        List<Arena> unused = new ArrayList<>();
        synchronized (this) {
            released = true;
            for (Entry entry : entries.values()) {
                if (entry.uses == 0) {
                    unused.add(entry.arena);
                }
            }
            entries.clear();
            bytes = 0;
        }
        unused.forEach(Arena::close);
    }
}
