package kawi.engine;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of something that a user should close: freed when it is closed, or else when it becomes unreachable, with a warning that says
 * where it was opened.
 */
final class Unclosed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Unclosed.class);
    private static final Set<String> OURS = Set.of("kawi", Unclosed.class.getPackageName());

    private final String what;
    private final String opened;
    private final @Nullable Throwable stack;
    private final Lifetime lifetime;
    private final Runnable free;
    private final AtomicBoolean closed = new AtomicBoolean();
    private Cleaner.@Nullable Cleanable cleanable;

    private Unclosed(String what, Lifetime lifetime, Runnable free) {
        this.what = what;
        this.lifetime = lifetime;
        this.free = free;
        this.opened = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !OURS.contains(packageOf(frame.getClassName())))
                        .findFirst()
                        .map(frame -> frame.toStackTraceElement().toString())
                        .orElse("an unknown place"));
        this.stack = LOG.isDebugEnabled() ? new Throwable(what + " was opened here") : null;
    }

    /**
     * Begins to watch.
     *
     * @param owner what the user holds; {@code free} must not refer to it
     * @param what it is, for the warning
     * @param lifetime of the model, which frees everything when it is closed
     * @param free frees the memory; called once
     */
    static Unclosed watch(Object owner, Cleaner cleaner, String what, Lifetime lifetime, Runnable free) {
        Unclosed unclosed = new Unclosed(what, lifetime, free);
        unclosed.cleanable = cleaner.register(owner, unclosed::clean);
        return unclosed;
    }

    private static String packageOf(String className) {
        return className.substring(0, Math.max(0, className.lastIndexOf('.')));
    }

    private void clean() {
        if (closed.compareAndSet(false, true)) {
            if (!lifetime.closing()) {
                LOG.warn(
                        "{} became unreachable without having been closed; its memory is freed now. It was opened at {}",
                        what,
                        opened);
                if (stack != null) {
                    LOG.debug("{}", what, stack);
                }
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
        if (cleanable != null) {
            cleanable.clean();
        }
    }
}
