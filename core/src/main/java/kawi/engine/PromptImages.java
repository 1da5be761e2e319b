package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import kawi.ImageStats;
import kawi.ImageUse;
import kawi.vision.ImageEncoder;
import kawi.vision.PreparedImage;
import org.jspecify.annotations.Nullable;

/**
 * What the images of a prompt are encoded from, in the order of {@link TokenText#images}.
 *
 * @param encoder encodes them; null only if there are none
 * @param uses the images and films that they belong to, for statistics
 */
record PromptImages(@Nullable ImageEncoder encoder, List<PreparedImage> images, List<ImageUse> uses) {

    static final PromptImages NONE = new PromptImages(null, List.of(), List.of());

    /** These images and then others, which belong to {@code uses}. */
    PromptImages plus(PromptImages more) {
        List<PreparedImage> all = new ArrayList<>(images);
        all.addAll(more.images);
        return new PromptImages(more.encoder, List.copyOf(all), more.uses);
    }

    /** The first {@code count} images. */
    PromptImages first(int count) {
        return count == images.size() ? this : new PromptImages(encoder, images.subList(0, count), uses);
    }

    /** The statistics of a round with this prompt. */
    ImageStats stats(PromptEmbeddings.Encoding encoding) {
        return new ImageStats(uses, encoding.encoded(), encoding.found(), encoding.time());
    }
}
