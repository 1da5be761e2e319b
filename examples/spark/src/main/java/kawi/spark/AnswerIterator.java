package kawi.spark;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;

/**
 * The answers to the rows of a partition, in their order.
 *
 * <p>Rows are pulled from the input when an answer is asked for, by the thread that asks, until a number of answers is
 * in progress, each on a virtual thread. While the oldest row is not finished, others that are make room for further
 * ones, up to a number of finished answers that wait for their turn.
 *
 * <p>Not safe for use by multiple threads.
 */
final class AnswerIterator implements Iterator<RowAnswer>, AutoCloseable {

    /** For each answer in progress, the number of rows that are in progress or wait for their turn. */
    private static final int HELD_PER_RUNNING = 4;

    /** How often a waiting task checks whether it has been killed. */
    private static final long KILL_CHECK_MILLISECONDS = 100;

    private final Iterator<Row> rows;
    private final Function<Row, RowAnswer> answerer;
    private final int window;
    private final Runnable cancel;
    private final BooleanSupplier killed;
    private final ArrayDeque<CompletableFuture<RowAnswer>> held = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("kawi-row-", 0).factory());

    /** A permit for each answer that has ended since {@link #running} was last updated. */
    private final Semaphore ended = new Semaphore(0);

    private int running;
    private boolean closed;

    /**
     * Creates an iterator that has not pulled anything yet.
     *
     * @param answerer called by several threads at once
     * @param window how many answers are in progress at most
     * @param cancel ends all answers in progress
     * @param killed whether the answers are no longer wanted
     */
    AnswerIterator(
            Iterator<Row> rows,
            Function<Row, RowAnswer> answerer,
            int window,
            Runnable cancel,
            BooleanSupplier killed) {
        this.rows = rows;
        this.answerer = answerer;
        this.window = window;
        this.cancel = cancel;
        this.killed = killed;
    }

    @Override
    public boolean hasNext() {
        return !closed && (!held.isEmpty() || rows.hasNext());
    }

    @Override
    public RowAnswer next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        try {
            fill();
            CompletableFuture<RowAnswer> oldest = held.element();
            while (!oldest.isDone()) {
                if (killed.getAsBoolean()) {
                    throw new TaskKilledException("the answers of this task are no longer wanted");
                }
                if (ended.tryAcquire(KILL_CHECK_MILLISECONDS, TimeUnit.MILLISECONDS)) {
                    running--;
                    fill();
                }
            }
            held.remove();
            return oldest.join();
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new TaskKilledException("the task was interrupted while it waited for an answer");
        } catch (CompletionException e) {
            close();
            throw e.getCause() instanceof RuntimeException failure
                    ? failure
                    : new IllegalStateException("an answer failed", e.getCause());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void fill() {
        running -= ended.drainPermits();
        while (running < window && held.size() < HELD_PER_RUNNING * window && rows.hasNext()) {
            Row row = rows.next();
            var answer = new CompletableFuture<RowAnswer>();
            threads.execute(() -> complete(answer, row));
            held.add(answer);
            running++;
        }
    }

    private void complete(CompletableFuture<RowAnswer> answer, Row row) {
        try {
            answer.complete(answerer.apply(row));
        } catch (Throwable e) {
            answer.completeExceptionally(e);
        } finally {
            ended.release();
        }
    }

    /** Ends the answers in progress and waits until they have ended. Further calls have no effect. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            cancel.run();
            held.clear();
            threads.close();
        }
    }
}
