package kawi.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import kawi.ModelFileException;
import kawi.architecture.vision.VisionFile;
import kawi.checkpoint.Checkpoint;
import org.jspecify.annotations.Nullable;

/**
 * Where the vision tower of a model is: in the model's checkpoint, in a file that was given, or in a file beside that
 * of the model whose name begins with {@code mmproj}, as the tools that write such files name them.
 *
 * @param given opens what was given; memory other than that of files may be allocated from the arena. Null if nothing
 *     was
 * @param model the path of the model, or null if it is not in a file
 */
record VisionLocation(
        @Nullable Function<Arena, VisionFile> given,
        @Nullable Path model) {

    private static final String PREFIX = "mmproj";
    private static final String SUFFIX = ".gguf";

    /**
     * Whether there is a tower. A file beside the model may be that of another one.
     *
     * @param hiddenSize of the text model
     */
    boolean present(Checkpoint checkpoint, int hiddenSize) {
        if (given != null || VisionFile.present(checkpoint)) {
            return true;
        }
        List<Path> beside = beside();
        if (beside.size() != 1) {
            return false;
        }
        try (VisionFile file = VisionFile.open(beside.getFirst())) {
            return file.config().outHiddenSize() == hiddenSize;
        } catch (ModelFileException e) {
            return false;
        }
    }

    private List<Path> beside() {
        if (model == null || !Files.isRegularFile(model)) {
            return List.of();
        }
        Path folder = model.toAbsolutePath().getParent();
        if (folder == null) {
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
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    /**
     * Opens the tower's file, which must fit the model.
     *
     * @param checkpoint of the model
     * @param hiddenSize of the text model
     * @param why a tower is needed, for messages: {@code the prompt has an image}
     * @throws IllegalArgumentException if there is no tower
     * @throws ModelFileException if it cannot be used
     */
    VisionFile open(Checkpoint checkpoint, int hiddenSize, Arena arena, String why) {
        VisionFile file = find(checkpoint, arena, why);
        int size = file.config().outHiddenSize();
        if (size != hiddenSize) {
            file.close();
            throw new ModelFileException(
                    "the vision tower in %s is that of another model: its rows have %d numbers, those of %s have %d"
                            .formatted(file.name(), size, checkpoint.name(), hiddenSize));
        }
        return file;
    }

    private VisionFile find(Checkpoint checkpoint, Arena arena, String why) {
        if (given != null) {
            return given.apply(arena);
        }
        if (VisionFile.present(checkpoint)) {
            return VisionFile.of(checkpoint);
        }
        List<Path> beside = beside();
        if (beside.size() != 1) {
            throw new IllegalArgumentException(problem(checkpoint.name(), beside, why));
        }
        return VisionFile.open(beside.getFirst());
    }

    private static String problem(String name, List<Path> beside, String why) {
        return beside.isEmpty()
                ? ("%s, but %s has no vision tower; for a GGUF model it is a file of its own, mmproj-*.gguf,"
                                + " which the model's page offers: put it beside the model, or give it to ModelLoader.vision")
                        .formatted(why, name)
                : "%s, but beside %s there are several vision towers, %s; give one of them to ModelLoader.vision"
                        .formatted(
                                why,
                                name,
                                beside.stream()
                                        .map(file -> String.valueOf(file.getFileName()))
                                        .collect(Collectors.joining(" and ")));
    }
}
