package kawi.spring.ai.autoconfigure;

import java.time.Duration;
import kawi.Model;
import kawi.ModelActivity;
import org.springframework.context.SmartLifecycle;

/**
 * Waits at shutdown until answers in progress are complete, after the web server has completed its requests and before
 * the model is closed, which would cancel them. Spring limits the time with
 * {@code spring.lifecycle.timeout-per-shutdown-phase}.
 */
final class ModelLifecycle implements SmartLifecycle {

    /** Below the phases in which Spring Boot completes requests and stops the web server, so that it stops later. */
    static final int PHASE = DEFAULT_PHASE - 4096;

    private static final Duration INTERVAL = Duration.ofMillis(20);

    private final Model model;
    private volatile boolean running;

    ModelLifecycle(Model model) {
        this.model = model;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public void stop(Runnable callback) {
        Thread.ofVirtual().name("kawi-shutdown").start(() -> {
            try {
                while (isAnswering()) {
                    Thread.sleep(INTERVAL);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                running = false;
                callback.run();
            }
        });
    }

    private boolean isAnswering() {
        ModelActivity activity = model.activity();
        return activity.running() + activity.waiting() > 0;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
