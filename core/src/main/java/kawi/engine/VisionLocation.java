package kawi.engine;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import kawi.ModelFileException;
import kawi.architecture.vision.VisionFile;
import kawi.architecture.vision.VisionTower;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.image.PatchShape;
import org.jspecify.annotations.Nullable;

/**
 * Where the vision tower of a model is: in the model's checkpoint, in a file that was given, or in a file beside that of
 * the model whose name begins with {@code mmproj}, as the tools that write such files name them.
 *
 * @param given the file that was given, or null
 * @param model the path of the model, or null if it is not in a file
 */
record VisionLocation(@Nullable Path given, @Nullable Path model) {

    private static final String PREFIX = "mmproj";
    private static final String SUFFIX = ".gguf";

    /** The file, unless the tower is in the model's checkpoint; empty if there is none, or more than one. */
    Optional<Path> find() {
        if (given != null) {
            return Optional.of(given);
        }
        List<Path> beside = beside();
        return beside.size() == 1 ? Optional.of(beside.getFirst()) : Optional.empty();
    }

    private List<Path> beside() {
        Path folder = model == null ? null : model.toAbsolutePath().getParent();
        if (folder == null || !Files.isRegularFile(model)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, VisionLocation::isProjector)) {
            files.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new ModelFileException("the folder %s cannot be read: %s".formatted(folder, e.getMessage()), e);
        }
        found.sort(null);
        return found;
    }

    private static boolean isProjector(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    /**
     * Opens the tower's file.
     *
     * @param name of the model
     * @param what has an image, for messages
     * @throws IllegalArgumentException if there is no tower
     * @throws ModelFileException if it cannot be used
     */
    VisionInput.Tower open(Checkpoint checkpoint, String name, String what) {
        if (given == null && VisionFile.present(checkpoint)) {
            return new InFile(VisionFile.of(checkpoint));
        }
        Path file = find().orElseThrow(() -> new IllegalArgumentException(problem(name, what)));
        return new InFile(VisionFile.open(file));
    }

    private String problem(String name, String what) {
        List<Path> beside = beside();
        return beside.isEmpty()
                ? ("%s has an image, but %s has no vision tower; for a GGUF model it is a file of its own, mmproj-*.gguf,"
                                + " which the model's page offers: put it beside the model, or give it to ModelLoader.vision")
                        .formatted(what, name)
                : "%s has an image, but beside %s there are several vision towers, %s; give one of them to ModelLoader.vision"
                        .formatted(
                                what,
                                name,
                                beside.stream()
                                        .map(file -> file.getFileName().toString())
                                        .collect(Collectors.joining(" and ")));
    }

    private record InFile(VisionFile file) implements VisionInput.Tower {

        @Override
        public PatchShape patchShape() {
            return file.patchShape();
        }

        @Override
        public VisionTower load(Compute compute) {
            return file.load(compute);
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
