package kawi.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import kawi.Cancellation;
import kawi.cli.LoadResult.Status;

/** Sends the requests of a plan, each on a virtual thread, and collects what becomes of them. */
final class LoadRun {

    private static final long POLL_NANOS = 100_000_000;

    private final LoadTarget target;
    private final LoadPlan plan;
    private final Cancellation cancellation;
    private final Runnable progress;
    private final List<LoadResult> results = new ArrayList<>();
    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong tokens = new AtomicLong();
    private final long start = System.nanoTime();

    /**
     * @param cancellation ends the run early
     * @param progress called from time to time
     */
    LoadRun(LoadTarget target, LoadPlan plan, Cancellation cancellation, Consumer<LoadRun> progress) {
        this.target = target;
        this.plan = plan;
        this.cancellation = cancellation;
        this.progress = () -> progress.accept(this);
    }

    /** Returns the number of requests that are being answered. */
    int running() {
        return running.get();
    }

    /** Returns the number of tokens of completed answers. */
    long tokens() {
        return tokens.get();
    }

    /** Returns the number of requests that have been sent. */
    long sent() {
        return Math.min(next.get(), plan.requests());
    }

    double seconds() {
        return (System.nanoTime() - start) * 1e-9;
    }

    /** Runs the plan to its end. */
    List<LoadResult> run() throws InterruptedException {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            switch (plan.arrival()) {
                case LoadPlan.Closed(int clients) -> {
                    for (int i = 0; i < clients; i++) {
                        threads.execute(this::client);
                    }
                }
                case LoadPlan.Open(double perSecond) -> arrivals(perSecond, threads);
            }
            threads.shutdown();
            boolean aborted = false;
            while (!threads.awaitTermination(POLL_NANOS, TimeUnit.NANOSECONDS)) {
                progress.run();
                if (cancellation.isCancelled() && !aborted) {
                    aborted = true;
                    target.abort();
                }
            }
        } finally {
            threads.shutdownNow();
        }
        synchronized (results) {
            return List.copyOf(results);
        }
    }

    private boolean hasEnded(long now) {
        return cancellation.isCancelled() || now - start >= plan.nanos();
    }

    private void client() {
        while (!hasEnded(System.nanoTime())) {
            long index = next.getAndIncrement();
            if (index >= plan.requests()) {
                return;
            }
            send(index, System.nanoTime());
        }
    }

    /** Sends requests at their times. If this thread is late, they still count from when they should have been sent. */
    private void arrivals(double perSecond, ExecutorService threads) {
        SplittableRandom random = plan.arrivals();
        double time = 0;
        for (long i = 0; i < plan.requests(); i++) {
            time += random.nextExponential() / perSecond * 1e9;
            if (time >= plan.nanos()) {
                return;
            }
            long intended = start + (long) time;
            for (long now = System.nanoTime(); now < intended; now = System.nanoTime()) {
                if (cancellation.isCancelled()) {
                    return;
                }
                LockSupport.parkNanos(Math.min(POLL_NANOS, intended - now));
                progress.run();
            }
            long index = next.getAndIncrement();
            threads.execute(() -> send(index, intended));
        }
    }

    private void send(long index, long intended) {
        LoadPlan.Request request = plan.request(index);
        Times times = new Times();
        Status status = Status.COMPLETED;
        int count = 0;
        String problem = "";
        running.incrementAndGet();
        try {
            count = target.answer(request, times);
            tokens.addAndGet(count);
        } catch (LoadTarget.BusyTargetException e) {
            status = Status.REJECTED;
            problem = String.valueOf(e.getMessage());
        } catch (CancellationException | InterruptedException e) {
            status = Status.CANCELLED;
        } catch (Exception e) {
            status = cancellation.isCancelled() ? Status.CANCELLED : Status.FAILED;
            problem = Failure.sentence(e);
        } finally {
            running.decrementAndGet();
        }
        long end = System.nanoTime();
        LoadResult result = new LoadResult(status, intended, end, times.all(), request.prompt().length, count, problem);
        synchronized (results) {
            results.add(result);
        }
    }

    /** Takes the time of each call, by one thread. */
    private static final class Times implements Runnable {

        private long[] times = new long[64];
        private int count;

        @Override
        public void run() {
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count++] = System.nanoTime();
        }

        long[] all() {
            return Arrays.copyOf(times, count);
        }
    }
}
