package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class AnswerIteratorTest {

    private final AtomicInteger pulled = new AtomicInteger();
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final AtomicBoolean killed = new AtomicBoolean();
    private final CountDownLatch cancellation = new CountDownLatch(1);

    private Iterator<Row> input(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    pulled.incrementAndGet();
                    return RowFactory.create(i);
                })
                .iterator();
    }

    private AnswerIterator answers(int count, int window, Function<Row, RowAnswer> answerer) {
        return new AnswerIterator(
                input(count),
                answerer,
                window,
                () -> {
                    cancelled.set(true);
                    cancellation.countDown();
                },
                killed::get);
    }

    private static RowAnswer echo(Row row) {
        return new RowAnswer(row, 1, 1, false);
    }

    /** An answer that ends when it is cancelled. */
    private RowAnswer endless(Row row) {
        try {
            cancellation.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return echo(row);
    }

    @Test
    void keepsTheOrder() {
        CountDownLatch last = new CountDownLatch(1);
        try (AnswerIterator answers = answers(20, 4, row -> {
            if (row.getInt(0) == 0) {
                await(last);
            } else if (row.getInt(0) == 15) {
                last.countDown(); // rows behind the first one are answered while it runs
            }
            return echo(row);
        })) {
            List<Integer> order = new ArrayList<>();
            answers.forEachRemaining(answer -> order.add(answer.row().getInt(0)));
            assertEquals(IntStream.range(0, 20).boxed().toList(), order);
            assertThrows(NoSuchElementException.class, answers::next);
        }
    }

    @Test
    void pullsOnlyWhatItHasRoomFor() {
        try (AnswerIterator answers = answers(1000, 3, AnswerIteratorTest::echo)) {
            assertEquals(0, pulled.get());
            assertTrue(answers.hasNext());
            int looked = pulled.get();
            assertTrue(looked <= 1, () -> looked + " rows before the first answer");
            answers.next();
            int after = pulled.get();
            assertTrue(after <= 4 * 3 + 1, () -> after + " rows for the first answer");
        }
    }

    @Test
    void boundsTheAnswersInProgress() {
        Semaphore room = new Semaphore(3);
        try (AnswerIterator answers = answers(200, 3, row -> {
            assertTrue(room.tryAcquire(), "a fourth answer was begun");
            LockSupport.parkNanos(1);
            room.release();
            return echo(row);
        })) {
            int count = 0;
            while (answers.hasNext()) {
                answers.next();
                count++;
            }
            assertEquals(200, count);
        }
    }

    @Test
    void closingEndsTheAnswersInProgress() {
        AtomicInteger ended = new AtomicInteger();
        AnswerIterator answers = answers(10, 4, row -> {
            if (row.getInt(0) > 0) {
                endless(row);
            }
            ended.incrementAndGet();
            return echo(row);
        });
        answers.next();
        answers.close();
        assertTrue(cancelled.get());
        assertEquals(pulled.get(), ended.get());
        assertFalse(answers.hasNext());
        answers.close();
    }

    @Test
    void aKilledTaskEndsWhileItWaits() {
        AnswerIterator answers = answers(10, 4, row -> {
            killed.set(true);
            return endless(row);
        });
        assertThrows(TaskKilledException.class, answers::next);
        assertTrue(cancelled.get());
    }

    @Test
    void anInterruptedTaskEndsWhileItWaits() {
        Thread task = Thread.currentThread();
        AnswerIterator answers = answers(10, 4, row -> {
            task.interrupt();
            return endless(row);
        });
        assertThrows(TaskKilledException.class, answers::next);
        assertTrue(Thread.interrupted());
        assertTrue(cancelled.get());
    }

    @Test
    void aFailureEndsTheOthers() {
        AnswerIterator answers = answers(10, 4, row -> {
            if (row.getInt(0) == 1) {
                throw new IllegalStateException("the second row");
            }
            return row.getInt(0) == 0 ? echo(row) : endless(row);
        });
        assertEquals(0, answers.next().row().getInt(0));
        assertEquals(
                "the second row",
                assertThrows(IllegalStateException.class, answers::next).getMessage());
        assertTrue(cancelled.get());
        assertFalse(answers.hasNext());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
