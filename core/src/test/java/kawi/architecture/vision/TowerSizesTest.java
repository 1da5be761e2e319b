package kawi.architecture.vision;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static kawi.architecture.Reference.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kawi.RandomModel;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.kernels.WorkerPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Vision transformers of other sizes than the fixture's, against a direct computation and against themselves. */
class TowerSizesTest {

    @TempDir
    Path folder;

    private static float[] encode(Path file, KernelTier tier, int threads, float[] pixels, int height, int width) {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(threads);
                VisionFile vision = VisionFile.open(file);
                VisionTower tower = vision.load(new Compute(TierChoice.kernels(tier, arena), pool), () -> false)) {
            float[] result = new float[height * width / tower.config().merged() * tower.outputSize()];
            MemorySegment out = arena.allocate(JAVA_FLOAT, result.length);
            tower.encode(arena.allocateFrom(JAVA_FLOAT, pixels), height, width, out, () -> false, block -> {});
            MemorySegment.copy(out, JAVA_FLOAT, 0, result, 0, result.length);
            return result;
        }
    }

    private static List<KernelTier> usable() {
        List<KernelTier> usable = new ArrayList<>();
        for (KernelTier tier : KernelTier.values()) {
            try {
                TierChoice.choose(tier.label());
                usable.add(tier);
            } catch (UnsupportedOperationException e) {
                // TierChoiceTest fails if this JVM should have it.
            }
        }
        return usable;
    }

    @ParameterizedTest
    @CsvSource({
        // depth, heads, head size, inner, patch, frames, merge, table side, out, grid
        "1, 1, 4, 5, 2, 1, 1, 1, 3, 1, 1",
        "2, 2, 16, 24, 4, 2, 2, 8, 20, 4, 6",
        "2, 3, 20, 33, 3, 2, 2, 3, 7, 2, 10",
        "1, 2, 64, 40, 4, 2, 3, 5, 33, 6, 9",
        "2, 2, 72, 100, 4, 2, 2, 6, 40, 18, 16",
        "3, 1, 72, 17, 5, 1, 4, 2, 16, 4, 8",
        "1, 2, 80, 30, 4, 2, 1, 7, 9, 17, 16",
    })
    void reproducesTheDefinition(
            int depth,
            int heads,
            int headDim,
            int inner,
            int patch,
            int frames,
            int merge,
            int side,
            int out,
            int height,
            int width) {
        VisionConfig config = new VisionConfig(
                depth, heads * headDim, inner, heads, 3, patch, frames, merge, out, side * side, 1e-6f);
        RandomTower reference = new RandomTower(config, depth % 2 == 0, depth * 31L + headDim);
        Path file = folder.resolve("mmproj.gguf");
        reference.writeTo(file);
        float[] pixels = reference.numbers(height * width * config.patchWidth());
        double[][] expected = reference.encode(pixels, height, width);
        float[] first = encode(file, KernelTier.SCALAR, 1, pixels, height, width);
        float[] rounded = new float[first.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) expected[i / out][i % out];
        }
        assertClose(rounded, first, 1e-4, config.toString());
        for (KernelTier tier : usable()) {
            assertArrayEquals(first, encode(file, tier, 1, pixels, height, width), () -> tier + " of " + config);
        }
    }

    /** More patches than a chunk and two pages have. */
    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        VisionConfig config = new VisionConfig(2, 32, 24, 2, 3, 2, 2, 2, 12, 16, 1e-6f);
        RandomTower random = new RandomTower(config, true, 5);
        Path file = folder.resolve("mmproj.gguf");
        random.writeTo(file);
        int height = 26;
        int width = 24;
        float[] pixels = random.numbers(height * width * config.patchWidth());
        float[] expected = encode(file, KernelTier.SCALAR, 1, pixels, height, width);
        for (KernelTier tier : usable()) {
            for (int threads = 1; threads <= 4; threads++) {
                String where = "%s with %d threads".formatted(tier, threads);
                assertArrayEquals(expected, encode(file, tier, threads, pixels, height, width), where);
            }
        }
    }

    /** The formats in which mmproj files are published, and some more. */
    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    void everyTierGivesTheSameBits(String type) {
        Path file = folder.resolve("mmproj.gguf");
        RandomModel.of("tiny").type(type).writeVisionTo(file, step -> {});
        float[] pixels = pixels(4 * 6);
        float[] expected = encode(file, KernelTier.SCALAR, 2, pixels, 4, 6);
        for (KernelTier tier : usable()) {
            assertArrayEquals(expected, encode(file, tier, 2, pixels, 4, 6), tier + " of " + type);
        }
    }

    /** Random pixels of a tiny model. */
    private static float[] pixels(int patches) {
        SplittableRandom random = new SplittableRandom(3);
        float[] pixels = new float[patches * 3 * 2 * 16 * 16];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble(-1, 1);
        }
        return pixels;
    }

    @Test
    void quantizedWeightsGiveAboutTheSame() {
        float[] pixels = pixels(4 * 4);
        Path file = folder.resolve("mmproj.gguf");
        float[][] results = new float[2][];
        for (int i = 0; i < 2; i++) {
            RandomModel.of("tiny").type(i == 0 ? "F32" : "Q8_0").writeVisionTo(file, step -> {});
            results[i] = encode(file, KernelTier.SCALAR, 1, pixels, 4, 4);
        }
        double square = 0;
        double error = 0;
        for (int i = 0; i < results[0].length; i++) {
            square += Math.pow(results[0][i], 2);
            error += Math.pow(results[0][i] - results[1][i], 2);
        }
        assertEquals(0, Math.sqrt(error / square), 0.02);
    }
}
