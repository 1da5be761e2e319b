package kawi.image;

import kawi.ImageException;

/**
 * What is accepted as an image.
 *
 * @param maxPixels the largest area, before an image is resized
 * @param maxFrames the largest number of frames of an animation
 * @param maxFilmPixels the largest area of all frames of an animation together
 */
public record ImageLimits(long maxPixels, int maxFrames, long maxFilmPixels) {

    /** For images of cameras and scanners: 100 million pixels, and animations of 20,000 frames and 4 billion pixels. */
    public static final ImageLimits DEFAULT = new ImageLimits(100_000_000, 20_000, 4_000_000_000L);

    public ImageLimits {
        // A pixel has three bytes in an array.
        if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 4 - 16 || maxFrames < 1 || maxFilmPixels < maxPixels) {
            throw new IllegalArgumentException("limits of %d pixels, %d frames and %d pixels of all frames"
                    .formatted(maxPixels, maxFrames, maxFilmPixels));
        }
    }

    /** Throws if an image is too large, or needs most of the heap while it is decoded. */
    void check(ImageSize size, int workspaceBytes, String what) {
        if (size.area() > maxPixels) {
            throw new ImageException("%s has %s pixels; at most %d million pixels are supported: reduce it first"
                    .formatted(what, size, maxPixels / 1_000_000));
        }
        long needed = size.area() * (3 + workspaceBytes);
        long heap = Runtime.getRuntime().maxMemory();
        if (needed > heap / 4 * 3) {
            throw new ImageException(
                    "%s has %s pixels, which need %d MB while they are decoded; the heap has at most %d MB (-Xmx)"
                            .formatted(what, size, needed >> 20, heap >> 20));
        }
    }
}
