package kawi.vision;

import java.util.List;
import kawi.ImageUse;

/**
 * An image or a film of a prompt.
 *
 * @param images the image, or one for each pair of frames of the film
 * @param timestamps the texts before the images of a film; none for an image
 * @param use how the model sees it
 */
public record PreparedMedia(List<PreparedImage> images, List<String> timestamps, ImageUse use) {

    /** Whether this is a film. */
    public boolean isFilm() {
        return !timestamps.isEmpty();
    }
}
