package kawi.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Cuts images into patches. */
public final class Patches {

    /*
     * Patches in the order of transformers (qwen2_vl/image_processing_qwen2_vl.py). A row has the normalized values of
     * one patch,
     *
     *     row[channel][frame][y][x] = (byte / 255 - mean[channel]) / std[channel]        f32
     *
     * and rows are ordered by squares of merge x merge patches, which become one token: squares row by row from the
     * top, and row by row inside a square.
     */

    private Patches() {}

    /**
     * Writes the rows of an image, or of two frames of a film.
     *
     * @param frame0 an image in a resized size
     * @param frame1 the same, or the next frame of the same size
     * @param rows f32 [patches][3 * temporal * patch * patch]; {@code temporal} is 2
     */
    public static void write(Pixels frame0, Pixels frame1, PatchShape shape, MemorySegment rows) {
        Pixels[] frames = {frame0, frame1};
        int patch = shape.patch();
        int merge = shape.merge();
        int blocks = frame0.width() / shape.factor();
        if (frame0.width() != frame1.width()
                || frame0.height() != frame1.height()
                || shape.temporal() != 2
                || frame0.width() % shape.factor() != 0
                || frame0.height() % shape.factor() != 0) {
            throw new IllegalArgumentException(
                    "frames of %d x %d and %d x %d pixels cannot be cut into patches of %d x %d"
                            .formatted(frame0.width(), frame0.height(), frame1.width(), frame1.height(), patch, patch));
        }
        float[][] table = table(shape);
        float[] row = new float[shape.rowSize()];
        int count = shape.patches(new ImageSize(frame0.width(), frame0.height()));
        for (int p = 0; p < count; p++) {
            int block = p / (merge * merge);
            int inside = p % (merge * merge);
            int top = (block / blocks * merge + inside / merge) * patch;
            int left = (block % blocks * merge + inside % merge) * patch;
            int at = 0;
            for (int channel = 0; channel < 3; channel++) {
                float[] values = table[channel];
                for (Pixels frame : frames) {
                    byte[] rgb = frame.rgb();
                    for (int y = 0; y < patch; y++) {
                        int from = 3 * ((top + y) * frame.width() + left) + channel;
                        for (int x = 0; x < patch; x++, from += 3) {
                            row[at++] = values[rgb[from] & 0xff];
                        }
                    }
                }
            }
            MemorySegment.copy(
                    row, 0, rows, ValueLayout.JAVA_FLOAT_UNALIGNED, (long) p * row.length * Float.BYTES, row.length);
        }
    }

    private static float[][] table(PatchShape shape) {
        float[][] table = new float[3][256];
        for (int channel = 0; channel < 3; channel++) {
            for (int value = 0; value < 256; value++) {
                table[channel][value] = (value / 255f - shape.mean()[channel]) / shape.std()[channel];
            }
        }
        return table;
    }
}
