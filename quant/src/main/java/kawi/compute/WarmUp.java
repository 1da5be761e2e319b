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
import kawi.kernels.KvFormat;
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
 * <p>So a thread runs {@link WarmUpSteps}, from before the weights are packed until every kernel is fast: round after
 * round, because the compiler works in the background, in an order of its own. What has been warmed up once in a JVM
 * stays so.
 */
public final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /**
     * How long {@link #close} waits. Two processors need about four seconds for everything, packing the weights
     * included; giving up earlier only moves the rest into the first prompt, where it takes longer.
     */
    private static final long MAX_WAIT_MILLIS = 3000;

    /** A round of all steps takes some 20 us once they are compiled, and milliseconds before. */
    private static final long FAST_NANOS = 100_000;

    /** Between rounds, so that the compiler gets the processor. */
    private static final long PAUSE_MILLIS = 2;

    /** Runs of a step in a row: enough that a new step soon is among the compiler's tasks. */
    private static final int BURST = 100;

    /** What has been warmed up already: names of weight formats, and formats of keys and values. */
    private static final Set<Object> BEGUN = ConcurrentHashMap.newKeySet();

    private final Kernels kernels;
    private final KvFormat keysAndValues;
    private final Queue<WeightFormat> wanted = new ConcurrentLinkedQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean complete;
    private volatile boolean stopped;

    /** Starts with everything but the products. */
    WarmUp(Kernels kernels, KvFormat keysAndValues) {
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
        // Shared, as the memory of models is.
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
            // An interrupt can only mean that this thread should end.
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

    /** The time of a round in nanoseconds, the least of three because some are interrupted. */
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
