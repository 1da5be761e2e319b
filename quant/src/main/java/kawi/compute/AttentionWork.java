package kawi.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.kernels.Activations;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvPages;
import kawi.kernels.Rotation;
import kawi.kernels.WorkerPool;

/**
 * Gated attention of a chunk of tokens, spread over a model's threads, and the memory it needs. Kept for all layers and steps of a
 * sequence; used by one thread at a time.
 *
 * <p>There are two ways to divide the work, which give the same bits:
 *
 * <pre>
 *    by tokens   task = (kv head, tile of tokens): page after page, each folded into the tile's state at once
 *    by pages    task = (kv head, page): partial results of all tokens; then task = (kv head, token): fold them
 * </pre>
 *
 * Many tokens are divided by tokens, so that a page that has been read serves a whole tile; a few tokens far into a sequence, as in
 * decoding, by pages, because there are more of them than heads.
 */
public final class AttentionWork {

    /** Most tokens per tile. With a group of 4 query heads, a page is then read once for 64 rows. */
    private static final int TILE_TOKENS = 16;

    /** Enough tasks per thread that a late thread does not leave the others waiting long. */
    private static final int TASKS_PER_THREAD = 4;

    /** Floats of queries that make preparing them worth another thread. */
    private static final int PREPARED_FLOATS = 8192;

    /** Partial results are not kept for all pages beyond this many bytes. */
    private static final long MOST_PARTIAL_BYTES = 64L << 20;

    /*
     * A call leaves its arguments in fields and runs one task object, so it allocates nothing. Each thread runs one task, which claims
     * items until none is left: the task's number then says which scratch is free.
     */

    private enum Step {
        PREPARE,
        BY_TOKENS,
        BY_PAGES,
        FOLD
    }

    /** What one thread computes in: the kernel's scratch, a tile's state, and after it a partial result of as many rows. */
    private record Slot(MemorySegment scratch, MemorySegment rows) {}

    private final AttentionKernel kernel;
    private final WorkerPool pool;
    private final AttentionShape shape;
    private final Activations queryGate;
    private final Activations keys;
    private final Activations values;
    private final Activations out;
    private final Arena arena;
    private final List<Slot> slots = new ArrayList<>();
    private final int tileRows;
    private final AtomicInteger next = new AtomicInteger();
    private final WorkerPool.Task task = this::run;

    /** Rows [pages][kvHeads][tokens][group]; those of page 0 become the states. */
    private MemorySegment partials = MemorySegment.NULL;

    private Step step = Step.PREPARE;
    private int items;
    private int tile = 1;
    private MemorySegment queryNorm = MemorySegment.NULL;
    private MemorySegment keyNorm = MemorySegment.NULL;
    private float eps;
    private final Rotation rotation;
    private KvPages kv;
    private int position;
    private int tokens;

    /** See {@link Compute#attention}. */
    AttentionWork(
            AttentionKernel kernel,
            WorkerPool pool,
            AttentionShape shape,
            Activations queryGate,
            Activations keys,
            Activations values,
            Rotation rotation,
            Activations out,
            Arena arena) {
        this.kernel = kernel;
        this.pool = pool;
        this.shape = shape;
        this.queryGate = queryGate;
        this.keys = keys;
        this.values = values;
        this.rotation = rotation;
        this.out = out;
        this.arena = arena;
        this.kv = new KvPages(shape, KvFormat.F32, arena);
        this.tileRows = Math.min(TILE_TOKENS, queryGate.capacity()) * shape.group();
        for (int i = 0; i < pool.threads(); i++) {
            slots.add(new Slot(
                    arena.allocate((long) AttentionKernel.scratchFloats(shape) * Float.BYTES, 64),
                    arena.allocate(2 * rowBytes(tileRows), 64)));
        }
    }

    private long rowBytes(long rows) {
        return rows * AttentionKernel.rowFloats(shape) * Float.BYTES;
    }

    /** See {@link AttentionKernel#prepare}. */
    public void prepare(
            MemorySegment queryNorm, MemorySegment keyNorm, float eps, KvPages kv, int position, int tokens) {
        this.queryNorm = queryNorm;
        this.keyNorm = keyNorm;
        this.eps = eps;
        this.kv = kv;
        this.position = position;
        this.tokens = tokens;
        int most = Math.min(tokens, pool.threads() * TASKS_PER_THREAD);
        run(Step.PREPARE, Math.clamp((long) tokens * queryGate.width() / PREPARED_FLOATS, 1, most));
    }

    /** Attends with all heads of {@code tokens} prepared tokens, the first at {@code position}, to all positions up to their own. */
    public void attend(KvPages kv, int position, int tokens) {
        attend(kv, position, tokens, byPages(position, tokens));
    }

    private boolean byPages(int position, int tokens) {
        int threads = pool.threads();
        int pages = pages(position + tokens);
        return threads > 1
                && pages > 1
                && (long) tokens * shape.kvHeads() < (long) threads * TASKS_PER_THREAD
                && rowBytes((long) pages * tokens * shape.heads()) <= MOST_PARTIAL_BYTES;
    }

    /** Attends by pages or by tokens, as told. */
    void attend(KvPages kv, int position, int tokens, boolean byPages) {
        this.kv = kv;
        this.position = position;
        this.tokens = tokens;
        if (byPages) {
            int pages = pages(position + tokens);
            reservePartials((long) pages * tokens * shape.heads());
            run(Step.BY_PAGES, shape.kvHeads() * pages);
            run(Step.FOLD, shape.kvHeads() * tokens);
        } else {
            long share = (long) tokens * shape.kvHeads() / ((long) pool.threads() * TASKS_PER_THREAD);
            tile = Math.clamp(share, 1, Math.min(TILE_TOKENS, tokens));
            run(Step.BY_TOKENS, shape.kvHeads() * tiles());
        }
    }

    private static int pages(int positions) {
        return (positions + KvPages.POSITIONS - 1) / KvPages.POSITIONS;
    }

    private int tiles() {
        return (tokens + tile - 1) / tile;
    }

    /** Doubles, so that what the arena still holds of outgrown partials is less than what is in use. */
    private void reservePartials(long rows) {
        if (partials.byteSize() < rowBytes(rows)) {
            partials = arena.allocate(Math.max(rowBytes(rows), 2 * partials.byteSize()), 64);
        }
    }

    private void run(Step step, int items) {
        this.step = step;
        this.items = items;
        next.set(0);
        if (items == 1) {
            run(0);
        } else {
            pool.run(Math.min(items, pool.threads()), task);
        }
    }

    private void run(int slot) {
        for (int item = next.getAndIncrement(); item < items; item = next.getAndIncrement()) {
            switch (step) {
                case PREPARE -> prepare(item);
                case BY_TOKENS -> attendTile(item / tiles(), item % tiles() * tile, slots.get(slot));
                case BY_PAGES -> {
                    int pages = pages(position + tokens);
                    attendPage(item / pages, item % pages, slots.get(slot));
                }
                case FOLD -> foldToken(item / tokens, item % tokens);
            }
        }
    }

    private void prepare(int item) {
        int from = (int) ((long) item * tokens / items);
        int to = (int) ((item + 1L) * tokens / items);
        kernel.prepare(shape, queryGate, keys, values, queryNorm, keyNorm, eps, rotation, kv, position, from, to);
    }

    /** The first token that sees page {@code page}, at least {@code fromToken}. */
    private int firstSeeing(int page, int fromToken) {
        return Math.max(fromToken, page * KvPages.POSITIONS - position);
    }

    private void attendTile(int kvHead, int from, Slot slot) {
        int to = Math.min(from + tile, tokens);
        MemorySegment rows = slot.rows();
        kernel.page(shape, queryGate, kv, position, kvHead, from, to, 0, rows, 0, slot.scratch());
        int pages = pages(position + to);
        for (int page = 1; page < pages; page++) {
            int first = firstSeeing(page, from);
            int skipped = (first - from) * shape.group();
            kernel.page(shape, queryGate, kv, position, kvHead, first, to, page, rows, tileRows, slot.scratch());
            kernel.fold(shape, rows, tileRows, rows, skipped, (to - first) * shape.group());
        }
        kernel.finish(shape, queryGate, kvHead, from, to, rows, 0, out);
    }

    private void attendPage(int kvHead, int page, Slot slot) {
        int first = firstSeeing(page, 0);
        long row = partialRow(page, kvHead, first);
        kernel.page(shape, queryGate, kv, position, kvHead, first, tokens, page, partials, row, slot.scratch());
    }

    private void foldToken(int kvHead, int token) {
        long state = partialRow(0, kvHead, token);
        int pages = pages(position + token + 1);
        for (int page = 1; page < pages; page++) {
            kernel.fold(shape, partials, partialRow(page, kvHead, token), partials, state, shape.group());
        }
        kernel.finish(shape, queryGate, kvHead, token, token + 1, partials, state, out);
    }

    private long partialRow(int page, int kvHead, int token) {
        return (((long) page * shape.kvHeads() + kvHead) * tokens + token) * shape.group();
    }
}
