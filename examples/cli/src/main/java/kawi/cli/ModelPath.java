package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kawi.ModelFileException;
import kawi.ModelHub;

/** The value of a model option: a path or a reference to a hub. */
final class ModelPath {

    private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9._-]*";

    /** A model on a hub as other tools write it: an address, or the name alone. */
    private static final Pattern ON_HUB = Pattern.compile(
            "(?i)(?:(?:https?://)?(?:www\\.)?(?:huggingface\\.co|hf\\.co)/|huggingface:|hf://|hf:/+)?(%s/%s(?::%s)?(?:@%s)?)(?:/(?:tree|blob|resolve)/.*)?/?"
                    .formatted(NAME, NAME, NAME, NAME));

    private static final Pattern IN_REGISTRY = Pattern.compile("[a-z0-9][a-z0-9._-]*(:[A-Za-z0-9._-]+)?");

    /** Files that are no models of their own: projectors of images, and the parts of a model after the first. */
    private static final Pattern NO_MODEL = Pattern.compile("(?i).*mmproj.*|.*-(?!00001-)\\d{5}-of-\\d{5}\\.gguf");

    private static final int MAX_LISTED = 5;

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
        Path path;
        try {
            path = Path.of(model);
        } catch (InvalidPathException e) {
            throw new UsageException("\"%s\" is not a path: %s%s".formatted(model, e.getReason(), hint(model)), e);
        }
        if (!Files.exists(path)) {
            throw new IllegalArgumentException(
                    "%s does not exist; expected a GGUF file, a Hugging Face folder, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B%s"
                            .formatted(model, hint(model)));
        }
        if (Files.isDirectory(path) && !Files.exists(path.resolve("config.json"))) {
            folderOfFiles(path).ifPresent(sentence -> {
                throw new IllegalArgumentException(sentence);
            });
        }
        return path;
    }

    private static String hint(String model) {
        Matcher hub = ON_HUB.matcher(model);
        if (hub.matches()) {
            return "; did you mean hf:%s?".formatted(hub.group(1));
        }
        return IN_REGISTRY.matcher(model).matches()
                        && !model.toLowerCase(Locale.ROOT).endsWith(".gguf")
                ? "; \"kawi list\" lists downloaded models, \"kawi pull\" downloads one"
                : "";
    }

    /** Returns what to say about a folder that is not a model but contains some. */
    private static Optional<String> folderOfFiles(Path folder) {
        List<Path> models;
        try (Stream<Path> files = Files.list(folder)) {
            models = files.filter(ModelPath::isModel).sorted().toList();
        } catch (IOException e) {
            return Optional.empty(); // reported when the folder is opened
        }
        return switch (models.size()) {
            case 0 -> Optional.empty();
            case 1 ->
                Optional.of("%s is a folder without config.json; the model in it is %s"
                        .formatted(folder, models.getFirst()));
            default ->
                Optional.of("%s is a folder without config.json; it contains %d models: %s%s"
                        .formatted(
                                folder,
                                models.size(),
                                String.join(
                                        ", ",
                                        models.stream()
                                                .limit(MAX_LISTED)
                                                .map(Path::toString)
                                                .toList()),
                                models.size() > MAX_LISTED ? ", ..." : ""));
        };
    }

    private static boolean isModel(Path file) {
        String name = file.getFileName().toString();
        return name.toLowerCase(Locale.ROOT).endsWith(".gguf")
                && !NO_MODEL.matcher(name).matches();
    }

    /** Returns the proxy of downloads. One that is not supported is reported by the download, if there is one. */
    static Optional<String> proxy(ModelHub hub) {
        try {
            return hub.isOffline() ? Optional.empty() : hub.proxy();
        } catch (ModelFileException e) {
            return Optional.empty();
        }
    }

    /**
     * Downloads a model if it is not in the cache.
     *
     * @throws UsageException if {@code reference} is malformed
     */
    static ModelHub.LocalModel fetch(String reference, ModelHub hub, Terminal terminal) {
        try (ProgressLine line = new ProgressLine(terminal, proxy(hub).orElse(""))) {
            return hub.fetch(reference, line);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }
}
