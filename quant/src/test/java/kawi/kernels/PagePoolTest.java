package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kawi.machine.OsMemory;
import org.junit.jupiter.api.Test;

/** Memory for keys and values, in few slabs. */
class PagePoolTest {

    private static final long PAGE = 64 << 10;

    private final List<Arena> slabs = Collections.synchronizedList(new ArrayList<>());

    private PagePool recorded() {
        return new PagePool(
                (arena, bytes) -> {
                    slabs.add(arena);
                    return OsMemory.allocate(arena, bytes);
                },
                256 << 20);
    }

    /** A sequence of 262,144 positions in 16 layers. Each close of an arena stops all threads. */
    @Test
    void aLongSequenceIsGivenBackInFewCloses() {
        PagePool pool = recorded();
        List<PagePool.Page> pages = new ArrayList<>();
        for (int i = 0; i < 16 * 1024; i++) {
            pages.add(pool.take(PAGE));
        }
        assertEquals(16 * 1024 * PAGE, pool.bytes());
        pages.forEach(pool::release);
        assertEquals(0, pool.bytes());
        assertEquals(0, pool.reservedBytes());
        assertTrue(slabs.size() <= 16, () -> slabs.size() + " slabs");
        slabs.forEach(slab -> assertFalse(slab.scope().isAlive()));
    }

    @Test
    void aSlabLivesAsLongAsOneOfItsPages() {
        PagePool pool = recorded();
        PagePool.Page first = pool.take(PAGE);
        PagePool.Page second = pool.take(PAGE);
        assertEquals(1, slabs.size());
        PagePool.Page ofAnotherSize = pool.take(PAGE / 2);
        assertEquals(2, slabs.size());
        assertEquals(2 * PAGE + PAGE / 2, pool.bytes());
        pool.release(first);
        assertTrue(slabs.getFirst().scope().isAlive());
        pool.release(second.share());
        assertTrue(slabs.getFirst().scope().isAlive());
        pool.release(second);
        assertFalse(slabs.getFirst().scope().isAlive());
        pool.release(ofAnotherSize);
        assertEquals(0, pool.reservedBytes());
    }

    @Test
    void closingTwiceIsClosing() {
        PagePool pool = recorded();
        PagePool.Page page = pool.take(PAGE);
        pool.close();
        pool.close();
        assertFalse(slabs.getFirst().scope().isAlive());
        assertEquals(0, pool.bytes());
        pool.release(page);
        assertEquals(0, pool.bytes());
        assertThrows(IllegalStateException.class, () -> pool.take(PAGE));
    }

    /** Threads that take and release pages concurrently never hold the same page. */
    @Test
    void aPageHasOneOwner() throws Exception {
        PagePool pool = recorded();
        try (var executor = Executors.newFixedThreadPool(4)) {
            List<Future<?>> runs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int who = t;
                runs.add(executor.submit(() -> takeAndGive(pool, who)));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
        assertEquals(0, pool.bytes());
        assertEquals(0, pool.reservedBytes());
        slabs.forEach(slab -> assertFalse(slab.scope().isAlive()));
    }

    private static void takeAndGive(PagePool pool, int who) {
        Random random = new Random(who);
        List<PagePool.Page> own = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (own.size() < 100 && random.nextBoolean()) {
                PagePool.Page page = pool.take(4096);
                page.memory().set(ValueLayout.JAVA_INT, 0, who);
                own.add(page);
            } else if (!own.isEmpty()) {
                PagePool.Page page = own.remove(random.nextInt(own.size()));
                assertEquals(who, page.memory().get(ValueLayout.JAVA_INT, 0));
                pool.release(page);
            }
        }
        own.forEach(pool::release);
    }
}
