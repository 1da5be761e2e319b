package kawi.image;

/**
 * What is accepted as an image.
 *
 * @param maxPixels the largest area, before an image is resized
 * @param maxFrames the largest number of frames of an animation
 */
public record ImageLimits(long maxPixels, int maxFrames) {

    /** For images of cameras and scanners: 100 million pixels, and animations of 100,000 frames. */
    public static final ImageLimits DEFAULT = new ImageLimits(100_000_000, 100_000);

    public ImageLimits {
        // A pixel has three bytes in an array.
        if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 3 - 16 || maxFrames < 1) {
            throw new IllegalArgumentException("limits of %d pixels and %d frames".formatted(maxPixels, maxFrames));
        }
    }
}
