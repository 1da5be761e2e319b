package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import kawi.ImageException;
import kawi.ImageUse;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Part;

/**
 * The vision tower of a model's files.
 *
 * @param sizes those of the tower; empty if there is none
 * @param problem why it cannot be used, or empty
 * @param images how it sees the images that were given
 */
record InspectedVision(Map<String, Object> sizes, String problem, SequencedMap<Path, ImageUse> images) {

    /**
     * Inspects the tower.
     *
     * @throws ImageException if an image cannot be read
     * @throws IllegalArgumentException if there are images, but no tower
     */
    static InspectedVision of(ModelFile file, List<Path> images) {
        Map<String, Object> sizes = Map.of();
        String problem = "";
        try {
            sizes = file.visionSizes();
        } catch (ModelFileException e) {
            problem = file.problem().isPresent() ? "" : Failure.sentence(e);
        }
        SequencedMap<Path, ImageUse> uses = new LinkedHashMap<>();
        for (Path image : images) {
            try {
                uses.put(image, file.imageUse(Part.image(image)));
            } catch (ImageException e) {
                throw new ImageException("%s: %s".formatted(image, e.getMessage()), e);
            }
        }
        return new InspectedVision(sizes, problem, uses);
    }

    /** Returns the images in JSON. */
    List<Map<String, Object>> description() {
        return images.entrySet().stream()
                .map(image -> {
                    Map<String, Object> object = new LinkedHashMap<>();
                    object.put("file", image.getKey().toString());
                    object.putAll(AnswerReport.size(image.getValue()));
                    return object;
                })
                .toList();
    }
}
