package kawi.kernels;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reusable objects, because code that runs for every token must not produce garbage. Safe for use by multiple threads.
 *
 * @param <T> the type of the objects
 */
public final class FreeList<T> {

    /**
     * The number of objects kept, normally more than are in use at once; beyond that, objects are created and
     * discarded.
     */
    private static final int KEPT = 64;

    private final AtomicReferenceArray<@Nullable T> free = new AtomicReferenceArray<>(KEPT);
    private final Supplier<T> maker;

    public FreeList(Supplier<T> maker) {
        this.maker = maker;
    }

    /** Takes an object for exclusive use until it is returned. */
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
