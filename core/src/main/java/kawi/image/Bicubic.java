package kawi.image;

import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Resizes images. */
public final class Bicubic {

    /*
     * Bicubic interpolation, equal to Pillow to the byte (Pillow, src/libImaging/Resample.c:
     * ImagingResampleHorizontal_8bpc, ImagingResampleVertical_8bpc, precompute_coeffs, bicubic_filter).
     *
     *     k(x) = (a + 2)|x|^3 - (a + 3)|x|^2 + 1          |x| < 1             a = -0.5
     *          = a|x|^3 - 5a|x|^2 + 8a|x| - 4a            1 <= |x| < 2
     *
     * Output o is centred at c = (o + 0.5) * scale, with scale = in / out, and is the sum of the inputs j from trunc(c
     * - s + 0.5) until trunc(c + s + 0.5), s = 2 * max(1, scale), with the weights k((j - c + 0.5) / max(1, scale)),
     * divided by their sum and rounded to 22 fractional bits. Columns are computed first; the result of each direction
     * is rounded to a byte. A direction whose size does not change is skipped.
     */

    private static final int PRECISION = 22;
    private static final int HALF = 1 << (PRECISION - 1);

    private Bicubic() {}

    /** Returns the image in another size. */
    public static Pixels resize(Pixels image, ImageSize size) {
        return resize(image, size, () -> Thread.currentThread().isInterrupted());
    }

    /**
     * Returns the image in another size.
     *
     * @throws CancellationException if {@code cancelled} returns true, which is asked after each row
     */
    public static Pixels resize(Pixels image, ImageSize size, BooleanSupplier cancelled) {
        Weights rows = Weights.of(image.height(), size.height());
        byte[] narrow = size.width() == image.width()
                ? image.rgb()
                : horizontal(image, Weights.of(image.width(), size.width()), size.width(), cancelled);
        byte[] result = size.height() == image.height() ? narrow : vertical(narrow, 3 * size.width(), rows, cancelled);
        return new Pixels(size.width(), size.height(), result);
    }

    private static byte[] horizontal(Pixels image, Weights weights, int width, BooleanSupplier cancelled) {
        byte[] out = new byte[Math.multiplyExact(3 * width, image.height())];
        byte[] in = image.rgb();
        for (int y = 0; y < image.height(); y++) {
            check(cancelled);
            int rowStart = 3 * image.width() * y;
            int at = 3 * width * y;
            for (int x = 0; x < width; x++, at += 3) {
                int from = rowStart + 3 * weights.first[x];
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                for (int j = weights.start[x]; j < weights.start[x + 1]; j++, from += 3) {
                    int weight = weights.values[j];
                    red += (in[from] & 0xff) * weight;
                    green += (in[from + 1] & 0xff) * weight;
                    blue += (in[from + 2] & 0xff) * weight;
                }
                out[at] = clip(red);
                out[at + 1] = clip(green);
                out[at + 2] = clip(blue);
            }
        }
        return out;
    }

    private static byte[] vertical(byte[] in, int rowBytes, Weights weights, BooleanSupplier cancelled) {
        int height = weights.first.length;
        byte[] out = new byte[Math.multiplyExact(rowBytes, height)];
        int[] sums = new int[rowBytes];
        for (int y = 0; y < height; y++) {
            check(cancelled);
            Arrays.fill(sums, HALF);
            int from = weights.first[y] * rowBytes;
            for (int j = weights.start[y]; j < weights.start[y + 1]; j++, from += rowBytes) {
                int weight = weights.values[j];
                for (int i = 0; i < rowBytes; i++) {
                    sums[i] += (in[from + i] & 0xff) * weight;
                }
            }
            int at = y * rowBytes;
            for (int i = 0; i < rowBytes; i++) {
                out[at + i] = clip(sums[i]);
            }
        }
        return out;
    }

    private static byte clip(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PRECISION));
    }

    private static void check(BooleanSupplier cancelled) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled while an image was resized");
        }
    }

    /**
     * The weights of output {@code o} are {@code values[start[o]]} until {@code values[start[o + 1]]}, for the inputs
     * from {@code first[o]} on.
     */
    private record Weights(int[] first, int[] start, int[] values) {

        static Weights of(int in, int out) {
            double scale = (double) in / out;
            double filterScale = Math.max(scale, 1);
            double support = 2 * filterScale;
            int[] first = new int[out];
            int[] start = new int[out + 1];
            int[] values = new int[Math.multiplyExact(out, (int) Math.ceil(support) * 2 + 1)];
            double[] weights = new double[(int) Math.ceil(support) * 2 + 1];
            for (int o = 0; o < out; o++) {
                double centre = (o + 0.5) * scale;
                int from = Math.max(0, (int) (centre - support + 0.5));
                int count = Math.min(in, (int) (centre + support + 0.5)) - from;
                double sum = 0;
                for (int j = 0; j < count; j++) {
                    // Pillow multiplies with the inverse, which gives other bits than a division.
                    weights[j] = kernel((j + from - centre + 0.5) * (1 / filterScale));
                    sum += weights[j];
                }
                first[o] = from;
                start[o + 1] = start[o] + count;
                for (int j = 0; j < count; j++) {
                    double weight = (sum == 0 ? weights[j] : weights[j] / sum) * (1 << PRECISION);
                    values[start[o] + j] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
                }
            }
            return new Weights(first, start, values);
        }

        private static double kernel(double distance) {
            double x = Math.abs(distance);
            double a = -0.5;
            if (x < 1) {
                return ((a + 2) * x - (a + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
        }
    }
}
