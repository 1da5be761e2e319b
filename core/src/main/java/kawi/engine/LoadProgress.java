package kawi.engine;

import java.util.function.LongConsumer;
import kawi.Progress;

/**
 * Counts bytes of weights as they are packed for kernels, and reports the progress. Shared weights may be counted once
 * or not at all.
 */
final class LoadProgress implements LongConsumer {

    private final Progress progress;
    private final String model;
    private final long total;
    private long done;

    LoadProgress(Progress progress, String model, long total) {
        this.progress = progress;
        this.model = model;
        this.total = total;
    }

    @Override
    public void accept(long bytes) {
        // Completion is reported by end(), since other work may follow the last matrix.
        if (done + bytes < total) {
            done += bytes;
            report();
        }
    }

    /** Reports completion. */
    void end() {
        done = total;
        report();
    }

    private void report() {
        progress.update(new Progress.Step(Progress.Stage.LOAD, model, done, total));
    }
}
