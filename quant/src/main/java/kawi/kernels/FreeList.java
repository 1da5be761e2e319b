package kawi.kernels;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Objects that are reused, because what runs for every token must not produce garbage. Any thread may take and give.
 *
 * @param <T> what is kept
 */
public final class FreeList<T> {

    /** Objects kept, normally more than are in use at once; beyond that, objects are made and dropped. */
    private static final int KEPT = 64;

    private final AtomicReferenceArray<@Nullable T> free = new AtomicReferenceArray<>(KEPT);
    private final Supplier<T> maker;

    public FreeList(Supplier<T> maker) {
        this.maker = maker;
    }

    /** One that nobody else uses until it is given back. */
    public T take() {
        for (int i = 0; i < KEPT; i++) {
            if (free.getPlain(i) != null) {
                T taken = free.getAndSet(i, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return maker.get();
    }

    public void give(T object) {
        for (int i = 0; i < KEPT; i++) {
            if (free.getPlain(i) == null && free.compareAndSet(i, null, object)) {
                return;
            }
        }
    }
}
