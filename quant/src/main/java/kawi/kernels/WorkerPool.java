package kawi.kernels;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads of one model: the calling thread and {@code threads - 1} daemon workers.
 *
 * <p>Any number of threads, including virtual ones, may call {@link #run} concurrently: their calls are executed in the
 * order of arrival, so that never more than {@code threads} threads compute. A {@code run} from inside a task runs in
 * place. An interrupt does not end a call early; the interrupt status is preserved.
 */
public final class WorkerPool implements AutoCloseable {

    /*
     * One region (one call of run) at a time, guarded by a fair lock. The region lives in fields of the pool, so a call
     * allocates nothing:
     *
     *    claims    region number << 32 | end << 16 | front     tasks front to end - 1 are not yet claimed; one CAS
     *    claims one pending   tasks not yet finished                      the caller waits for 0
     *
     * The caller claims from the front, workers from the back, so that each knows where in the next region it is going
     * to begin.
     *
     * Only a successful CAS on claims gives the right to read `task` and `tasks`. It proves that the region of that
     * number still has a task to run, and a region cannot end, nor the fields change, before its last task has
     * finished.
     *
     * Waking: a worker announces itself in `parked`, then looks at claims once more, then parks; the caller writes
     * claims, then looks at `parked`. Both fields are volatile, so one of the two sees the other.
     */

    /** Work divided into {@code tasks} parts that may run in any order on any thread. */
    @FunctionalInterface
    public interface Task {
        void run(int task);
    }

    /** The work of threads while they wait: short steps, any of which may be skipped. */
    @FunctionalInterface
    public interface IdleTask {

        /**
         * Runs a step.
         *
         * @param thread 0 for the caller of {@link #run}, 1 and so on for the workers
         * @param step counted from 0 in each thread
         * @return false if there is none
         */
        boolean step(int thread, int step);
    }

    public static final IdleTask NO_IDLE_TASK = (_, _) -> false;

    /** Tasks of one region: what the halves of {@link #claims} can count. */
    private static final int MAX_TASKS = 0xffff;

    /** How long an idle worker, or a caller without tasks to claim, polls before it parks. */
    private static final long SPIN_NANOS = 40_000;

    /** Polls between two checks of the clock. */
    private static final int SPINS_PER_CLOCK = 32;

    private static final Task NOTHING = task -> {};

    private final int threads;
    private final long spinNanos;
    private final Worker[] workers;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final AtomicLong claims = new AtomicLong();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private Task task = NOTHING;
    private int firstTask;
    private volatile IdleTask idleTask = NO_IDLE_TASK;
    private int callerSteps;
    private volatile @Nullable Thread caller;
    private volatile boolean closed;

    /**
     * Starts {@code threads - 1} workers.
     *
     * @param threads threads that compute, the calling one included; at least 1
     */
    public WorkerPool(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("a worker pool of " + threads + " threads: at least 1 is needed");
        }
        this.threads = threads;
        // More threads than processors: a polling thread would prevent the thread that it waits for from running.
        this.spinNanos = threads <= Runtime.getRuntime().availableProcessors() ? SPIN_NANOS : 0;
        this.workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
        }
        try {
            for (Worker worker : workers) {
                worker.start();
            }
        } catch (OutOfMemoryError noMoreThreads) {
            close();
            throw noMoreThreads;
        }
    }

    /** The number of threads that compute, including the calling one. */
    public int threads() {
        return threads;
    }

    /**
     * Runs {@code task} for 0 to {@code tasks - 1} and returns when all have run.
     *
     * <p>The first exception of a task is thrown here, with those of tasks that ran at the same time as its suppressed
     * ones; tasks that had not begun by then are skipped. The pool stays usable.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public void run(int tasks, Task task) {
        run(tasks, task, null);
    }

    /**
     * The same; threads that wait meanwhile or afterwards run {@code idleTask}, or continue with the previous one if it
     * is null.
     */
    public void run(int tasks, Task task, @Nullable IdleTask idleTask) {
        if (tasks < 0) {
            throw new IllegalArgumentException("a region of " + tasks + " tasks");
        }
        if (insideRegion()) {
            for (int i = 0; i < tasks; i++) {
                task.run(i);
            }
            return;
        }
        turn.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the worker pool is closed");
            }
            if (idleTask != null && !idleTask.equals(this.idleTask)) {
                this.idleTask = idleTask;
                callerSteps = 0;
            }
            for (int first = 0, part; first < tasks; first += part) {
                part = Math.min(MAX_TASKS, tasks - first);
                runRegion(first, part, task);
            }
        } finally {
            turn.unlock();
        }
    }

    private boolean insideRegion() {
        return turn.isHeldByCurrentThread()
                || (Thread.currentThread() instanceof Worker worker && worker.pool() == this);
    }

    private void runRegion(int firstTask, int tasks, Task task) {
        this.task = task;
        this.firstTask = firstTask;
        pending.set(tasks);
        claims.set(((claims.get() >>> 32) + 1) << 32 | (long) tasks << 16);
        wakeWorkers(tasks - 1);
        runClaimed(true);
        awaitPending();
        this.task = NOTHING;
        switch (failure.getAndSet(null)) {
            case null -> {}
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case Throwable thrown -> throw new IllegalStateException("a task threw a checked exception", thrown);
        }
    }

    private void wakeWorkers(int useful) {
        for (int i = 0; i < workers.length && i < useful; i++) {
            if (workers[i].parked) {
                LockSupport.unpark(workers[i]);
            }
        }
    }

    private static int unclaimed(long claims) {
        return end(claims) - front(claims);
    }

    private static int front(long claims) {
        return (int) claims & MAX_TASKS;
    }

    private static int end(long claims) {
        return (int) claims >>> 16;
    }

    /** Claims and runs tasks of the current region until none is left. */
    private void runClaimed(boolean fromFront) {
        for (long seen = claims.get(); unclaimed(seen) > 0; seen = claims.get()) {
            if (claims.compareAndSet(seen, fromFront ? seen + 1 : seen - (1 << 16))) {
                int finished = 1;
                try {
                    task.run(firstTask + (fromFront ? front(seen) : end(seen) - 1));
                } catch (Throwable thrown) {
                    record(thrown);
                    finished += skipUnclaimed();
                }
                finish(finished);
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // an exception cannot be suppressed by itself
    private void record(Throwable thrown) {
        if (!failure.compareAndSet(null, thrown)) {
            Throwable first = failure.get();
            if (first != null && first != thrown) {
                first.addSuppressed(thrown);
            }
        }
    }

    private int skipUnclaimed() {
        long seen = claims.getAndUpdate(c -> c & ~0xffff_ffffL);
        return unclaimed(seen);
    }

    private void finish(int finished) {
        if (pending.addAndGet(-finished) == 0) {
            Thread waiting = caller;
            if (waiting != null) {
                LockSupport.unpark(waiting);
            }
        }
    }

    private void awaitPending() {
        if (pending.get() == 0 || spinUntilFinished()) {
            return;
        }
        boolean interrupted = false;
        caller = Thread.currentThread();
        while (pending.get() > 0) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        caller = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean spinUntilFinished() {
        if (spinNanos == 0) {
            return false;
        }
        long start = System.nanoTime();
        do {
            for (int i = 0; i < SPINS_PER_CLOCK; i++) {
                if (pending.get() == 0) {
                    return true;
                }
                if (idleTask.step(0, callerSteps)) {
                    callerSteps++;
                } else {
                    Thread.onSpinWait();
                }
            }
        } while (System.nanoTime() - start < spinNanos);
        return false;
    }

    /**
     * Ends the workers and waits until they have ended. Calls in progress finish first; later ones throw.
     *
     * @throws IllegalStateException if called from inside a task of this pool
     */
    @Override
    public void close() {
        if (insideRegion()) {
            throw new IllegalStateException("a task cannot close the worker pool that runs it");
        }
        turn.lock();
        try {
            closed = true;
            for (Worker worker : workers) {
                LockSupport.unpark(worker);
            }
        } finally {
            turn.unlock();
        }
        boolean interrupted = false;
        for (Worker worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker extends Thread {

        private final int number;
        private volatile boolean parked;
        private IdleTask begun = NO_IDLE_TASK;
        private int steps;

        Worker(int number) {
            super("kawi-worker-" + number);
            setDaemon(true);
            this.number = number;
        }

        WorkerPool pool() {
            return WorkerPool.this;
        }

        @Override
        public void run() {
            while (awaitTasks()) {
                runClaimed(false);
            }
        }

        /** Returns true when there is something to claim, false when the pool is closed. */
        private boolean awaitTasks() {
            if (spinNanos > 0 && spinUntilTasks()) {
                return true;
            }
            parked = true;
            while (unclaimed(claims.get()) == 0 && !closed) {
                LockSupport.park(WorkerPool.this);
                // Clear the interrupt status: with a pending interrupt, parking would become polling.
                Thread.interrupted();
            }
            parked = false;
            return !closed;
        }

        @SuppressWarnings("ReferenceEquality") // the same one continues where it was left
        private void passTime() {
            IdleTask current = idleTask;
            if (current != begun) {
                begun = current;
                steps = 0;
            }
            if (current.step(number, steps)) {
                steps++;
            } else {
                Thread.onSpinWait();
            }
        }

        private boolean spinUntilTasks() {
            long start = System.nanoTime();
            do {
                for (int i = 0; i < SPINS_PER_CLOCK; i++) {
                    if (unclaimed(claims.get()) > 0) {
                        return true;
                    }
                    passTime();
                }
            } while (System.nanoTime() - start < spinNanos);
            return false;
        }
    }
}
