package kawi.vision;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import kawi.architecture.vision.VisionTower;
import kawi.flight.EncodeEvent;
import kawi.flight.Flight;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes images with a vision tower, one at a time, in the order in which callers ask for them, and caches the
 * results.
 *
 * <pre>
 *    acquire(image)
 *        cached                         return it
 *        queue                          until all earlier callers are done
 *            cached meanwhile           return it: two callers who ask for the same image encode it once
 *            for each block             a turn of the model's threads, then a pass of the text model if one waits
 *            cache
 * </pre>
 *
 * The tower is loaded when the first image is encoded. Cancellation takes effect within a block.
 */
public final class ImageEncoder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ImageEncoder.class);

    /** The interval at which a waiting thread checks whether it has been cancelled. */
    private static final long POLL_MILLIS = 20;

    private static final long ALIGNMENT = 64;

    private final String model;
    private final Loader loader;
    private final EncodedImages cache;
    private final ComputeTurn turn;

    /** Threads that encode: the first one now, the others afterwards. Guarded by its monitor. */
    private final Deque<Thread> queue = new ArrayDeque<>();

    private @Nullable VisionTower tower;

    /** Where the tower comes from. */
    @FunctionalInterface
    public interface Loader {

        /**
         * Loads the tower.
         *
         * @throws CancellationException if {@code cancelled} returns true
         */
        VisionTower load(BooleanSupplier cancelled);
    }

    /** Receives the number of blocks of the tower through which an image has passed. */
    @FunctionalInterface
    public interface BlockListener {
        void update(int done, int total);
    }

    /**
     * @param model its name, for events and messages
     * @param loader loads the tower
     * @param cache closed with this encoder
     */
    public ImageEncoder(String model, Loader loader, EncodedImages cache, ComputeTurn turn) {
        this.model = model;
        this.loader = loader;
        this.cache = cache;
        this.turn = turn;
    }

    /**
     * Returns an encoded image, which the caller closes.
     *
     * @param progress notified on this thread, while no lock is held
     * @throws CancellationException if {@code cancelled} returns true
     */
    public EncodedImages.Use acquire(PreparedImage image, BooleanSupplier cancelled, BlockListener progress) {
        EncodedImages.Use known = cache.find(image.content());
        if (known != null) {
            return known;
        }
        enter(cancelled);
        try {
            known = cache.find(image.content());
            return known != null ? known : encode(image, cancelled, progress);
        } finally {
            leave();
        }
    }

    /** Loads the tower now, unless it is loaded. */
    public void load(BooleanSupplier cancelled) {
        enter(cancelled);
        try {
            tower(cancelled);
        } finally {
            leave();
        }
    }

    private void enter(BooleanSupplier cancelled) {
        Thread current = Thread.currentThread();
        synchronized (queue) {
            if (queue.contains(current)) {
                throw new IllegalStateException(
                        "an image is being encoded by this thread; a progress listener cannot have another one encoded");
            }
            queue.addLast(current);
        }
        boolean entered = false;
        try {
            while (!entered) {
                check(cancelled);
                synchronized (queue) {
                    entered = current.equals(queue.peekFirst());
                    if (!entered) {
                        queue.wait(POLL_MILLIS);
                    }
                }
            }
        } catch (InterruptedException e) {
            current.interrupt();
            throw new CancellationException("interrupted while other images were being encoded");
        } finally {
            if (!entered) {
                leave();
            }
        }
    }

    private void leave() {
        synchronized (queue) {
            queue.remove(Thread.currentThread());
            queue.notifyAll();
        }
    }

    private void check(BooleanSupplier cancelled) {
        if (turn.closing() || cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled before an image was encoded");
        }
    }

    private EncodedImages.Use encode(PreparedImage image, BooleanSupplier cancelled, BlockListener progress) {
        EncodeEvent event = Flight.encode();
        long started = System.nanoTime();
        VisionTower encoder = tower(cancelled);
        Arena arena = Arena.ofShared();
        EncodedImages.Use use = null;
        try {
            MemorySegment out =
                    arena.allocate((long) image.content().tokens() * encoder.outputSize() * Float.BYTES, ALIGNMENT);
            try (Arena input = Arena.ofShared()) {
                MemorySegment rows = input.allocate(image.patchBytes(), ALIGNMENT);
                image.write(rows, cancelled);
                encode(encoder, rows, image, out, cancelled, progress);
            }
            use = cache.add(image.content(), arena, out);
        } finally {
            if (use == null) {
                arena.close();
            }
        }
        if (event != null) {
            event.commit(
                    model,
                    image.size().width(),
                    image.size().height(),
                    image.content().tokens());
        }
        LOG.debug(
                "{}: encoded an image of {} in {} ms", model, image.size(), (System.nanoTime() - started) / 1_000_000);
        return use;
    }

    private void encode(
            VisionTower encoder,
            MemorySegment rows,
            PreparedImage image,
            MemorySegment out,
            BooleanSupplier cancelled,
            BlockListener progress) {
        int blocks = encoder.config().depth();
        Turns turns = new Turns();
        turns.begin();
        try {
            encoder.encode(
                    rows,
                    image.gridHeight(),
                    image.gridWidth(),
                    out,
                    () -> turn.closing() || cancelled.getAsBoolean(),
                    done -> {
                        turns.end();
                        progress.update(done, blocks);
                        turns.begin();
                    });
        } finally {
            turns.end();
        }
    }

    /** The turns of one image. A turn that could not begin, because the model was closed meanwhile, does not end. */
    private final class Turns {
        private boolean begun;

        void begin() {
            turn.begin();
            begun = true;
        }

        void end() {
            if (begun) {
                begun = false;
                turn.end();
            }
        }
    }

    /** The tower; called by the first thread of the queue. */
    private VisionTower tower(BooleanSupplier cancelled) {
        VisionTower loaded = tower;
        if (loaded == null) {
            turn.begin();
            try {
                loaded = loader.load(() -> turn.closing() || cancelled.getAsBoolean());
                tower = loaded;
            } finally {
                turn.end();
            }
        }
        return loaded;
    }

    /** Frees the tower and the cached images; called when nothing is being encoded. */
    @Override
    public void close() {
        cache.release();
        if (tower != null) {
            tower.close();
            tower = null;
        }
    }
}
