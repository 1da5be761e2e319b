package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyTaskRunsExactlyOnce(int threads) {
        Random random = new Random(threads);
        try (WorkerPool pool = new WorkerPool(threads)) {
            for (int region = 0; region < 3000; region++) {
                int tasks = random.nextInt(20);
                AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
                pool.run(tasks, runs::incrementAndGet);
                for (int i = 0; i < tasks; i++) {
                    assertEquals(1, runs.get(i), "runs of task " + i + " of region " + region);
                }
            }
        }
    }

    @Test
    void moreTasksThanOneRegionCounts() {
        AtomicIntegerArray runs = new AtomicIntegerArray(200_001);
        try (WorkerPool pool = new WorkerPool(2)) {
            pool.run(runs.length(), runs::incrementAndGet);
        }
        for (int i = 0; i < runs.length(); i++) {
            assertEquals(1, runs.get(i), "runs of task " + i);
        }
    }

    @Test
    void callersPassTheTimeWhileTheyWait() {
        assumeTrue(Runtime.getRuntime().availableProcessors() >= 2, "with one processor nobody polls");
        try (WorkerPool pool = new WorkerPool(2)) {
            CountDownLatch both = new CountDownLatch(2);
            CountDownLatch stepped = new CountDownLatch(1);
            List<Integer> steps = new ArrayList<>(); // of the caller, this thread
            pool.run(
                    2,
                    task -> {
                        both.countDown();
                        awaitQuietly(both);
                        if (task == 1) {
                            awaitQuietly(stepped);
                        }
                    },
                    (thread, step) -> {
                        if (thread == 0) {
                            steps.add(step);
                            stepped.countDown();
                        }
                        return step < 3;
                    });
            assertEquals(0, stepped.getCount(), "steps the worker waited for");
            for (int i = 0; i < steps.size(); i++) {
                assertEquals(Math.min(i, 3), steps.get(i), "step " + i);
            }
        }
    }

    @Test
    void parkedWorkersWakeUp() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            for (int region = 0; region < 10; region++) {
                Thread.sleep(5);
                CountDownLatch both = new CountDownLatch(2);
                pool.run(2, task -> {
                    both.countDown();
                    awaitQuietly(both);
                });
                assertEquals(0, both.getCount(), "tasks that met on two threads");
            }
        }
    }

    @Test
    void writesOfTasksAreVisibleToTheCallerAndTheNextRegion() {
        try (WorkerPool pool = new WorkerPool(3)) {
            int[] cells = new int[64];
            for (int region = 0; region < 5000; region++) {
                pool.run(cells.length, task -> cells[task]++);
            }
            int[] expected = new int[cells.length];
            Arrays.fill(expected, 5000);
            assertArrayEquals(expected, cells);
        }
    }

    @Test
    void callersTakeTurnsAndNeverExceedTheThreads() throws Exception {
        int threads = 2;
        AtomicInteger active = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger total = new AtomicInteger();
        try (WorkerPool pool = new WorkerPool(threads);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int caller = 0; caller < 12; caller++) {
                Random random = new Random(caller);
                calls.add(callers.submit(() -> {
                    for (int region = 0; region < 200; region++) {
                        AtomicInteger mine = new AtomicInteger();
                        int tasks = 1 + random.nextInt(6);
                        pool.run(tasks, task -> {
                            most.accumulateAndGet(active.incrementAndGet(), Math::max);
                            mine.incrementAndGet();
                            active.decrementAndGet();
                        });
                        assertEquals(tasks, mine.get());
                        total.incrementAndGet();
                    }
                }));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        }
        assertEquals(12 * 200, total.get());
        assertTrue(most.get() <= threads, most + " threads computed at once");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aFailingTaskFailsItsCallAndNothingElse(int threads) {
        Random random = new Random(threads);
        try (WorkerPool pool = new WorkerPool(threads)) {
            for (int region = 0; region < 500; region++) {
                int tasks = 1 + random.nextInt(40);
                int bad = random.nextInt(tasks);
                AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
                var thrown = assertThrows(
                        ArithmeticException.class,
                        () -> pool.run(tasks, task -> {
                            runs.incrementAndGet(task);
                            if (task == bad) {
                                throw new ArithmeticException("task " + task);
                            }
                        }));
                assertEquals("task " + bad, thrown.getMessage());
                for (int i = 0; i < tasks; i++) {
                    assertTrue(runs.get(i) <= 1, "task " + i + " ran twice");
                }
                AtomicInteger after = new AtomicInteger();
                pool.run(tasks, task -> after.incrementAndGet());
                assertEquals(tasks, after.get());
            }
        }
    }

    @Test
    void remainingTasksAreSkippedAfterAFailure() {
        try (WorkerPool pool = new WorkerPool(2)) {
            AtomicInteger runs = new AtomicInteger();
            assertThrows(
                    IllegalStateException.class,
                    () -> pool.run(1_000_000, task -> {
                        runs.incrementAndGet();
                        throw new IllegalStateException("at once");
                    }));
            assertTrue(runs.get() <= 2, runs + " tasks began, but there are two threads");
        }
    }

    @Test
    void simultaneousFailuresAreSuppressedByTheFirst() {
        try (WorkerPool pool = new WorkerPool(2)) {
            CountDownLatch both = new CountDownLatch(2);
            var thrown = assertThrows(
                    IllegalStateException.class,
                    () -> pool.run(2, task -> {
                        both.countDown();
                        awaitQuietly(both);
                        throw new IllegalStateException("task " + task);
                    }));
            assertEquals(1, thrown.getSuppressed().length);
            assertNotEquals(thrown.getMessage(), thrown.getSuppressed()[0].getMessage());

            CountDownLatch again = new CountDownLatch(2);
            Error same = new Error("the same object from both");
            assertSame(
                    same,
                    assertThrows(
                            Error.class,
                            () -> pool.run(2, task -> {
                                again.countDown();
                                awaitQuietly(again);
                                throw same;
                            })));
        }
    }

    @Test
    void aNestedRegionRunsInPlace() {
        try (WorkerPool pool = new WorkerPool(3)) {
            AtomicInteger inner = new AtomicInteger();
            pool.run(8, outer -> {
                Thread here = Thread.currentThread();
                pool.run(5, task -> {
                    assertSame(here, Thread.currentThread());
                    inner.incrementAndGet();
                });
            });
            assertEquals(40, inner.get());
        }
    }

    @Test
    void anInterruptDoesNotBreakARegion() {
        try (WorkerPool pool = new WorkerPool(2)) {
            AtomicInteger runs = new AtomicInteger();
            CountDownLatch both = new CountDownLatch(2);
            Thread caller = Thread.currentThread();
            pool.run(2, task -> {
                both.countDown();
                awaitQuietly(both);
                if (!Thread.currentThread().equals(caller)) {
                    caller.interrupt();
                    sleepQuietly(20);
                }
                runs.incrementAndGet();
            });
            assertEquals(2, runs.get());
            assertTrue(Thread.interrupted(), "the interrupt is still to be seen");
            pool.run(4, task -> runs.incrementAndGet());
            assertEquals(6, runs.get());
        }
    }

    @Test
    void anInterruptedCallerStillRuns() {
        try (WorkerPool pool = new WorkerPool(2)) {
            Thread.currentThread().interrupt();
            AtomicInteger runs = new AtomicInteger();
            pool.run(10, task -> runs.incrementAndGet());
            assertEquals(10, runs.get());
            assertTrue(Thread.interrupted(), "the interrupt is still to be seen");
        }
    }

    @Test
    void closeEndsTheThreads() throws InterruptedException {
        List<Thread> others = workers();
        WorkerPool pool = new WorkerPool(4);
        List<Thread> workers =
                workers().stream().filter(thread -> !others.contains(thread)).toList();
        assertEquals(3, workers.size(), workers::toString);
        assertTrue(workers.stream().allMatch(Thread::isDaemon), "workers are daemons");
        pool.run(100, task -> {});
        pool.close();
        for (Thread worker : workers) {
            worker.join(TimeUnit.SECONDS.toMillis(10));
            assertFalse(worker.isAlive(), () -> worker + " lives on");
        }
        pool.close();
        assertThrows(IllegalStateException.class, () -> pool.run(1, task -> {}));
        assertThrows(IllegalStateException.class, () -> pool.run(0, task -> {}));
    }

    @Test
    void closeWaitsForACallInProgress() throws Exception {
        WorkerPool pool = new WorkerPool(2);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        try (ExecutorService callers = Executors.newSingleThreadExecutor()) {
            Future<?> call = callers.submit(() -> pool.run(20, task -> {
                begun.countDown();
                sleepQuietly(2);
                runs.incrementAndGet();
            }));
            begun.await();
            pool.close();
            assertEquals(20, runs.get());
            call.get();
        }
    }

    @Test
    void aTaskCannotCloseItsPool() {
        WorkerPool pool = new WorkerPool(2);
        assertThrows(IllegalStateException.class, () -> pool.run(2, task -> pool.close()));
        pool.run(2, task -> {});
        pool.close();
    }

    @Test
    void oneThreadStartsNone() {
        List<Thread> others = workers(); // some of which may be ending
        try (WorkerPool pool = new WorkerPool(1)) {
            assertTrue(others.containsAll(workers()));
            Thread here = Thread.currentThread();
            pool.run(3, task -> assertSame(here, Thread.currentThread()));
        }
    }

    @Test
    void senselessNumbersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
        try (WorkerPool pool = new WorkerPool(1)) {
            assertThrows(IllegalArgumentException.class, () -> pool.run(-1, task -> {}));
        }
    }

    private static List<Thread> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("kawi-worker-"))
                .toList();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sleepQuietly(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
