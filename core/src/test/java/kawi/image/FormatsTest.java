package kawi.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import kawi.Part;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of all formats, and what Pillow reads in them; {@code make_image_fixtures.py} makes both. */
class FormatsTest {

    static final Path FOLDER = Path.of("src/test/resources/kawi/image");

    static List<String> stills() {
        return names(name -> name.matches(".*\\.(png|jpg|bmp|gif|tif|webp)\\.expected\\.png"));
    }

    static List<String> films() {
        return names(name -> name.endsWith(".0.expected.png"));
    }

    private static List<String> names(Predicate<String> predicate) {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<String> names = new ArrayList<>();
            files.map(file -> file.getFileName().toString())
                    .filter(predicate)
                    .sorted()
                    .forEach(name -> names.add(name.replaceAll("(\\.0)?\\.expected\\.png$", "")));
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("stills")
    void stillImagesAreReadAsPillowReadsThem(String name) {
        Pixels expected = read(name + ".expected.png");
        Pixels actual = read(name);
        assertEquals(new ImageSize(expected.width(), expected.height()), ImageReader.size(bytes(name), name));
        assertPixels(expected, actual);
    }

    @ParameterizedTest
    @MethodSource("films")
    void framesAreDrawnAsPillowDrawsThem(String name) {
        Film film = Film.open(Part.video(FOLDER.resolve(name)), name, ImageLimits.DEFAULT);
        assertTrue(film.frameCount() > 2);
        for (int i = 0; i < film.frameCount(); i++) {
            assertPixels(read(name + "." + i + ".expected.png"), film.frame(i));
        }
        // An earlier frame than the last is drawn again from the first.
        assertPixels(read(name + ".1.expected.png"), film.frame(1));
    }

    /** The delay of the third frame is 0, which programs show for 100 ms. */
    @ParameterizedTest
    @CsvSource({
        "disposal1.gif, 0.75",
        "transparent-frames.gif, 0.5",
        "lossless-film.webp, 0.72",
        "blended-film.webp, 0.32"
    })
    void theRateOfAnAnimationIsTheAverage(String name, double seconds) {
        Film film = Film.open(Part.video(FOLDER.resolve(name)), name, ImageLimits.DEFAULT);
        assertEquals(film.frameCount() / seconds, film.framesPerSecond(), 1e-9);
    }

    static ByteBuffer bytes(String name) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(FOLDER.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Pixels read(String name) {
        return ImageReader.read(bytes(name), name, ImageLimits.DEFAULT);
    }

    private static void assertPixels(Pixels expected, Pixels actual) {
        assertEquals(expected.width(), actual.width());
        assertEquals(expected.height(), actual.height());
        assertArrayEquals(expected.rgb(), actual.rgb());
    }
}
