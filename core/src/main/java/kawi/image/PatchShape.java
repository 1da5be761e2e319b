package kawi.image;

import java.util.Objects;

/**
 * What a model's preprocessor prescribes (preprocessor_config.json, video_preprocessor_config.json, or the metadata of
 * an mmproj file).
 *
 * @param patch the side of a patch, in pixels
 * @param temporal the number of frames in a patch
 * @param merge the side of the square of patches that become one token
 * @param mean of red, green and blue, in units of the largest value
 * @param std the standard deviation of red, green and blue, in units of the largest value
 * @param minPixels the smallest area of an image
 * @param maxPixels the largest area of an image
 * @param film what is prescribed for films
 */
public record PatchShape(
        int patch, int temporal, int merge, float[] mean, float[] std, long minPixels, long maxPixels, Film film) {

    /**
     * What is prescribed for films.
     *
     * @param minPixels the smallest area of all frames together
     * @param maxPixels the largest area of all frames together
     * @param framesPerSecond the rate at which frames are chosen
     * @param minFrames the smallest number of frames that are chosen, if the film has so many
     * @param maxFrames the largest number of frames that are chosen
     */
    public record Film(long minPixels, long maxPixels, double framesPerSecond, int minFrames, int maxFrames) {

        /** What all published Qwen3.5 models prescribe. */
        public static final Film DEFAULT = new Film(4096, 25_165_824, 2, 4, 768);

        public Film {
            if (minPixels < 1
                    || maxPixels < minPixels
                    || !(framesPerSecond > 0)
                    || minFrames < 1
                    || maxFrames < minFrames) {
                throw new IllegalArgumentException(
                        "limits of films: %d to %d pixels, %d to %d frames, %s frames per second"
                                .formatted(minPixels, maxPixels, minFrames, maxFrames, framesPerSecond));
            }
        }
    }

    /** What all published Qwen3.5 models prescribe. */
    public static final PatchShape DEFAULT = new PatchShape(
            16, 2, 2, new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.5f, 0.5f, 0.5f}, 65_536, 16_777_216, Film.DEFAULT);

    public PatchShape {
        mean = mean.clone();
        std = std.clone();
        Objects.requireNonNull(film, "film");
        if (patch < 1 || temporal < 1 || merge < 1 || mean.length != 3 || std.length != 3) {
            throw new IllegalArgumentException(
                    "patches of %d pixels, %d frames, merged %d x %d, %d means, %d deviations"
                            .formatted(patch, temporal, merge, merge, mean.length, std.length));
        }
        if (minPixels < 1 || maxPixels < minPixels) {
            throw new IllegalArgumentException("limits of images: %d to %d pixels".formatted(minPixels, maxPixels));
        }
    }

    /** Returns the number of pixels of which both sides of a resized image are multiples. */
    public int factor() {
        return patch * merge;
    }

    /** Returns the number of values of a row: {@code 3 * temporal * patch * patch}. */
    public int rowSize() {
        return 3 * temporal * patch * patch;
    }

    /** Returns the number of patches of an image (or of one group of frames) of a resized size. */
    public int patches(ImageSize size) {
        return size.width() / patch * (size.height() / patch);
    }

    /** Returns the number of tokens of an image (or of one group of frames) of a resized size. */
    public int tokens(ImageSize size) {
        return size.width() / factor() * (size.height() / factor());
    }

    /** Returns the size to which an image is resized. */
    public ImageSize resized(ImageSize image) {
        return ImageSize.of(image.width(), image.height(), factor(), minPixels, maxPixels);
    }

    /** Returns the size to which the frames of a film are resized, of which {@code frames} were chosen. */
    public ImageSize resized(ImageSize frame, int frames) {
        return FilmSize.of(
                frames, frame.width(), frame.height(), temporal, factor(), film.minPixels(), film.maxPixels());
    }

    /** Returns this shape with other limits for images. */
    public PatchShape withPixels(long min, long max) {
        return new PatchShape(patch, temporal, merge, mean, std, min, max, film);
    }
}
