package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.Cancellation;
import kawi.cli.LoadResult.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LoadRunTest {

    private static final LengthDistribution FIVE = LengthDistribution.parse("5", "");
    private static final LengthDistribution ANY = LengthDistribution.parse("uniform:1-9", "");

    private static LoadPlan plan(LoadPlan.Arrival arrival, long requests) {
        return new LoadPlan(arrival, FIVE, ANY, 1, requests, Long.MAX_VALUE);
    }

    /** A target that does what the test says. */
    private static class Target implements LoadTarget {

        final CountDownLatch aborted = new CountDownLatch(1);

        @Override
        public int answer(LoadPlan.Request request, Runnable piece)
                throws IOException, InterruptedException, BusyTargetException {
            piece.run();
            return request.answerTokens();
        }

        @Override
        public String description() {
            return "a target";
        }

        @Override
        public void abort() {
            aborted.countDown();
        }

        @Override
        public void close() {}
    }

    private static List<LoadResult> run(LoadTarget target, LoadPlan plan) throws InterruptedException {
        return new LoadRun(target, plan, new Cancellation(), run -> {}).run();
    }

    @Test
    void aPlanIsReproducible() {
        LoadPlan plan = plan(new LoadPlan.Closed(1), 10);
        LoadPlan.Request request = plan.request(7);
        LoadPlan.Request same = plan(new LoadPlan.Open(3), 99).request(7);
        assertArrayEquals(request.prompt(), same.prompt());
        assertEquals(request.answerTokens(), same.answerTokens());
        assertEquals(request.seed(), same.seed());
        assertTrue(List.of(1L, 2L, 3L, 4L).stream()
                .anyMatch(other -> plan.request(other).answerTokens() != request.answerTokens()));
    }

    @Test
    void asManyRequestsRunAsThereAreClients() throws InterruptedException {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        List<LoadResult> results = run(
                new Target() {
                    @Override
                    public int answer(LoadPlan.Request request, Runnable piece) throws InterruptedException {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        three.countDown();
                        assertTrue(three.await(60, TimeUnit.SECONDS));
                        running.decrementAndGet();
                        return 1;
                    }
                },
                plan(new LoadPlan.Closed(3), 20));
        assertEquals(20, results.size());
        assertEquals(3, most.get());
        assertTrue(results.stream().allMatch(LoadResult::completed));
    }

    @Test
    void everyRequestHasOneOutcome() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        List<LoadResult> results = run(
                new Target() {
                    @Override
                    public int answer(LoadPlan.Request request, Runnable piece)
                            throws IOException, BusyTargetException {
                        return switch (count.getAndIncrement() % 4) {
                            case 0 -> throw new BusyTargetException("busy");
                            case 1 -> throw new IOException("broken");
                            case 2 -> throw new IllegalStateException("wrong");
                            default -> 3;
                        };
                    }
                },
                plan(new LoadPlan.Closed(2), 40));
        assertEquals(
                10,
                results.stream()
                        .filter(result -> result.status() == Status.REJECTED)
                        .count());
        assertEquals(
                20,
                results.stream()
                        .filter(result -> result.status() == Status.FAILED)
                        .count());
        assertEquals(10, results.stream().filter(LoadResult::completed).count());
        assertTrue(results.stream().anyMatch(result -> result.problem().equals("input or output failed: broken")));
    }

    /**
     * While the target is stuck, requests keep arriving at their times, and those that could not be answered have
     * waited since then: the latencies of a stall that lasts from the first request to the last decrease.
     */
    @Test
    void aStallCountsForEveryRequestThatArrivesInIt() throws InterruptedException {
        CountDownLatch all = new CountDownLatch(30);
        List<LoadResult> results = new ArrayList<>(run(
                new Target() {
                    @Override
                    public int answer(LoadPlan.Request request, Runnable piece) throws InterruptedException {
                        all.countDown();
                        assertTrue(all.await(60, TimeUnit.SECONDS));
                        piece.run();
                        return 1;
                    }
                },
                plan(new LoadPlan.Open(100), 30)));
        assertEquals(30, results.size());
        results.sort(Comparator.comparingLong(LoadResult::intended));
        long last = results.getLast().intended();
        for (LoadResult result : results) {
            assertTrue(result.latency() >= last - result.intended());
            assertTrue(result.firstPiece() >= last - result.intended());
        }
        long stall = last - results.getFirst().intended();
        assertTrue(stall > 0);
    }

    @Test
    void arrivalsAreThoseOfAPoissonProcess() throws InterruptedException {
        List<LoadResult> results = new ArrayList<>(run(new Target(), plan(new LoadPlan.Open(20_000), 4000)));
        results.sort(Comparator.comparingLong(LoadResult::intended));
        double[] gaps = new double[results.size() - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = (results.get(i + 1).intended() - results.get(i).intended()) * 1e-9;
        }
        double mean = Arrays.stream(gaps).average().orElseThrow();
        double variance = Arrays.stream(gaps)
                .map(gap -> (gap - mean) * (gap - mean))
                .average()
                .orElseThrow();
        assertEquals(1 / 20_000.0, mean, 0.1 / 20_000);
        // The standard deviation of an exponential distribution is its mean.
        assertEquals(mean, Math.sqrt(variance), 0.1 * mean);
    }

    @Test
    void anInterruptedRunReportsWhatItHas() throws InterruptedException {
        Cancellation cancellation = new Cancellation();
        CountDownLatch stuck = new CountDownLatch(2);
        AtomicInteger count = new AtomicInteger();
        Target target = new Target() {
            @Override
            public int answer(LoadPlan.Request request, Runnable piece) throws InterruptedException {
                if (count.getAndIncrement() < 5) {
                    return 1;
                }
                stuck.countDown();
                aborted.await();
                throw new CancellationException();
            }
        };
        Thread interrupter = Thread.ofVirtual().start(() -> {
            try {
                stuck.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            cancellation.cancel();
        });
        List<LoadResult> results =
                new LoadRun(target, plan(new LoadPlan.Closed(2), 1000), cancellation, run -> {}).run();
        interrupter.join();
        List<Status> statuses =
                new ArrayList<>(results.stream().map(LoadResult::status).toList());
        assertEquals(5, Collections.frequency(statuses, Status.COMPLETED));
        assertEquals(2, Collections.frequency(statuses, Status.CANCELLED));
        assertEquals(7, statuses.size());
    }
}
