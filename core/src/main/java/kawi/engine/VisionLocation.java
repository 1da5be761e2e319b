package kawi.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import kawi.ModelFileException;
import kawi.architecture.vision.VisionFile;
import kawi.checkpoint.Checkpoint;
import kawi.files.VisionName;
import org.jspecify.annotations.Nullable;

/**
 * Where the vision tower of a model is: in the model's checkpoint, in a file that was given, or in a file beside that
 * of the model whose name contains {@code mmproj}, as the tools that write such files name them.
 *
 * @param given opens what was given; memory other than that of files may be allocated from the arena. Null if nothing
 *     was
 * @param model the path of the model, or null if it is not in a file
 */
record VisionLocation(
        @Nullable Function<Arena, VisionFile> given,
        @Nullable Path model) {

    /**
     * Whether there is a tower. A file beside the model may be that of another one.
     *
     * @param hiddenSize of the text model
     */
    boolean present(Checkpoint checkpoint, int hiddenSize) {
        if (given != null || VisionFile.present(checkpoint)) {
            return true;
        }
        List<Path> beside = beside(hiddenSize);
        return beside.size() == 1 && fits(beside.getFirst(), hiddenSize);
    }

    private static boolean fits(Path tower, int hiddenSize) {
        try (VisionFile file = VisionFile.open(tower)) {
            return file.config().outHiddenSize() == hiddenSize;
        } catch (ModelFileException e) {
            return false;
        }
    }

    /**
     * The towers beside the model; of several those that fit it, of these those named after it if there are any, and of
     * these those in the preferred format.
     */
    private List<Path> beside(int hiddenSize) {
        List<Path> all = beside();
        if (model == null || all.size() < 2) {
            return all;
        }
        List<String> fitting = all.stream()
                .filter(tower -> fits(tower, hiddenSize))
                .map(VisionLocation::name)
                .toList();
        if (fitting.isEmpty()) {
            return all;
        }
        String own = name(model);
        List<String> named =
                fitting.stream().filter(tower -> VisionName.isOf(tower, own)).toList();
        return VisionName.preferred(named.isEmpty() ? fitting : named).stream()
                .map(model::resolveSibling)
                .toList();
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
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
        String own = name(model);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> VisionName.matches(name(file)) && !name(file).equals(own))) {
            files.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new ModelFileException("the folder %s cannot be read: %s".formatted(folder, e.getMessage()), e);
        }
        found.sort(null);
        return found;
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
        VisionFile file = find(checkpoint, hiddenSize, arena, why);
        int size = file.config().outHiddenSize();
        if (size != hiddenSize) {
            file.close();
            throw new ModelFileException(
                    "the vision tower in %s is that of another model: its rows have %d numbers, those of %s have %d"
                            .formatted(file.name(), size, checkpoint.name(), hiddenSize));
        }
        return file;
    }

    private VisionFile find(Checkpoint checkpoint, int hiddenSize, Arena arena, String why) {
        if (given != null) {
            return given.apply(arena);
        }
        if (VisionFile.present(checkpoint)) {
            return VisionFile.of(checkpoint);
        }
        List<Path> beside = beside(hiddenSize);
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
                                beside.stream().map(VisionLocation::name).collect(Collectors.joining(" and ")));
    }
}
