package kawi.kernels;

/** Threads of one model: the calling thread and {@code threads - 1} workers. */
public final class WorkerPool implements AutoCloseable {

    /** Work divided into {@code tasks} parts that may run in any order on any thread. */
    @FunctionalInterface
    public interface Task {
        void run(int task);
    }

    private final int threads;

    public WorkerPool(int threads) {
        this.threads = threads;
    }

    public int threads() {
        return threads;
    }

    /** Runs {@code task} for 0 to {@code tasks - 1} and returns when all have run; a failure is thrown here. */
    public void run(int tasks, Task task) {
        for (int i = 0; i < tasks; i++) {
            task.run(i);
        }
    }

    @Override
    public void close() {}
}
