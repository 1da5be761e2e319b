package kawi.image.webp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/** Decodes the transparency of lossy images. */
public final class Alpha {

    /*
     * The transparency of a lossy image (RFC 9649, section 2.7.1.2): flags (u8: 2 bits unused, 2 of preprocessing, 2 of
     * the filter, 2 of the compression, from the highest), then values as they are (0) or as the green of a lossless
     * image (1). The filter adds to each value a prediction:
     *
     *     1          left                                  in the first column, above, and in the first pixel, 0
     *     2          above                                 in the first row, left
     *     3          left + above - above left, clamped    in the first row, left, and in the first column, above
     */

    private static final int HORIZONTAL = 1;
    private static final int GRADIENT = 3;

    private Alpha() {}

    /**
     * Decodes the transparency of an image.
     *
     * @param chunk the data of a chunk {@code ALPH}
     * @return the opacity of each pixel
     * @throws IOException if the data is damaged
     */
    public static byte[] decode(ByteBuffer chunk, int width, int height, BooleanSupplier cancelled) throws IOException {
        int flags = chunk.get(0);
        ByteBuffer data = chunk.slice(1, chunk.limit() - 1);
        byte[] alpha = new byte[width * height];
        if ((flags & 3) == 1) {
            int[] pixels = Vp8L.decode(data, width, height, cancelled);
            for (int i = 0; i < alpha.length; i++) {
                alpha[i] = (byte) (pixels[i] >> 8);
            }
        } else if ((flags & 3) == 0 && data.limit() >= alpha.length) {
            data.get(0, alpha);
        } else {
            throw new IOException("its transparency has the flags %d and %d bytes".formatted(flags, data.limit()));
        }
        unfilter(alpha, width, flags >> 2 & 3);
        return alpha;
    }

    private static void unfilter(byte[] alpha, int width, int filter) {
        for (int i = 1; filter != 0 && i < alpha.length; i++) {
            boolean firstRow = i < width;
            boolean firstColumn = i % width == 0;
            int left = alpha[i - 1] & 0xff;
            int above = firstRow ? left : alpha[i - width] & 0xff;
            int prediction = above;
            if (filter == HORIZONTAL && !firstColumn) {
                prediction = left;
            } else if (filter == GRADIENT && !firstColumn && !firstRow) {
                prediction = Math.max(0, Math.min(255, left + above - (alpha[i - width - 1] & 0xff)));
            }
            alpha[i] += (byte) prediction;
        }
    }
}
