package kawi.engine;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of something that a user should close: freed when it is closed, or else when it becomes unreachable, with
 * a warning that says where it was opened.
 */
final class Unclosed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Unclosed.class);
    private static final Set<String> OURS = Set.of("kawi", Unclosed.class.getPackageName());

    /** Places that are warned of, each once; beyond that the log has enough of it. */
    private static final int MAX_PLACES = 100;

    private final Watch watch;
    private final String what;
    private final String place;
    private final @Nullable Throwable stack;
    private final Runnable free;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Cleaner.@Nullable Cleanable cleanable;

    private Unclosed(Watch watch, String what, Runnable free) {
        this.watch = watch;
        this.what = what;
        this.free = free;
        this.place = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !OURS.contains(packageOf(frame.getClassName())))
                        .findFirst()
                        .map(frame -> frame.toStackTraceElement().toString())
                        .orElse("an unknown place"));
        this.stack = LOG.isDebugEnabled() ? new Throwable("opened here") : null;
    }

    /** Watches what users open of one model. */
    static final class Watch {
        // Its thread ends some time after the watch has become unreachable.
        private final Cleaner cleaner =
                Cleaner.create(Thread.ofPlatform().daemon().name("kawi-cleaner").factory());
        private final Set<String> warned = ConcurrentHashMap.newKeySet();
        private final String model;
        private final Lifetime lifetime;

        /** @param lifetime of the model, which frees everything when it is closed */
        Watch(String model, Lifetime lifetime) {
            this.model = model;
            this.lifetime = lifetime;
        }

        /**
         * Begins to watch.
         *
         * @param owner what the user holds; {@code free} must not refer to it
         * @param what it is, for the warning
         * @param free frees the memory; called once
         */
        Unclosed over(Object owner, String what, Runnable free) {
            Unclosed unclosed = new Unclosed(this, what, free);
            unclosed.cleanable = cleaner.register(owner, unclosed::unreachable);
            return unclosed;
        }
    }

    private static String packageOf(String className) {
        return className.substring(0, Math.max(0, className.lastIndexOf('.')));
    }

    private void unreachable() {
        if (closed.compareAndSet(false, true)) {
            if (!watch.lifetime.closing() && watch.warned.size() < MAX_PLACES && watch.warned.add(place)) {
                LOG.warn(
                        "{} of {} became unreachable without having been closed; its memory is freed now. It was opened at {}; others"
                                + " opened there are not mentioned again",
                        what,
                        watch.model,
                        place);
            }
            if (stack != null) {
                LOG.debug("{} of {} was never closed", what, watch.model, stack);
            }
            free.run();
        }
    }

    /** Frees the memory, unless that has been done. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            free.run();
        }
        Cleaner.Cleanable registered = cleanable;
        if (registered != null) {
            registered.clean();
        }
    }
}
