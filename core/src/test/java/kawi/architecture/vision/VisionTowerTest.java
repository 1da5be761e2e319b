package kawi.architecture.vision;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static kawi.architecture.Reference.assertClose;
import static kawi.architecture.Reference.expected;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.kernels.WorkerPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vision transformer against outputs of transformers 5.18, and against itself in other tiers and threads. */
class VisionTowerTest {

    private static final double TOLERANCE = 1e-4;
    private static final String PIXELS = "vision-vgtk-tied/pixels/pixel_values.safetensors";
    private static final String STAGES = "vision-vgtk-tied/f32/vision.safetensors";
    private static final String REFERENCE = "vision-vgtk-tied/f32/reference.safetensors";

    /** Grids of the images in the fixture, [height, width] in patches. */
    private static final int[][] IMAGES = {{4, 6}, {4, 8}};

    private static final String[] NAMES = {"image_a", "image_b"};

    private final Arena arena = Arena.ofShared();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        arena.close();
    }

    private VisionTransformer tower(String path, KernelTier tier, int threads) {
        WorkerPool pool = new WorkerPool(threads);
        opened.addFirst(pool);
        VisionFile file = VisionFile.open(Fixture.path(path));
        opened.addFirst(file);
        VisionTransformer tower =
                (VisionTransformer) file.load(new Compute(TierChoice.kernels(tier, arena), pool), () -> false);
        opened.addFirst(tower);
        return tower;
    }

    private float[] encode(VisionTransformer tower, float[] pixels, int height, int width) {
        return encode(tower, pixels, height, width, (stage, x) -> {});
    }

    private float[] encode(
            VisionTransformer tower, float[] pixels, int height, int width, VisionTransformer.Observer observer) {
        int merge = tower.config().spatialMergeSize();
        float[] result = new float[height * width / (merge * merge) * tower.outputSize()];
        MemorySegment out = arena.allocate(JAVA_FLOAT, result.length);
        tower.encode(arena.allocateFrom(JAVA_FLOAT, pixels), height, width, out, () -> false, block -> {}, observer);
        MemorySegment.copy(out, JAVA_FLOAT, 0, result, 0, result.length);
        return result;
    }

    private static float[] pixels(int image) {
        return expected(image == 0 ? PIXELS : STAGES, NAMES[image] + ".pixel_values");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vision-vgtk-tied/f32", "vision-vgtk-tied/gguf/mmproj-f32.gguf"})
    void reproducesEveryStageOfTheReference(String path) {
        VisionTransformer tower = tower(path, KernelTier.SCALAR, 2);
        Map<String, List<Float>> stages = new TreeMap<>();
        List<Float> merged = new ArrayList<>();
        for (int image = 0; image < IMAGES.length; image++) {
            int height = IMAGES[image][0];
            int width = IMAGES[image][1];
            float[] out = encode(tower, pixels(image), height, width, (stage, x) -> {
                List<Float> rows = stages.computeIfAbsent(stage, name -> new ArrayList<>());
                for (int row = 0; row < height * width; row++) {
                    for (int column = 0; column < x.width(); column++) {
                        rows.add(x.get(row, column));
                    }
                }
            });
            for (float value : out) {
                merged.add(value);
            }
        }
        stages.put("merger", merged);
        assertEquals(
                List.of("block0", "block1", "block2", "merger", "patch_embed", "pos_embed_added"),
                List.copyOf(stages.keySet()));
        stages.forEach(
                (stage, values) -> assertClose(expectedAfter(stage), floats(values), TOLERANCE, path + " " + stage));
    }

    private static float[] expectedAfter(String stage) {
        float[] rows = expected(stage.equals("merger") ? REFERENCE : STAGES, "vision." + stage);
        if (stage.equals("pos_embed_added")) { // the reference has what is added
            float[] before = expected(STAGES, "vision.patch_embed");
            for (int i = 0; i < rows.length; i++) {
                rows[i] += before[i];
            }
        }
        return rows;
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }

    @Test
    void reproducesTheReferenceInHalfPrecision() {
        VisionTransformer tower = tower("vision-vgtk-tied/bf16", KernelTier.SCALAR, 2);
        float[] expected = expected("vision-vgtk-tied/bf16/reference.safetensors", "vision.merger");
        float[] a = encode(tower, pixels(0), 4, 6);
        float[] b = encode(tower, pixels(1), 4, 8);
        assertClose(Arrays.copyOf(expected, a.length), a, TOLERANCE, "image_a");
        assertClose(Arrays.copyOfRange(expected, a.length, expected.length), b, TOLERANCE, "image_b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "bf16"})
    void reproducesTheReferenceOfAFilm(String folder) {
        VisionTransformer tower = tower("vision-vgtk-tied/" + folder, KernelTier.SCALAR, 2);
        float[] pixels = expected(PIXELS, "video.pixel_values");
        float[] expected = expected("vision-vgtk-tied/" + folder + "/reference.safetensors", "video.merger");
        int pairs = 3;
        for (int pair = 0; pair < pairs; pair++) {
            float[] rows = part(pixels, pair, pairs);
            assertClose(part(expected, pair, pairs), encode(tower, rows, 2, 4), TOLERANCE, "frames " + pair);
        }
    }

    private static float[] part(float[] all, int index, int parts) {
        int length = all.length / parts;
        return Arrays.copyOfRange(all, index * length, (index + 1) * length);
    }

    @Test
    void stopsWithinABlock() {
        VisionTransformer tower = tower("vision-vgtk-tied/f32", KernelTier.SCALAR, 2);
        MemorySegment rows = arena.allocateFrom(JAVA_FLOAT, pixels(0));
        MemorySegment out = arena.allocate(JAVA_FLOAT, 6L * tower.outputSize());
        AtomicInteger done = new AtomicInteger();
        assertThrows(
                CancellationException.class, () -> tower.encode(rows, 4, 6, out, () -> done.get() == 2, done::set));
        assertEquals(2, done.get());
        tower.encode(rows, 4, 6, out, () -> false, done::set);
        assertEquals(3, done.get());
    }

    @Test
    void rejectsGridsThatDoNotMerge() {
        VisionTransformer tower = tower("vision-vgtk-tied/f32", KernelTier.SCALAR, 1);
        MemorySegment rows = arena.allocateFrom(JAVA_FLOAT, pixels(0));
        Exception refused = assertThrows(
                IllegalArgumentException.class, () -> tower.encode(rows, 3, 8, rows, () -> false, block -> {}));
        assertEquals("a grid of 3 x 8 patches does not divide into squares of 2 x 2", refused.getMessage());
    }

    @Test
    void bothLayoutsGiveTheSameBits() {
        float[] folder = encode(tower("vision-vgtk-tied/f32", KernelTier.SCALAR, 1), pixels(0), 4, 6);
        float[] gguf = encode(tower("vision-vgtk-tied/gguf/mmproj-f32.gguf", KernelTier.SCALAR, 1), pixels(0), 4, 6);
        assertArrayEquals(folder, gguf);
        assertTrue(folder[0] != folder[1]);
    }

    @Test
    void loadingAsksBeforeEachLayer() {
        try (WorkerPool pool = new WorkerPool(1);
                VisionFile file = VisionFile.open(Fixture.path("vision-vgtk-tied/f32"))) {
            Compute compute = new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);
            AtomicInteger asked = new AtomicInteger();
            file.load(compute, () -> asked.incrementAndGet() < 0).close();
            int layers = asked.get();
            assertTrue(layers >= 3 * file.config().depth(), "asked " + layers + " times");
            for (int last = 1; last <= layers; last++) {
                int stop = last;
                asked.set(0);
                assertThrows(
                        CancellationException.class, () -> file.load(compute, () -> asked.incrementAndGet() == stop));
                assertEquals(stop, asked.get());
            }
        }
    }

    /** Even an image of a few patches asks for each head of each block. */
    @Test
    void encodingEndsWhereverItIsCancelled() {
        VisionTransformer tower = tower("vision-vgtk-tied/f32", KernelTier.SCALAR, 1);
        MemorySegment rows = arena.allocateFrom(JAVA_FLOAT, pixels(0));
        MemorySegment out = arena.allocate(JAVA_FLOAT, (long) IMAGES[0][0] * IMAGES[0][1] * tower.outputSize());
        AtomicInteger asked = new AtomicInteger();
        tower.encode(rows, IMAGES[0][0], IMAGES[0][1], out, () -> asked.incrementAndGet() < 0, block -> {});
        int times = asked.get();
        int heads = tower.config().numHeads() * tower.config().depth();
        assertTrue(times > heads, "asked " + times + " times");
        for (int last = 1; last <= times; last++) {
            int stop = last;
            asked.set(0);
            assertThrows(
                    CancellationException.class,
                    () -> tower.encode(
                            rows, IMAGES[0][0], IMAGES[0][1], out, () -> asked.incrementAndGet() >= stop, block -> {}));
        }
    }
}
