package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The int8 form of activations, in every tier. */
class ActivationsTest {

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
                assertEquals(1f, x.scale(0, 0));
                for (int k = 0; k < values.length; k++) {
                    assertEquals(expected[k], x.quant(0, k), "quant of " + values[k]);
                }
                assertEquals(253, x.sum(0, 16, 0));
                assertEquals(253, x.sum(0, 32, 0));
                assertEquals(253f, x.scaledSum(0, 16, 0));
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
                    x.int8().fill((byte) 99);
                    kernel.quantize(x, 1, 2);
                    for (int k = 0; k < x.blocks() * Activations.BLOCK; k++) {
                        assertEquals(99, x.quant(0, k), "row 0 was not asked for");
                        assertEquals(99, x.quant(2, k), "row 2 was not asked for");
                        assertTrue(k < width || x.quant(1, k) == 0, "padding");
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
                            sum += x.quant(row, k);
                        }
                        assertEquals(sum, x.sum(row, 16, run));
                        assertEquals(sum * x.scale(row, run / 2), x.scaledSum(row, 16, run));
                    }
                    for (int run = 0; run < x.blocks(); run++) {
                        int sum = x.sum(row, 16, 2 * run) + x.sum(row, 16, 2 * run + 1);
                        assertEquals(sum, x.sum(row, 32, run));
                        assertEquals(sum * x.scale(row, run), x.scaledSum(row, 32, run));
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
                assertEquals(0f, x.scale(0, 0));
                assertEquals(0f, x.scale(0, 1), "rounds to zero");
                assertEquals(0, x.quant(0, 32));
                assertEquals(Float.MIN_VALUE, x.scale(0, 2));
                assertEquals(90, x.quant(0, 64));
                assertEquals(-127, x.quant(0, 65), "clamped");
                assertEquals(Float.POSITIVE_INFINITY, x.scale(0, 3));
                assertEquals(0, x.quant(0, 97));
                assertTrue(Float.isNaN(x.scale(0, 4)), "NaN wins over infinity");
                assertEquals(0, x.quant(0, 129));
            }
        }
    }
}
