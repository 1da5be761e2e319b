package kawi.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import kawi.ModelHub;

/** The value of a model option: a path or a reference to a hub. */
final class ModelPath {

    private ModelPath() {}

    /**
     * Returns the path of the model, after downloading it if necessary.
     *
     * @throws UsageException if {@code model} is neither a path nor a reference
     */
    static Path of(String model, Terminal terminal) {
        if (ModelHub.isReference(model)) {
            return fetch(model, ModelHub.fromEnvironment(terminal.environment()), terminal)
                    .path();
        }
        try {
            return Path.of(model);
        } catch (InvalidPathException e) {
            throw new UsageException("\"%s\" is not a path: %s".formatted(model, e.getReason()), e);
        }
    }

    /**
     * Downloads a model if it is not in the cache.
     *
     * @throws UsageException if {@code reference} is malformed
     */
    static ModelHub.LocalModel fetch(String reference, ModelHub hub, Terminal terminal) {
        try (ProgressLine line = new ProgressLine(terminal)) {
            return hub.fetch(reference, line);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }
}
