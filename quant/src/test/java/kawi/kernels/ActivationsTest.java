package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The int8 form of activations, in every tier. */
class ActivationsTest {

    private static byte quant(Activations x, int row, int k) {
        return x.quants().get(ValueLayout.JAVA_BYTE, (long) row * x.blocks() * Activations.BLOCK + k);
    }

    private static float scale(Activations x, int row, int block) {
        return x.scales().getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * x.blocks() + block);
    }

    private static int sum(Activations x, int row, int run) {
        return x.sums().getAtIndex(ValueLayout.JAVA_INT, (long) row * x.blocks() * 2 + run);
    }

    @Test
    void scaleIsTheLargestOver127AndQuantsRoundHalfToEven() {
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Activations x = Activations.allocate(arena, 1, 32);
                float[] values = {
                    127, -127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 0.49999997f, 126.5f, 125.5f, 0.50001f
                };
                int[] expected = {127, -127, 0, 2, 2, 0, -2, -2, 0, 126, 126, 1};
                for (int k = 0; k < values.length; k++) {
                    x.set(0, k, values[k]);
                }
                kernel.quantize(x, 0, 1);
                assertEquals(1f, scale(x, 0, 0));
                for (int k = 0; k < values.length; k++) {
                    assertEquals(expected[k], quant(x, 0, k), "quant of " + values[k]);
                }
                assertEquals(253, sum(x, 0, 0));
            }
        }
    }

    @Test
    void aPartBlockIsPaddedWithZeros() {
        for (MatrixKernel kernel : Tiers.all()) {
            for (int width : new int[] {1, 5, 31, 33, 48, 63}) {
                try (Arena arena = Arena.ofConfined()) {
                    Activations x = Activations.allocate(arena, 3, width);
                    Samples.fill(x, new Random(width));
                    x.quants().fill((byte) 99);
                    kernel.quantize(x, 1, 2);
                    for (int k = 0; k < x.blocks() * Activations.BLOCK; k++) {
                        assertEquals(99, quant(x, 0, k), "row 0 was not asked for");
                        assertEquals(99, quant(x, 2, k), "row 2 was not asked for");
                        assertTrue(k < width || quant(x, 1, k) == 0, "padding");
                    }
                }
            }
        }
    }

    @Test
    void sumsAreThoseOfSixteenQuants() {
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Activations x = Activations.allocate(arena, 4, 112);
                Samples.fill(x, new Random(2));
                kernel.quantize(x, 0, 4);
                for (int row = 0; row < 4; row++) {
                    for (int run = 0; run < x.blocks() * 2; run++) {
                        int sum = 0;
                        for (int k = run * 16; k < run * 16 + 16; k++) {
                            sum += quant(x, row, k);
                        }
                        assertEquals(sum, sum(x, row, run));
                    }
                }
            }
        }
    }

    @Test
    void zerosTinyAndBrokenBlocksFollowThePolicy() {
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Activations x = Activations.allocate(arena, 1, 160);
                x.set(0, 32, Float.MIN_VALUE * 60);
                x.set(0, 64, Float.MIN_VALUE * 90);
                x.set(0, 65, -Float.MIN_VALUE * 189);
                x.set(0, 96, Float.NEGATIVE_INFINITY);
                x.set(0, 97, 5);
                x.set(0, 128, Float.NaN);
                x.set(0, 129, Float.POSITIVE_INFINITY);
                kernel.quantize(x, 0, 1);
                assertEquals(0f, scale(x, 0, 0));
                assertEquals(0f, scale(x, 0, 1), "rounds to zero");
                assertEquals(0, quant(x, 0, 32));
                assertEquals(Float.MIN_VALUE, scale(x, 0, 2));
                assertEquals(90, quant(x, 0, 64));
                assertEquals(-127, quant(x, 0, 65), "clamped");
                assertEquals(Float.POSITIVE_INFINITY, scale(x, 0, 3));
                assertEquals(0, quant(x, 0, 97));
                assertTrue(Float.isNaN(scale(x, 0, 4)), "NaN wins over infinity");
                assertEquals(0, quant(x, 0, 129));
            }
        }
    }
}
