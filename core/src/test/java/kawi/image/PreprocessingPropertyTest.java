package kawi.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class PreprocessingPropertyTest {

    /** As {@code bicubic_axis} of the reference, one output at a time, in 64 bits. */
    @Property(tries = 200)
    void resizingFollowsTheDefinition(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 40) int newWidth,
            @ForAll @IntRange(min = 1, max = 40) int newHeight,
            @ForAll Random random) {
        byte[] rgb = new byte[3 * width * height];
        random.nextBytes(rgb);
        byte[] expected = rgb;
        if (newWidth != width) {
            expected = axis(expected, height, width, 3, newWidth);
        }
        if (newHeight != height) {
            expected = axis(expected, 1, height, 3 * newWidth, newHeight);
        }
        assertArrayEquals(
                expected,
                Bicubic.resize(new Pixels(width, height, rgb), new ImageSize(newWidth, newHeight))
                        .rgb());
    }

    /** Resizes the middle axis of {@code [outer][in][inner]}. */
    private static byte[] axis(byte[] source, int outer, int in, int inner, int out) {
        byte[] result = new byte[outer * out * inner];
        double scale = (double) in / out;
        double filterScale = Math.max(scale, 1);
        double support = 2 * filterScale;
        for (int o = 0; o < out; o++) {
            double centre = (o + 0.5) * scale;
            int from = Math.max(0, (int) (centre - support + 0.5));
            int to = Math.min(in, (int) (centre + support + 0.5));
            double[] weights = new double[to - from];
            double sum = 0;
            for (int j = 0; j < weights.length; j++) {
                weights[j] = kernel((j + from - centre + 0.5) / filterScale);
                sum += weights[j];
            }
            for (int a = 0; a < outer; a++) {
                for (int c = 0; c < inner; c++) {
                    long value = 1 << 21;
                    for (int j = 0; j < weights.length; j++) {
                        double weight = weights[j] / sum * (1 << 22);
                        long fixed = (long) (weight < 0 ? weight - 0.5 : weight + 0.5);
                        value += (source[(a * in + from + j) * inner + c] & 0xff) * fixed;
                    }
                    result[(a * out + o) * inner + c] = (byte) Math.max(0, Math.min(255, value >> 22));
                }
            }
        }
        return result;
    }

    private static double kernel(double distance) {
        double x = Math.abs(distance);
        if (x < 1) {
            return (1.5 * x - 2.5) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
    }

    @Property(tries = 500)
    void sizesAreMultiplesWithinTheLimits(
            @ForAll @IntRange(min = 1, max = 9000) int width, @ForAll @IntRange(min = 1, max = 9000) int height) {
        Assume.that(Math.max(width, height) <= 200L * Math.min(width, height));
        PatchShape shape = PatchShape.DEFAULT;
        ImageSize size = shape.resized(new ImageSize(width, height));
        assertEquals(0, size.width() % shape.factor());
        assertEquals(0, size.height() % shape.factor());
        assertTrue(size.area() >= shape.minPixels(), size::toString);
        assertTrue(size.area() <= shape.maxPixels(), size::toString);
        assertEquals(shape.patches(size), 4 * shape.tokens(size));
    }

    @Property(tries = 500)
    void framesAreChosenInOrderFromTheFirstToTheLast(
            @ForAll @IntRange(min = 1, max = 20_000) int total,
            @ForAll @DoubleRange(min = 0.1, max = 240) double rate) {
        FilmFrames frames = FilmFrames.choose(total, rate, PatchShape.DEFAULT);
        List<Integer> indices = frames.indices();
        assertEquals(Math.min(total, Math.max(4, Math.min(768, (int) (total / rate * 2)))), indices.size());
        assertEquals(0, indices.getFirst());
        assertTrue(indices.size() == 1 || indices.getLast() == total - 1);
        for (int i = 1; i < indices.size(); i++) {
            assertTrue(indices.get(i - 1) < indices.get(i));
        }
        assertEquals(indices.getLast(), frames.frame(frames.groups() - 1, 1));
        for (int group = 1; group < frames.groups(); group++) {
            assertTrue(frames.seconds(group - 1) < frames.seconds(group));
        }
    }
}
