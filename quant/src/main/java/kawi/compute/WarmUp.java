package kawi.compute;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kawi.kernels.Kernels;
import kawi.kernels.KvFormats;
import kawi.kernels.PagePool;
import kawi.kernels.WorkerPool;
import kawi.quant.WeightFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the JVM compile the kernels of the vector tier before the first prompt needs them. Until its optimizing
 * compiler has compiled them, each operation on a vector is a call that creates an object and processes the lanes one
 * by one, about a thousand times slower than the instruction it becomes. A kernel must run some thousand times before
 * it is compiled, which takes seconds on the matrices of a model.
 *
 * <p>A thread runs {@link WarmUpSteps} repeatedly, from before the weights are packed until every kernel is compiled,
 * because the compiler works in the background, in an order of its own. The result is kept for the lifetime of the JVM.
 */
public final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /**
     * The maximum time that {@link #close} waits. Two processors need about four seconds for everything, including
     * packing the weights; a shorter limit only moves the rest into the first prompt, where it takes longer.
     */
    private static final long MAX_WAIT_MILLIS = 3000;

    /** A round of all steps takes about 20 us when they are compiled, and milliseconds before. */
    private static final long FAST_NANOS = 100_000;

    /** The pause between rounds, which leaves the processor to the compiler. */
    private static final long PAUSE_MILLIS = 2;

    /** Consecutive runs of a step: sufficient that a new step is soon queued for compilation. */
    private static final int BURST = 100;

    /** What has been compiled already: names of weight formats, and formats of keys and values. */
    private static final Set<Object> BEGUN = ConcurrentHashMap.newKeySet();

    private final Kernels kernels;
    private final KvFormats keysAndValues;
    private final Queue<WeightFormat> wanted = new ConcurrentLinkedQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean complete;
    private volatile boolean stopped;

    /** Starts with everything except the products. */
    WarmUp(Kernels kernels, KvFormats keysAndValues) {
        this.kernels = kernels;
        this.keysAndValues = keysAndValues;
        Thread thread = new Thread(this::run, "kawi-warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    /** Includes products with weights of this format. */
    void include(WeightFormat format) {
        if (BEGUN.add(format.name())) {
            wanted.add(format);
        }
    }

    /** Waits a limited time until everything is compiled; nothing can be included afterwards. */
    @Override
    public void close() {
        complete = true;
        try {
            if (!ended.await(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.debug("the first prompt will be slow: the JVM is still compiling the vector kernels");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopped = true;
    }

    private void run() {
        long begun = System.nanoTime();
        // Shared, like the memory of models.
        try (Arena arena = Arena.ofShared();
                PagePool pages = new PagePool();
                WorkerPool pool = new WorkerPool(1)) {
            WarmUpSteps tiles = new WarmUpSteps(kernels, arena, pages);
            List<Runnable> steps = new ArrayList<>();
            if (BEGUN.add(keysAndValues)) {
                steps.addAll(tiles.delta());
                steps.addAll(tiles.attention(keysAndValues));
                steps.addAll(tiles.rows());
            }
            while (!stopped) {
                boolean last = complete;
                for (WeightFormat format = wanted.poll(); format != null; format = wanted.poll()) {
                    steps.addAll(tiles.products(format, pool));
                }
                for (Runnable step : steps) {
                    burst(step);
                }
                if (fastestRound(steps) < FAST_NANOS && last) {
                    LOG.debug("the vector kernels were compiled in {} ms", (System.nanoTime() - begun) / 1_000_000);
                    return;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // An interrupt means that this thread should end.
            LOG.debug("warming up was interrupted");
        } finally {
            ended.countDown();
        }
    }

    private void burst(Runnable step) {
        for (int i = 0; i < BURST && !stopped; i++) {
            step.run();
        }
    }

    /** The time of a round in nanoseconds: the minimum of three, because some are interrupted. */
    private static long fastestRound(List<Runnable> steps) {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            for (Runnable step : steps) {
                step.run();
            }
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        return fastest;
    }
}
