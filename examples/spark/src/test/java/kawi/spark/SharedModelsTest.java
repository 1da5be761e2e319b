package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.Model;
import kawi.ModelLoader;
import kawi.demo.DemoModel;
import org.apache.spark.TaskKilledException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedModelsTest {

    private static final AtomicInteger LOADS = new AtomicInteger();
    private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
    private static volatile CountDownLatch start = new CountDownLatch(0);

    private final SharedModels models = new SharedModels();

    private static ModelLoader count() {
        LOADS.incrementAndGet();
        try {
            start.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (FAILURES_LEFT.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("the disk is on fire");
        }
        return DemoModel.loader();
    }

    /** A new lambda expression for each number that it captures, and each time another object. */
    private static ModelSource source(int number) {
        return () -> number < 0 ? DemoModel.loader() : count();
    }

    @BeforeEach
    void reset() {
        LOADS.set(0);
        FAILURES_LEFT.set(0);
        start = new CountDownLatch(0);
    }

    @AfterEach
    void close() {
        models.closeAll();
    }

    @Test
    void tasksThatComeTogetherWaitForOneModel() throws Exception {
        start = new CountDownLatch(1);
        List<Future<Model>> tasks = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(8);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                tasks.add(threads.submit(() -> {
                    begun.countDown();
                    return models.acquire(source(1), () -> false).model();
                }));
            }
            begun.await();
            start.countDown();
        }
        for (Future<Model> task : tasks) {
            assertSame(tasks.getFirst().get(), task.get());
        }
        assertEquals(1, LOADS.get());
    }

    @Test
    void aModelOutlivesItsTasks() {
        Model first;
        try (var lease = models.acquire(source(1), () -> false)) {
            first = lease.model();
        }
        try (var lease = models.acquire(source(1), () -> false)) {
            assertSame(first, lease.model());
            assertEquals(
                    1,
                    lease.model()
                            .prompt("Hello")
                            .maxTokens(1)
                            .generate()
                            .tokens()
                            .size());
        }
    }

    @Test
    void anUnusedModelIsClosedForAnotherOne() {
        Model unused;
        try (var lease = models.acquire(source(1), () -> false)) {
            unused = lease.model();
        }
        try (var used = models.acquire(source(2), () -> false);
                var other = models.acquire(source(3), () -> false)) {
            assertThrows(
                    IllegalStateException.class,
                    () -> unused.prompt("Hello").maxTokens(1).generate());
            assertNotSame(used.model(), other.model());
            assertEquals(
                    1,
                    used.model()
                            .prompt("Hello")
                            .maxTokens(1)
                            .generate()
                            .tokens()
                            .size());
        }
    }

    @Test
    void aFailureIsReportedAndForgotten() {
        FAILURES_LEFT.set(1);
        var failure = assertThrows(IllegalStateException.class, () -> models.acquire(source(1), () -> false));
        assertEquals("the model of this executor could not be loaded: the disk is on fire", failure.getMessage());
        try (var lease = models.acquire(source(1), () -> false)) {
            assertEquals(2, LOADS.get());
            assertTrue(lease.model().contextLength() > 0);
        }
    }

    @Test
    void aKilledTaskDoesNotWait() {
        start = new CountDownLatch(1);
        assertThrows(TaskKilledException.class, () -> models.acquire(source(1), () -> true));
        start.countDown();
        try (var lease = models.acquire(source(1), () -> false)) {
            assertEquals(1, LOADS.get(), "the model that the killed task has asked for is used");
            assertTrue(lease.model().contextLength() > 0);
        }
    }

    @Test
    void aLeaseEndsOnce() {
        var lease = models.acquire(source(1), () -> false);
        var other = models.acquire(source(1), () -> false);
        lease.close();
        lease.close();
        assertThrows(IllegalStateException.class, lease::model);
        models.acquire(source(2), () -> false).close();
        assertEquals(
                1,
                other.model().prompt("Hello").maxTokens(1).generate().tokens().size());
    }
}
