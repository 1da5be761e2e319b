package kawi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import kawi.image.ImageLimits;
import kawi.image.ImageReader;
import kawi.image.Pixels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartTest {

    private static final Path FOLDER = Path.of("src/test/resources/kawi/image");

    @ParameterizedTest
    @CsvSource({
        "rgba8.png, image/png",
        "grey.jpg, image/jpeg",
        "grey.gif, image/gif",
        "os2.bmp, image/bmp",
        "rgb.tif, image/tiff",
        "lossy.webp, image/webp",
        "make_image_fixtures.py, application/octet-stream"
    })
    void theMediaTypeIsThatOfTheContent(String name, String mediaType, @TempDir Path folder) throws IOException {
        Path misnamed = Files.copy(FOLDER.resolve(name), folder.resolve("image.png"));
        byte[] bytes = Files.readAllBytes(misnamed);
        Part.Image image = Part.image(misnamed);
        assertEquals(mediaType, image.mediaType());
        assertArrayEquals(bytes, image.data());
        assertEquals("Image[%s, %d bytes]".formatted(mediaType, bytes.length), image.toString());
    }

    @Test
    void imagesOfTheSameContentAreEqual() throws IOException {
        Path file = FOLDER.resolve("grey.jpg");
        byte[] bytes = Files.readAllBytes(file);
        Part.Image image = Part.image(file);
        assertEquals(image, Part.image(bytes));
        assertEquals(image.hashCode(), Part.image(bytes).hashCode());
        assertEquals(image, Part.image(new ByteArrayInputStream(bytes)));
        assertEquals(
                image,
                Part.image("data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes)));
        assertEquals(image, Part.image("DATA:;Base64," + Base64.getMimeEncoder().encodeToString(bytes)));
        assertNotEquals(image, Part.image(FOLDER.resolve("cmyk.jpg")));
        bytes[bytes.length / 2]++;
        assertNotEquals(image, Part.image(bytes));
    }

    @Test
    void aPartKeepsItsBytes() {
        byte[] bytes = {1, 2, 3};
        Part.Image image = Part.image(bytes);
        bytes[0] = 9;
        image.data()[1] = 9;
        assertArrayEquals(new byte[] {1, 2, 3}, image.data());
        assertTrue(image.buffer().isReadOnly());
        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), image.buffer());
    }

    @Test
    void aFileThatDoesNotExistIsNamed() {
        Path file = Path.of("no", "such.png");
        assertEquals(
                "cannot read %s: the file does not exist".formatted(file),
                assertThrows(UncheckedIOException.class, () -> Part.image(file)).getMessage());
    }

    /** Characters of another alphabet are not skipped, which would give another file. */
    @ParameterizedTest
    @ValueSource(strings = {"!!!!", "iVBO-w0K", "iVBORw0K=A", "iVBOR"})
    void invalidBase64IsRefused(String content) {
        String message =
                String.valueOf(assertThrows(ImageException.class, () -> Part.image("data:image/png;base64," + content))
                        .getMessage());
        assertTrue(message.startsWith("the data URL of an image has invalid base64: "), message);
    }

    @Test
    void aFolderInsteadOfFramesOrAnImageIsNamed(@TempDir Path empty) {
        assertEquals(
                "cannot read film %s: the folder has no files".formatted(empty),
                assertThrows(ImageException.class, () -> Part.video(empty, 2)).getMessage());
        assertEquals(
                "cannot read %s: it is a folder, not a file".formatted(empty),
                assertThrows(ImageException.class, () -> Part.image(empty)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "photo.png", "https://example.com/a.png", "data:image/png,abc", "data:image/png;base64", ","
            })
    void whatIsNoDataUrlIsRefused(String text) {
        assertEquals(
                ("'%s' is not a data URL with base64, such as data:image/png;base64,...; "
                                + "for a file, use Part.image(Path)")
                        .formatted(text),
                assertThrows(ImageException.class, () -> Part.image(text)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR
            })
    void aBufferedImageKeepsItsColours(int type) {
        BufferedImage image = new BufferedImage(5, 3, type);
        byte[] expected = new byte[3 * 5 * 3];
        for (int i = 0; i < 15; i++) {
            image.setRGB(i % 5, i / 5, 0xff << 24 | (16 * i) << 16 | (200 - i) << 8 | 3 * i);
            expected[3 * i] = (byte) (16 * i);
            expected[3 * i + 1] = (byte) (200 - i);
            expected[3 * i + 2] = (byte) (3 * i);
        }
        Part.Image part = Part.image(image);
        assertEquals("image/bmp", part.mediaType());
        image.setRGB(0, 0, 0xffffffff);
        Pixels pixels = ImageReader.read(part.buffer(), "image", ImageLimits.DEFAULT);
        assertEquals(5, pixels.width());
        assertArrayEquals(expected, pixels.rgb());
    }

    /** As a grey file has them, although getRGB returns other values. */
    @ParameterizedTest
    @CsvSource({"10, 100", "11, 25856"})
    void aGreyBufferedImageKeepsItsSamples(int type, int sample) {
        BufferedImage image = new BufferedImage(1, 1, type);
        image.getRaster().setSample(0, 0, 0, sample);
        byte grey = (byte) (type == BufferedImage.TYPE_BYTE_GRAY ? sample : sample >> 8);
        Pixels pixels = ImageReader.read(Part.image(image).buffer(), "image", ImageLimits.DEFAULT);
        assertArrayEquals(new byte[] {grey, grey, grey}, pixels.rgb());
    }

    @Test
    void aFolderHasItsFramesInTheOrderOfNumbers(@TempDir Path folder) throws IOException {
        List<String> names = List.of("frame2.png", "frame10.png", "frame9.png");
        List<String> files = List.of("grey1.png", "grey4.png", "grey2.png");
        for (int i = 0; i < 3; i++) {
            Files.copy(FOLDER.resolve(files.get(i)), folder.resolve(names.get(i)));
        }
        Files.writeString(folder.resolve(".hidden"), "");
        List<Part.Image> frames = List.of(
                Part.image(FOLDER.resolve("grey1.png")),
                Part.image(FOLDER.resolve("grey2.png")),
                Part.image(FOLDER.resolve("grey4.png")));
        assertEquals(Part.video(frames, 5), Part.video(folder, 5));
        assertNotEquals(Part.video(frames, 5), Part.video(folder, 6));
        assertEquals(
                "cannot read film %s: it is a folder; give the rate of its frames with Part.video(Path, double)"
                        .formatted(folder),
                assertThrows(ImageException.class, () -> Part.video(folder)).getMessage());
    }

    @Test
    void aFilmHasFramesAndARate() {
        List<Part.Image> one = List.of(Part.image(FOLDER.resolve("grey1.png")));
        assertThrows(ImageException.class, () -> Part.video(List.of(), 5));
        assertThrows(ImageException.class, () -> Part.video(one, 0));
        assertThrows(ImageException.class, () -> Part.video(one, Double.NaN));
        assertThrows(ImageException.class, () -> Part.video(one, Double.POSITIVE_INFINITY));
    }
}
