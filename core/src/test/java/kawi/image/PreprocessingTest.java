package kawi.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.ImageException;
import kawi.architecture.Reference;
import kawi.files.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the reference library makes of images and films before its vision tower reads them. */
class PreprocessingTest {

    private static final String FOLDER = "vision-vgtk-tied/pixels/";

    /** The preprocessor_config.json of the fixture. */
    private static final PatchShape SHAPE = PatchShape.DEFAULT.withPixels(4096, 65_536);

    private static final JsonNode REFERENCE = JsonMapper.shared().readTree(Fixture.path(FOLDER + "reference.json"));

    @ParameterizedTest
    @ValueSource(strings = {"image_a", "image_b"})
    void theResizedBytesAreEqual(String name) {
        ByteBuffer file = ByteBuffer.wrap(Fixture.bytes(FOLDER + name + ".png"));
        ImageSize size = SHAPE.resized(ImageReader.size(file, name));
        JsonNode grid = REFERENCE.get(name + ".grid_thw");
        assertEquals(grid.get(1).intValue() * SHAPE.patch(), size.height());
        assertEquals(grid.get(2).intValue() * SHAPE.patch(), size.width());
        Pixels resized = Bicubic.resize(read(name), size);
        assertArrayEquals(read(name + ".resized").rgb(), resized.rgb());
    }

    @Test
    void theRowsOfAnImageAreEqual() {
        Pixels image = read("image_a.resized");
        assertArrayEquals(expected("image_a.pixel_values"), rows(image, image));
    }

    @Test
    void theRowsOfAFilmAreEqual() {
        FilmFrames frames = FilmFrames.choose(5, 2, SHAPE);
        float[] expected = expected("video.pixel_values");
        int size = expected.length / frames.groups();
        for (int group = 0; group < frames.groups(); group++) {
            float[] rows =
                    rows(read("video.frame" + frames.frame(group, 0)), read("video.frame" + frames.frame(group, 1)));
            assertArrayEquals(Arrays.copyOfRange(expected, group * size, (group + 1) * size), rows);
        }
    }

    @Test
    void theFramesOfAFilmAreEqual() {
        FilmFrames frames = FilmFrames.choose(5, REFERENCE.get("video.fps").doubleValue(), SHAPE);
        List<Integer> indices = new ArrayList<>();
        REFERENCE.get("video.frame_indices").forEach(index -> indices.add(index.intValue()));
        assertEquals(indices, frames.indices());
        for (int group = 0; group < frames.groups(); group++) {
            assertEquals(REFERENCE.get("video.timestamps").get(group).stringValue(), frames.timestamp(group));
        }
    }

    @Test
    void theSizesOfImagesAreEqual() {
        for (JsonNode row : REFERENCE.get("smart_resize_factor32_min65536_max16777216")) {
            int height = row.get(0).intValue();
            int width = row.get(1).intValue();
            assertEquals(
                    new ImageSize(
                            row.get(2).get(1).intValue(), row.get(2).get(0).intValue()),
                    PatchShape.DEFAULT.resized(new ImageSize(width, height)),
                    () -> height + " x " + width);
        }
    }

    @Test
    void theSizesOfFilmsAreEqual() {
        for (JsonNode row : REFERENCE.get("video_smart_resize_factor32_min4096_max25165824")) {
            int frames = row.get(0).intValue();
            ImageSize size = new ImageSize(row.get(2).intValue(), row.get(1).intValue());
            assertEquals(
                    new ImageSize(
                            row.get(3).get(1).intValue(), row.get(3).get(0).intValue()),
                    PatchShape.DEFAULT.resized(size, frames),
                    () -> frames + " of " + size);
        }
    }

    @Test
    void anImageThatIsTooNarrowIsRefused() {
        assertEquals(new ImageSize(3648, 32), PatchShape.DEFAULT.resized(new ImageSize(200, 1)));
        assertEquals(
                "an image of 1 x 201 pixels is too narrow: one side may be at most 200 times as long as the other",
                assertThrows(ImageException.class, () -> PatchShape.DEFAULT.resized(new ImageSize(1, 201)))
                        .getMessage());
    }

    /** numpy 2.4.6: {@code np.linspace(0, total - 1, n).round().astype(int)}. */
    @ParameterizedTest
    @CsvSource({
        "1, 25, 0",
        "3, 30, '0, 1, 2'",
        "4, 0.5, '0, 1, 2, 3'",
        "10, 30, '0, 3, 6, 9'",
        "48, 24, '0, 16, 31, 47'",
        "75, 29.97, '0, 18, 37, 56, 74'",
        "250, 25, '0, 13, 26, 39, 52, 66, 79, 92, 105, 118, 131, 144, 157, 170, 183, 197, 210, 223, 236, 249'",
    })
    void framesAreChosenAtEqualDistances(int total, double rate, String indices) {
        List<Integer> expected = new ArrayList<>();
        for (String index : indices.split(", ", -1)) {
            expected.add(Integer.valueOf(index));
        }
        assertEquals(
                expected, FilmFrames.choose(total, rate, PatchShape.DEFAULT).indices());
    }

    @Test
    void atMost768FramesAreChosen() {
        FilmFrames frames = FilmFrames.choose(100_000, 25, PatchShape.DEFAULT);
        assertEquals(768, frames.indices().size());
        assertEquals(99_999, frames.indices().getLast());
    }

    /** Half to even on the binary value: 0.25 is a tie, 0.35 is below one and 0.45 above. */
    @ParameterizedTest
    @CsvSource({"0.25, 0.2", "0.75, 0.8", "0.35, 0.3", "0.45, 0.5", "1.05, 1.1", "61.25, 61.2", "0.04, 0.0"})
    void secondsAreRoundedAsInPython(double seconds, String text) {
        int index = (int) Math.round(1000 * seconds);
        FilmFrames frames = new FilmFrames(List.of(index, index), 1000, 2);
        assertEquals(seconds, frames.seconds(0));
        assertEquals("<%s seconds>".formatted(text), frames.timestamp(0));
    }

    private static Pixels read(String name) {
        return ImageReader.read(ByteBuffer.wrap(Fixture.bytes(FOLDER + name + ".png")), name, ImageLimits.DEFAULT);
    }

    private static float[] expected(String name) {
        return Reference.expected(FOLDER + "pixel_values.safetensors", name);
    }

    private static float[] rows(Pixels frame0, Pixels frame1) {
        int size = SHAPE.patches(new ImageSize(frame0.width(), frame0.height())) * SHAPE.rowSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rows = arena.allocate(ValueLayout.JAVA_FLOAT, size);
            Patches.write(frame0, frame1, SHAPE, rows);
            return rows.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
