package kawi.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import kawi.ModelFileException;
import kawi.hub.Hub;
import kawi.hub.HubEnvironment;
import kawi.hub.HubReference;

/** What users give as a model: a path, or a reference to a hub. */
final class ModelPath {

    private ModelPath() {}

    /**
     * Where the model is on this machine, after it has been fetched if need be.
     *
     * @throws UsageException if it is neither
     */
    static Path of(String model, Terminal terminal) {
        if (!HubReference.isOne(model)) {
            try {
                return Path.of(model);
            } catch (InvalidPathException e) {
                throw new UsageException("\"%s\" is not a path: %s".formatted(model, e.getReason()), e);
            }
        }
        HubReference reference = reference(model);
        try (ProgressLine line = new ProgressLine(terminal)) {
            return new Hub(HubEnvironment.of(terminal.environment()))
                    .fetch(reference, line)
                    .path();
        }
    }

    static HubReference reference(String text) {
        try {
            return HubReference.parse(text);
        } catch (ModelFileException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }
}
