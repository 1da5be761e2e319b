package kawi.image;

import kawi.ImageException;

/**
 * The size of an image.
 *
 * @param width in pixels
 * @param height in pixels
 */
public record ImageSize(int width, int height) {

    /*
     * The size to which an image is resized (smart_resize of transformers, qwen2_vl/image_processing_qwen2_vl.py):
     *
     *     h' = round(h / factor) * factor, w' likewise                        round half to even
     *     h' w' > maxPixels:  b = sqrt(h w / maxPixels),  h' = max(factor, floor(h / b / factor) * factor), w' likewise
     *     h' w' < minPixels:  b = sqrt(minPixels / (h w)), h' = ceil(h b / factor) * factor, w' likewise
     *
     * in double precision, evaluated from left to right.
     */

    private static final int MAX_ASPECT_RATIO = 200;

    public ImageSize {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("an image cannot have %d x %d pixels".formatted(width, height));
        }
    }

    /**
     * Returns the size to which an image is resized.
     *
     * @param factor of which both sides become multiples: patch size times merge size
     * @param minPixels the smallest area; smaller images are enlarged
     * @param maxPixels the largest area, larger images are reduced
     * @throws ImageException if one side is more than 200 times the other
     */
    public static ImageSize of(int width, int height, int factor, long minPixels, long maxPixels) {
        if ((double) Math.max(width, height) / Math.min(width, height) > MAX_ASPECT_RATIO) {
            throw new ImageException(
                    "an image of %d x %d pixels is too narrow: one side may be at most %d times as long as the other"
                            .formatted(width, height, MAX_ASPECT_RATIO));
        }
        return bounded(1, 1, width, height, factor, minPixels, maxPixels);
    }

    /** As above for {@code frames} images of one size, whose areas count together as those of {@code rounded} ones. */
    static ImageSize bounded(int frames, long rounded, int w, int h, int factor, long minPixels, long maxPixels) {
        double height = Math.rint((double) h / factor) * factor;
        double width = Math.rint((double) w / factor) * factor;
        double area = (double) frames * h * w;
        if (rounded * height * width > maxPixels) {
            double beta = Math.sqrt(area / maxPixels);
            height = Math.max(factor, Math.floor(h / beta / factor) * factor);
            width = Math.max(factor, Math.floor(w / beta / factor) * factor);
        } else if (rounded * height * width < minPixels) {
            double beta = Math.sqrt(minPixels / area);
            height = Math.ceil(h * beta / factor) * factor;
            width = Math.ceil(w * beta / factor) * factor;
        }
        return new ImageSize((int) width, (int) height);
    }

    /** Returns the number of pixels. */
    public long area() {
        return (long) width * height;
    }

    @Override
    public String toString() {
        return width + " x " + height;
    }
}
