package kawi.engine;

import java.util.function.LongConsumer;
import kawi.Progress;

/**
 * Counts bytes of weights as kernels take them, for whoever hears of it. Weights that several uses share may be taken
 * once or never.
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
        // The last call is end's: something may follow the last matrix.
        if (done + bytes < total) {
            done += bytes;
            report();
        }
    }

    /** Says that all is done. */
    void end() {
        done = total;
        report();
    }

    private void report() {
        progress.update(new Progress.Step(Progress.Stage.LOAD, model, done, total));
    }
}
