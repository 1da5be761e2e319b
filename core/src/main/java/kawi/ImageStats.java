package kawi;

import java.time.Duration;
import java.util.List;

/**
 * Statistics of the images and films of an answer, see {@link GenerationStats#images}. A film counts as many images as
 * it has pairs of frames. Images before the end of the {@linkplain GenerationStats#reusedTokens tokens whose state was
 * cached} are neither encoded nor looked up.
 *
 * @param uses the images and films of the prompt of the last round, in order
 * @param encoded the number of images that were encoded
 * @param cached the number of images that had been encoded before, see {@link Model#imageCache}
 * @param encode the time spent on encoding images, which is part of {@link GenerationStats#prefill}; it includes
 *     waiting for images of other answers
 */
public record ImageStats(List<ImageUse> uses, int encoded, int cached, Duration encode) {

    /** Those of an answer without images. */
    public static final ImageStats NONE = new ImageStats(List.of(), 0, 0, Duration.ZERO);

    public ImageStats {
        uses = List.copyOf(uses);
    }

    /** Returns the number of tokens of the prompt that the images take. */
    public int tokens() {
        return uses.stream().mapToInt(ImageUse::tokens).sum();
    }
}
