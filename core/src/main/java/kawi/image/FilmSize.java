package kawi.image;

import kawi.ImageException;

/** Computes the size to which the frames of a film are resized. */
public final class FilmSize {

    /*
     * The size to which the frames of a film are resized (smart_resize of transformers,
     * qwen3_vl/video_processing_qwen3_vl.py): as for an image, with limits for the area of all frames together.
     *
     *     a side < factor:    both are multiplied by max(factor / h, factor / w) and truncated
     *     t' = round(frames / temporal) * temporal                            round half to even
     *     the limits are compared with t' h' w', but b is computed with frames h w
     */

    private FilmSize() {}

    /**
     * Returns the size of each frame.
     *
     * @param frames the number of frames that were chosen
     * @param temporal the number of frames in a patch
     * @param factor of which both sides become multiples: patch size times merge size
     * @param minPixels the smallest area of all frames together
     * @param maxPixels the largest area of all frames together
     */
    public static ImageSize of(
            int frames, int width, int height, int temporal, int factor, long minPixels, long maxPixels) {
        int w = width;
        int h = height;
        if (h < factor || w < factor) {
            double scale = Math.max((double) factor / h, (double) factor / w);
            h = (int) (height * scale);
            w = (int) (width * scale);
        }
        if ((double) Math.max(w, h) / Math.min(w, h) > 200) {
            throw new ImageException(
                    "a film of %d x %d pixels is too narrow: one side may be at most 200 times as long as the other"
                            .formatted(width, height));
        }
        long rounded = (long) (Math.rint((double) frames / temporal) * temporal);
        return ImageSize.bounded(frames, rounded, w, h, factor, minPixels, maxPixels);
    }
}
