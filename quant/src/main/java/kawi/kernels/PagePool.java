package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.machine.OsMemory;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a model's {@link KvPages} and {@link DeltaState}s: slabs of many pages each, with a list of the free
 * ones.
 *
 * <p>To close an arena that threads share, the JVM stops all of them, so pages do not have arenas of their own. A slab
 * is as large as all earlier slabs together, within bounds: so there are few slabs regardless of the number of pages,
 * and releasing a sequence closes few arenas. A slab is returned to the system when none of its pages is in use. Safe
 * for use by multiple threads.
 */
public final class PagePool implements AutoCloseable {

    private static final long MIN_SLAB_BYTES = 4L << 20;
    private static final long MAX_SLAB_BYTES = 256L << 20;

    /**
     * Pages from this size on, such as recurrent states, have slabs that are large enough for the large pages of the
     * system.
     */
    private static final long LARGE_PAGE_BYTES = 256L << 10;

    private static final long MIN_LARGE_SLAB_BYTES = 32L << 20;

    /** Used if Java fills slabs with zeros before the first page is used. */
    private static final long MAX_FILLED_SLAB_BYTES = 32L << 20;

    private static final long ALIGNMENT = 64;

    /** Whether this process cannot call functions of the system. */
    private static volatile boolean noSystemCalls;

    private final Source source;
    private final long maxSlabBytes;
    private final List<Slab> slabs = new ArrayList<>();
    private long slabBytes;
    private long bytes;
    private boolean closed;

    /** The source of slabs. */
    @FunctionalInterface
    public interface Source {

        /** Allocates memory with arbitrary content, 64-byte aligned, that {@code arena} owns. */
        MemorySegment allocate(Arena arena, long bytes);
    }

    /**
     * Slabs from the system, which allocates memory on first access; if the system cannot be called, from Java, which
     * fills them with zeros immediately.
     */
    public PagePool() {
        this(PagePool::fromSystem, MAX_SLAB_BYTES);
    }

    /**
     * Slabs from a source.
     *
     * @param maxSlabBytes the maximum size of a slab, unless a page is larger
     */
    public PagePool(Source source, long maxSlabBytes) {
        this.source = source;
        this.maxSlabBytes = maxSlabBytes;
    }

    private static MemorySegment fromSystem(Arena arena, long bytes) {
        if (!noSystemCalls) {
            try {
                return OsMemory.allocate(arena, bytes);
            } catch (UnsupportedOperationException denied) {
                noSystemCalls = true;
            }
        }
        return arena.allocate(bytes, ALIGNMENT);
    }

    /** A page and the number of sequences that use it. */
    static final class Page {

        private final Slab slab;
        private final MemorySegment memory;
        private final AtomicInteger holders = new AtomicInteger(1);

        private Page(Slab slab, MemorySegment memory) {
            this.slab = slab;
            this.memory = memory;
        }

        MemorySegment memory() {
            return memory;
        }

        boolean shared() {
            return holders.get() > 1;
        }

        Page share() {
            holders.incrementAndGet();
            return this;
        }
    }

    /** Pages of one size in one piece of memory. */
    private static final class Slab {

        private final Arena arena = Arena.ofShared();
        private final long pageBytes;
        private final MemorySegment memory;
        private final int[] free;
        private int freePages;

        Slab(Source source, long pageBytes, int pages) {
            this.pageBytes = pageBytes;
            this.memory = source.allocate(arena, pageBytes * pages);
            this.free = new int[pages];
            // The first page is taken first, because untouched pages take no memory.
            for (int page = pages - 1; page >= 0; page--) {
                free[freePages++] = page;
            }
        }

        Page take() {
            int page = free[--freePages];
            return new Page(this, memory.asSlice(page * pageBytes, pageBytes));
        }

        void give(MemorySegment page) {
            free[freePages++] = (int) ((page.address() - memory.address()) / pageBytes);
        }

        boolean unused() {
            return freePages == free.length;
        }
    }

    /**
     * A page, 64-byte aligned, with arbitrary content, for use by one sequence.
     *
     * @throws IllegalStateException if the pool is closed
     * @throws OutOfMemoryError if there is no memory
     */
    synchronized Page take(long pageBytes) {
        if (closed) {
            throw new IllegalStateException("the memory of sequences is closed");
        }
        Slab slab = withRoom(pageBytes);
        Page page = slab.take();
        bytes += pageBytes;
        return page;
    }

    private Slab withRoom(long pageBytes) {
        for (Slab slab : slabs) {
            if (slab.pageBytes == pageBytes && slab.freePages > 0) {
                return slab;
            }
        }
        long max = noSystemCalls ? Math.min(maxSlabBytes, MAX_FILLED_SLAB_BYTES) : maxSlabBytes;
        boolean large = pageBytes >= LARGE_PAGE_BYTES && !noSystemCalls;
        long wanted = Math.min(Math.max(slabBytes, large ? MIN_LARGE_SLAB_BYTES : MIN_SLAB_BYTES), max);
        Slab slab = new Slab(source, pageBytes, Math.toIntExact(Math.max(1, wanted / pageBytes)));
        slabs.add(slab);
        slabBytes += slab.memory.byteSize();
        return slab;
    }

    /** Decrements the number of users; a page without users is free. */
    void release(Page page) {
        if (page.holders.decrementAndGet() > 0) {
            return;
        }
        Slab unused = give(page);
        if (unused != null) {
            unused.arena.close();
        }
    }

    private synchronized @Nullable Slab give(Page page) {
        if (closed) {
            return null;
        }
        Slab slab = page.slab;
        slab.give(page.memory);
        bytes -= slab.pageBytes;
        if (!slab.unused()) {
            return null;
        }
        slabs.remove(slab);
        slabBytes -= slab.memory.byteSize();
        return slab;
    }

    /** The size in bytes of the pages in use. */
    public synchronized long bytes() {
        return bytes;
    }

    /** The size in bytes of all slabs: the reserved memory, although the system allocates only what has been used. */
    public synchronized long reservedBytes() {
        return slabBytes;
    }

    /** Frees all memory; pages that are still in use become invalid. */
    @Override
    public void close() {
        List<Slab> closing;
        synchronized (this) {
            closed = true;
            closing = List.copyOf(slabs);
            slabs.clear();
            slabBytes = 0;
            bytes = 0;
        }
        closing.forEach(slab -> slab.arena.close());
    }
}
