package kawi.compute;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import kawi.kernels.WorkerPool;

/**
 * Time and memory traffic of a model by kind of operation. Time is that of the thread that runs an operation, from its
 * beginning to its end:
 *
 * <pre>
 *    time       of the caller, including the wait for the last task
 *    busy       time in tasks, of all threads; an operation without tasks keeps one thread busy
 *    waiting    time - busy / threads                what the threads together wait, in time of the caller
 * </pre>
 *
 * Bytes are those of weights, keys and values, and recurrent states, each counted once per operation. Activations are
 * not counted, because they stay in the caches.
 *
 * <p>Operations are begun and ended by one thread at a time, tasks run on any thread, and any thread may read. Nothing
 * is allocated.
 */
public final class Counters {

    /** The counters of one kind of operation. */
    private static final class Sum {

        private final AtomicLong calls = new AtomicLong();
        private final AtomicLong nanos = new AtomicLong();
        private final AtomicLong waitingNanos = new AtomicLong();
        private final AtomicLong readBytes = new AtomicLong();
        private final AtomicLong writtenBytes = new AtomicLong();

        void add(long time, long waiting, long read, long written) {
            calls.incrementAndGet();
            nanos.addAndGet(time);
            waitingNanos.addAndGet(waiting);
            readBytes.addAndGet(read);
            writtenBytes.addAndGet(written);
        }
    }

    private final int threads;
    private final Map<Operation, Sum> sums = new EnumMap<>(Operation.class);

    /** Time in the tasks of the operation in progress. */
    private final AtomicLong busyNanos = new AtomicLong();

    private final WorkerPool.Task timed = this::runTimed;
    private WorkerPool.Task task = _ -> {};

    /** @param threads the number of threads that compute */
    public Counters(int threads) {
        this.threads = threads;
        for (Operation operation : Operation.values()) {
            sums.put(operation, new Sum());
        }
    }

    /** Returns a task that runs {@code task} and counts its time. One at a time. */
    WorkerPool.Task timed(WorkerPool.Task task) {
        this.task = task;
        return timed;
    }

    private void runTimed(int number) {
        long begun = System.nanoTime();
        try {
            task.run(number);
        } finally {
            busyNanos.addAndGet(System.nanoTime() - begun);
        }
    }

    /** Counts an operation on the threads of the pool that ends now. */
    void add(Operation operation, long begun, long read, long written) {
        long time = System.nanoTime() - begun;
        long busy = busyNanos.getAndSet(0);
        long waiting = Math.max(0, time - (busy > 0 ? busy : time) / threads);
        sum(operation).add(time, waiting, read, written);
    }

    /** Counts the sampling of a token that ends now; other threads may compute meanwhile. */
    public void sampled(long begun) {
        sum(Operation.SAMPLING).add(System.nanoTime() - begun, 0, 0, 0);
    }

    /** Counts a wait for callers that ends now. */
    public void gathered(long begun) {
        long time = System.nanoTime() - begun;
        sum(Operation.GATHERING).add(time, time, 0, 0);
    }

    private Sum sum(Operation operation) {
        return Objects.requireNonNull(sums.get(operation));
    }

    /** The number of operations of a kind. */
    public long calls(Operation operation) {
        return sum(operation).calls.get();
    }

    /** The time of operations of a kind. */
    public long nanos(Operation operation) {
        return sum(operation).nanos.get();
    }

    /** The part of the time during which threads waited. */
    public long waitingNanos(Operation operation) {
        return sum(operation).waitingNanos.get();
    }

    /** The bytes read by operations of a kind. */
    public long readBytes(Operation operation) {
        return sum(operation).readBytes.get();
    }

    /** The bytes written by operations of a kind. */
    public long writtenBytes(Operation operation) {
        return sum(operation).writtenBytes.get();
    }
}
