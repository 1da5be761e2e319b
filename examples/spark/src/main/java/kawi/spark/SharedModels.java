package kawi.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import kawi.Model;
import org.apache.spark.TaskKilledException;
import org.jspecify.annotations.Nullable;

/**
 * The models of a JVM, shared by its tasks.
 *
 * <p>A model is loaded by a thread of its own when the first task asks for it, so that the end of that task does not
 * matter to others, which wait for the same model. A failure to load it is reported to those tasks and then forgotten.
 * Models that no task uses are kept for later tasks, until another model has to be loaded or the JVM ends.
 */
final class SharedModels {

    /** The models of this JVM, closed when it ends. */
    static final SharedModels JVM = new SharedModels();

    static {
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("kawi-shutdown").unstarted(JVM::closeAll));
    }

    /** How often a waiting task checks whether it has been killed. */
    private static final long KILL_CHECK_MILLISECONDS = 100;

    private final Map<String, Shared> models = new HashMap<>();

    /** A model and the number of its users; guarded by the owner. */
    private static final class Shared {
        final CompletableFuture<Model> model = new CompletableFuture<>();
        int users;
    }

    /** The right of a task to use a model. */
    final class Lease implements AutoCloseable {
        private final Shared shared;
        private @Nullable Model model;

        private Lease(Shared shared) {
            this.shared = shared;
        }

        Model model() {
            if (model == null) {
                throw new IllegalStateException("the model has been given back");
            }
            return model;
        }

        /** Ends the use of the model. Further calls have no effect. */
        @Override
        public void close() {
            if (model != null) {
                model = null;
                release(shared);
            }
        }
    }

    /**
     * Returns the model of a source, after loading it if necessary.
     *
     * @param killed whether the model is no longer wanted
     * @throws RuntimeException if it could not be loaded
     */
    Lease acquire(ModelSource source, BooleanSupplier killed) {
        Lease lease = new Lease(shared(source));
        try {
            lease.model = await(lease.shared.model, killed);
            return lease;
        } catch (RuntimeException e) {
            release(lease.shared);
            throw e;
        }
    }

    private synchronized Shared shared(ModelSource source) {
        String key = key(source);
        Shared shared = models.get(key);
        if (shared == null) {
            Shared created = new Shared();
            List<Model> idle = removeIdle();
            models.put(key, created);
            // The thread inherits the class loader of the task, which has the classes of the application.
            Thread.ofPlatform().name("kawi-load").daemon().start(() -> load(key, source, created, idle));
            shared = created;
        }
        shared.users++;
        return shared;
    }

    private void load(String key, ModelSource source, Shared shared, List<Model> idle) {
        try {
            idle.forEach(Model::close);
            shared.model.complete(source.loader().load());
        } catch (Throwable e) {
            synchronized (this) {
                models.remove(key, shared);
            }
            shared.model.completeExceptionally(e);
        }
    }

    private static Model await(CompletableFuture<Model> model, BooleanSupplier killed) {
        while (!model.isDone()) {
            if (killed.getAsBoolean()) {
                throw new TaskKilledException("the model is no longer wanted");
            }
            try {
                model.get(KILL_CHECK_MILLISECONDS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException _) {
                // the condition of the loop tells them apart
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new TaskKilledException("the task was interrupted while it waited for the model");
            }
        }
        if (model.isCompletedExceptionally()) {
            Throwable problem = model.exceptionNow();
            throw new IllegalStateException(
                    "the model of this executor could not be loaded: " + problem.getMessage(), problem);
        }
        return model.resultNow();
    }

    private synchronized void release(Shared shared) {
        shared.users--;
    }

    /** Removes the models that no task uses. */
    private List<Model> removeIdle() {
        List<Model> idle = new ArrayList<>();
        models.values().removeIf(shared -> {
            boolean removed = shared.users == 0 && shared.model.isDone();
            if (removed) {
                idle.add(shared.model.join());
            }
            return removed;
        });
        return idle;
    }

    /** Closes all models that are loaded, which ends the answers in progress. */
    void closeAll() {
        List<Model> loaded;
        synchronized (this) {
            loaded = models.values().stream()
                    .map(shared -> shared.model)
                    .filter(CompletableFuture::isDone)
                    .map(CompletableFuture::join)
                    .toList();
            models.clear();
        }
        loaded.forEach(Model::close);
    }

    /** Equal for sources with equal classes and captured values. */
    private static String key(ModelSource source) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(source);
        } catch (IOException e) {
            throw new UncheckedIOException("the source of the model cannot be serialized", e);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
