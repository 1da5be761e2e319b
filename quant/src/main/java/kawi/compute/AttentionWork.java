package kawi.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import kawi.kernels.AttentionCall;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvPages;
import kawi.kernels.WorkerPool;
import org.jspecify.annotations.Nullable;

/**
 * Attention of the spans of a pass, divided among a model's threads, and the memory it needs. Created once for given
 * buffers and used for all layers and steps, by one thread at a time: {@link #begin}, {@link #add} for each span,
 * {@link #run}.
 *
 * <p>There are two ways to divide the work of a span, with identical results:
 *
 * <pre>
 *    by rows     item = (kv head, tile of rows): page after page, each folded into the tile's state at once
 *    by pages    item = (kv head, page): partial results of all rows; then item = (kv head, row): fold them
 * </pre>
 *
 * Many rows are divided by rows, so that each page is read once for a whole tile. A few rows at a late position of a
 * sequence, as in decoding, are divided by pages, because there are more pages than heads. The items of all spans are
 * divided among the threads together.
 */
public final class AttentionWork {

    /** Maximum rows per tile. With a group of 4 query heads, a page is then read once for 64 rows of scores. */
    private static final int TILE_ROWS = 16;

    /**
     * The same for attention that is not causal, in rows of scores: there all rows attend to all pages, which are then
     * read from the last-level cache less often.
     */
    private static final int FULL_TILE_ROWS = 256;

    /** Sufficient tasks per thread that the other threads do not wait long for a slow one. */
    private static final int TASKS_PER_THREAD = 4;

    /** Floats of queries per thread above which it pays to prepare them in parallel. */
    private static final int PREPARED_FLOATS = 8192;

    /** Limit of the memory for partial results; beyond it they are not kept for all pages. */
    private static final long MAX_PARTIAL_BYTES = 64L << 20;

    /*
     * A call stores its arguments in fields and runs one task object, so it allocates nothing. Each thread runs one
     * task, which claims items until none is left, so the number of the task selects its scratch memory.
     */

    private enum Step {
        PREPARE,
        ATTEND,
        FOLD
    }

    /**
     * The memory of one thread: the kernel's scratch memory, a tile's state, and then a partial result of the same
     * size.
     */
    private record Slot(MemorySegment scratch, MemorySegment rows) {}

    /** The condition under which attention ends early, which only the calling thread checks. */
    private static final class Interruption {

        private final Thread caller;
        private final BooleanSupplier cancelled;
        private boolean happened;

        Interruption(Thread caller, BooleanSupplier cancelled) {
            this.caller = caller;
            this.cancelled = cancelled;
        }

        /** Whether this thread has to end the work. */
        boolean happens() {
            if (!Thread.currentThread().equals(caller)) {
                return false;
            }
            happened = happened || cancelled.getAsBoolean();
            return happened;
        }
    }

    /** A span, and how its work is divided. */
    private final class Span {

        private final AttentionCall call;
        private boolean byPages;

        /** Rows per tile, if divided by rows. */
        private int tile;

        /**
         * The first of its rows in {@link #partials}, if divided by pages: [pages][kvHeads][rows][group]; those of page
         * 0 become the states.
         */
        private long firstPartial;

        /** The index of its first row among the rows of all spans; the index of its first item in the step. */
        private int firstRow;

        private int firstItem;

        Span(AttentionCall call) {
            this.call = call;
        }

        int pages() {
            return pages(call.rows() - 1);
        }

        /** The number of pages that a row attends to. */
        private int pages(int row) {
            return (call.seen(row) + KvPages.POSITIONS - 1) / KvPages.POSITIONS;
        }

        int tiles() {
            return (call.rows() + tile - 1) / tile;
        }

        int attendItems() {
            return shape.kvHeads() * (byPages ? pages() : tiles());
        }

        int foldItems() {
            return byPages ? shape.kvHeads() * call.rows() : 0;
        }

        long partialRows() {
            return (long) pages() * call.rows() * shape.heads();
        }

        private long partialRow(int page, int kvHead, int row) {
            return firstPartial + (((long) page * shape.kvHeads() + kvHead) * call.rows() + row) * shape.group();
        }

        void attend(int item, Slot slot) {
            if (byPages) {
                int pages = pages();
                attendPage(item / pages, item % pages, slot);
            } else {
                attendTile(item / tiles(), item % tiles() * tile, slot);
            }
        }

        private void attendTile(int kvHead, int from, Slot slot) {
            int to = Math.min(from + tile, call.rows());
            MemorySegment rows = slot.rows();
            kernel.page(call, kvHead, from, to, 0, rows, 0, slot.scratch());
            int pages = pages(to - 1);
            for (int page = 1; page < pages; page++) {
                int first = call.firstSeeing(page, from);
                int skipped = (first - from) * shape.group();
                kernel.page(call, kvHead, first, to, page, rows, tileRows, slot.scratch());
                kernel.fold(shape, rows, tileRows, rows, skipped, (to - first) * shape.group());
            }
            kernel.finish(call, kvHead, from, to, rows, 0);
        }

        private void attendPage(int kvHead, int page, Slot slot) {
            int first = call.firstSeeing(page, 0);
            long row = partialRow(page, kvHead, first);
            kernel.page(call, kvHead, first, call.rows(), page, partials, row, slot.scratch());
        }

        void fold(int item) {
            int kvHead = item / call.rows();
            int row = item % call.rows();
            long state = partialRow(0, kvHead, row);
            int pages = pages(row);
            for (int page = 1; page < pages; page++) {
                kernel.fold(shape, partials, partialRow(page, kvHead, row), partials, state, shape.group());
            }
            kernel.finish(call, kvHead, row, row + 1, partials, state);
        }
    }

    private final Compute compute;
    private final AttentionKernel kernel;
    private final WorkerPool pool;
    private final AttentionShape shape;
    private final Supplier<AttentionCall> calls;
    private final Arena arena;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Span> spans = new ArrayList<>();
    private final int maxTile;
    private final int tileRows;
    private final int queryWidth;
    private final AtomicInteger next = new AtomicInteger();
    private final WorkerPool.Task task = this::run;

    private MemorySegment partials = MemorySegment.NULL;
    private Step step = Step.PREPARE;
    private int items;
    private int count;
    private int rows;
    private MemorySegment queryNorm = MemorySegment.NULL;
    private MemorySegment keyNorm = MemorySegment.NULL;
    private float eps;
    private @Nullable Interruption interruption;

    /**
     * See {@link Compute#attention}.
     *
     * @param calls creates calls on the same buffers
     */
    AttentionWork(Compute compute, Supplier<AttentionCall> calls, Arena arena) {
        this.compute = compute;
        this.kernel = compute.kernels().attention();
        this.pool = compute.pool();
        this.calls = calls;
        this.arena = arena;
        Span first = new Span(calls.get());
        spans.add(first);
        this.shape = first.call.shape();
        this.queryWidth = first.call.queries().width();
        this.maxTile = Math.min(
                first.call.queries().capacity(),
                shape.causal() ? TILE_ROWS : Math.max(1, FULL_TILE_ROWS / shape.group()));
        this.tileRows = maxTile * shape.group();
        for (int i = 0; i < pool.threads(); i++) {
            slots.add(new Slot(
                    arena.allocate((long) AttentionKernel.scratchFloats(shape) * Float.BYTES, 64),
                    arena.allocate(2 * rowBytes(tileRows), 64)));
        }
    }

    private long rowBytes(long rows) {
        return rows * AttentionKernel.rowFloats(shape) * Float.BYTES;
    }

    /** Starts without spans; see {@link AttentionCall#norms}. */
    public AttentionWork begin(MemorySegment queryNorm, MemorySegment keyNorm, float eps) {
        this.queryNorm = queryNorm;
        this.keyNorm = keyNorm;
        this.eps = eps;
        this.count = 0;
        this.rows = 0;
        return this;
    }

    /** Adds a span of at least one row; see {@link AttentionCall#span}. */
    public AttentionWork add(KvPages kv, int slot, int firstRow, int rows) {
        if (count == spans.size()) {
            spans.add(new Span(calls.get()));
        }
        Span span = spans.get(count);
        span.call.norms(queryNorm, keyNorm, eps).span(kv, slot, firstRow, rows);
        span.firstRow = this.rows;
        count++;
        this.rows += rows;
        return this;
    }

    /** Prepares the rows of all spans and computes attention for all heads. */
    public void run() {
        long begun = compute.begin();
        prepare();
        attend();
        if (compute.isCounting()) {
            compute.end(Operation.ATTENTION, begun, positionBytes(true), positionBytes(false));
        }
    }

    /**
     * Does the same as {@link #run()}, and ends early if it is cancelled.
     *
     * @param cancelled asked by the calling thread, before each tile of rows or page that it takes
     * @return whether it was completed; the output is unspecified otherwise
     */
    public boolean run(BooleanSupplier cancelled) {
        Interruption given = new Interruption(Thread.currentThread(), cancelled);
        interruption = given;
        try {
            run();
        } finally {
            interruption = null;
        }
        return !given.happened;
    }

    /** The bytes of the keys and values that the spans attend to, or of those of their own rows. */
    private long positionBytes(boolean attended) {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            AttentionCall call = spans.get(i).call;
            int positions = attended ? call.seen(call.rows() - 1) : call.rows();
            bytes += positions * (call.kv().layout().pageBytes() / KvPages.POSITIONS);
        }
        return bytes;
    }

    /** See {@link AttentionKernel#prepare}. */
    public void prepare() {
        int most = Math.min(rows, pool.threads() * TASKS_PER_THREAD);
        run(Step.PREPARE, Math.clamp((long) rows * queryWidth / PREPARED_FLOATS, 1, most));
    }

    /** Computes attention for the prepared rows of all spans. */
    public void attend() {
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            span.byPages = byPages(span);
        }
        attendDivided();
    }

    /** Computes attention, divided by pages or by rows. */
    void attend(boolean byPages) {
        for (int i = 0; i < count; i++) {
            spans.get(i).byPages = byPages;
        }
        attendDivided();
    }

    private boolean byPages(Span span) {
        int threads = pool.threads();
        return threads > 1
                && span.pages() > 1
                && (long) rows * shape.kvHeads() < (long) threads * TASKS_PER_THREAD
                && rowBytes(span.partialRows()) <= MAX_PARTIAL_BYTES;
    }

    private void attendDivided() {
        long share = (long) rows * shape.kvHeads() / ((long) pool.threads() * TASKS_PER_THREAD);
        int attendItems = 0;
        int foldItems = 0;
        long partialRows = 0;
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            span.tile = Math.clamp(share, 1, Math.min(maxTile, span.call.rows()));
            span.firstItem = attendItems;
            span.firstPartial = partialRows;
            attendItems += span.attendItems();
            foldItems += span.foldItems();
            partialRows += span.byPages ? span.partialRows() : 0;
        }
        reservePartials(partialRows);
        run(Step.ATTEND, attendItems);
        if (foldItems > 0) {
            int first = 0;
            for (int i = 0; i < count; i++) {
                spans.get(i).firstItem = first;
                first += spans.get(i).foldItems();
            }
            run(Step.FOLD, foldItems);
        }
    }

    /**
     * The size doubles, so that the outgrown arrays, which remain in the arena, take less memory than the current one.
     */
    private void reservePartials(long rows) {
        if (partials.byteSize() < rowBytes(rows)) {
            partials = arena.allocate(Math.max(rowBytes(rows), 2 * partials.byteSize()), 64);
        }
    }

    private void run(Step step, int items) {
        this.step = step;
        this.items = items;
        next.set(0);
        compute.run(Math.min(items, pool.threads()), task);
    }

    private void run(int slot) {
        for (int item = next.getAndIncrement(); item < items; item = next.getAndIncrement()) {
            if (step == Step.PREPARE) {
                prepare(item);
            } else if (interruption != null && interruption.happens()) {
                next.set(items);
            } else {
                Span span = spanOf(item);
                if (step == Step.ATTEND) {
                    span.attend(item - span.firstItem, slots.get(slot));
                } else {
                    span.fold(item - span.firstItem);
                }
            }
        }
    }

    /** The span that an item of the step belongs to: the last one that does not start after it. */
    private Span spanOf(int item) {
        int i = count - 1;
        while (spans.get(i).firstItem > item) {
            i--;
        }
        return spans.get(i);
    }

    /** Prepares an item's share of the rows of all spans. */
    private void prepare(int item) {
        int from = (int) ((long) item * rows / items);
        int to = (int) ((item + 1L) * rows / items);
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            int first = Math.max(from - span.firstRow, 0);
            int end = Math.min(to - span.firstRow, span.call.rows());
            if (first < end) {
                kernel.prepare(span.call, first, end);
            }
        }
    }
}
