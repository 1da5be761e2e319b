package kawi.engine;

import java.util.concurrent.locks.ReentrantLock;
import kawi.vision.ComputeTurn;

/**
 * The right to compute with a model's threads: held for a pass, and by other work for about as long, in the order of
 * arrival.
 */
final class ComputeLock implements ComputeTurn {

    private final Lifetime lifetime;
    private final ReentrantLock lock = new ReentrantLock(true);

    ComputeLock(Lifetime lifetime) {
        this.lifetime = lifetime;
    }

    /** Begins a pass, whose requests keep the model's memory. */
    void beginPass() {
        lock.lock();
    }

    void endPass() {
        lock.unlock();
    }

    @Override
    public void begin() {
        lifetime.enter();
        lock.lock();
    }

    @Override
    public void end() {
        lock.unlock();
        lifetime.leave();
    }

    @Override
    public boolean closing() {
        return lifetime.closing();
    }
}
