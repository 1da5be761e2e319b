package kawi.engine;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of an object that the user should close. It is freed when the object is closed, or, with a warning that
 * names where it was opened, when the object becomes unreachable.
 */
final class TrackedResource implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TrackedResource.class);
    private static final Set<String> OWN_PACKAGES = Set.of("kawi", TrackedResource.class.getPackageName());

    /** The maximum number of warnings, one per place. */
    private static final int MAX_PLACES = 100;

    private final Tracker tracker;
    private final String what;
    private final String place;
    private final @Nullable Throwable stack;
    private final Runnable free;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Cleaner.@Nullable Cleanable cleanable;

    private TrackedResource(Tracker tracker, String what, Runnable free) {
        this.tracker = tracker;
        this.what = what;
        this.free = free;
        this.place = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !OWN_PACKAGES.contains(packageOf(frame.getClassName())))
                        .findFirst()
                        .map(frame -> frame.toStackTraceElement().toString())
                        .orElse("an unknown place"));
        this.stack = LOG.isDebugEnabled() ? new Throwable("opened here") : null;
    }

    /** Tracks the objects that users open on one model. */
    static final class Tracker {
        // Its thread ends some time after the tracker has become unreachable.
        private final Cleaner cleaner =
                Cleaner.create(Thread.ofPlatform().daemon().name("kawi-cleaner").factory());
        private final Set<String> warned = ConcurrentHashMap.newKeySet();
        private final String model;
        private final Lifetime lifetime;

        /** @param lifetime the lifetime of the model, which frees everything when it is closed */
        Tracker(String model, Lifetime lifetime) {
            this.model = model;
            this.lifetime = lifetime;
        }

        /**
         * Starts tracking an object.
         *
         * @param owner the object that the user holds; {@code free} must not refer to it
         * @param what a name for the object, for the warning
         * @param free frees the memory; it is called once
         */
        TrackedResource track(Object owner, String what, Runnable free) {
            TrackedResource resource = new TrackedResource(this, what, free);
            resource.cleanable = cleaner.register(owner, resource::unreachable);
            return resource;
        }
    }

    private static String packageOf(String className) {
        return className.substring(0, Math.max(0, className.lastIndexOf('.')));
    }

    private void unreachable() {
        if (closed.compareAndSet(false, true)) {
            if (!tracker.lifetime.closing() && tracker.warned.size() < MAX_PLACES && tracker.warned.add(place)) {
                LOG.warn(
                        "{} of {} became unreachable without having been closed; its memory is freed now. It was opened at {}; others"
                                + " opened there are not mentioned again",
                        what,
                        tracker.model,
                        place);
            }
            if (stack != null) {
                LOG.debug("{} of {} was never closed", what, tracker.model, stack);
            }
            free.run();
        }
    }

    /** Frees the memory, unless it has been freed already. */
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
