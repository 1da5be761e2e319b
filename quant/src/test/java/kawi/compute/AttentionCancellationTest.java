package kawi.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.kernels.Activations;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;
import kawi.kernels.WorkerPool;
import org.junit.jupiter.api.Test;

/** Attention over many rows asks between its tiles whether it has been cancelled. */
class AttentionCancellationTest {

    private static final AttentionShape SHAPE = new AttentionShape(2, 2, 8, 8, 8, false, false, false);
    private static final int ROWS = 300;

    private final AtomicInteger asked = new AtomicInteger();
    private final Thread caller = Thread.currentThread();

    /** Whether attention was completed that is cancelled when it asks once more than {@code allowed}. */
    private boolean completes(int threads, int allowed) {
        asked.set(0);
        try (Arena arena = Arena.ofShared();
                PagePool pages = new PagePool();
                WorkerPool pool = new WorkerPool(threads)) {
            KvPages kv = new KvPages(KvLayout.of(SHAPE, KvFormat.F32), pages);
            kv.reserve(ROWS);
            Activations x = Activations.allocate(arena, ROWS, SHAPE.queryWidth());
            Activations out = Activations.allocate(arena, ROWS, SHAPE.outWidth());
            Rotation rotation = Rotation.inPlane(SHAPE.keyDim(), 1e4, ROWS, arena);
            Compute compute = new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);
            AttentionWork work = compute.attention(SHAPE, x, x, x, rotation, out, arena);
            work.begin(MemorySegment.NULL, MemorySegment.NULL, 0).add(kv, 0, 0, ROWS);
            return work.run(() -> {
                assertEquals(caller, Thread.currentThread());
                return asked.incrementAndGet() > allowed;
            });
        }
    }

    @Test
    void eachTileAsks() {
        assertTrue(completes(1, Integer.MAX_VALUE));
        int tiles = asked.get();
        assertTrue(tiles >= SHAPE.heads() * 2, "asked " + tiles + " times");
        for (int allowed = 0; allowed < tiles; allowed++) {
            assertFalse(completes(1, allowed));
            assertEquals(allowed + 1, asked.get());
        }
        assertTrue(completes(1, tiles));
    }

    /** An interrupt is a property of a thread, so only the calling one is asked. */
    @Test
    void onlyTheCallingThreadAsks() {
        for (int allowed = 0; allowed < 6; allowed++) {
            boolean completed = completes(2, allowed);
            assertEquals(asked.get() <= allowed, completed);
        }
    }
}
