package kawi.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReaderTest {

    /** Offsets of width and height, which are changed to 60,000 (in WebP, the largest of 14 bits). */
    @ParameterizedTest
    @CsvSource({
        "rgba8.png, 16, 20, 4, BIG, 60000",
        "baseline420.jpg, 165, 163, 2, BIG, 60000",
        "palette.gif, 6, 8, 2, LITTLE, 60000",
        "rle8.bmp, 18, 22, 4, LITTLE, 60000",
        "lossy.webp, 26, 28, 2, LITTLE, 16383",
    })
    void aFileThatSaysThatItIsHugeIsRefusedByItsHeader(
            String name, int width, int height, int bytes, String order, int side) {
        ByteBuffer file = FormatsTest.bytes(name);
        file.order(order.equals("BIG") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        for (int at : new int[] {width, height}) {
            if (bytes == 4) {
                file.putInt(at, side);
            } else {
                file.putShort(at, (short) side);
            }
        }
        assertEquals(
                "scan has %d x %d pixels; at most 100 million pixels are supported: reduce it first"
                        .formatted(side, side),
                assertThrows(ImageException.class, () -> ImageReader.read(file, "scan", ImageLimits.DEFAULT))
                        .getMessage());
    }

    @Test
    void theSizeNeedsTheHeaderOnly() {
        ByteBuffer head = FormatsTest.bytes("rgb8-interlaced.png").slice(0, 40);
        assertEquals(new ImageSize(37, 23), ImageReader.size(head, "scan"));
    }

    @Test
    void theBufferBeginsAtItsPosition() {
        byte[] file = FormatsTest.bytes("baseline420.jpg").array();
        ByteBuffer longer = ByteBuffer.allocate(file.length + 9)
                .position(5)
                .put(file)
                .flip()
                .position(5);
        assertEquals(new ImageSize(45, 30), ImageReader.size(longer, "scan"));
        Pixels pixels = ImageReader.read(longer.asReadOnlyBuffer(), "scan", ImageLimits.DEFAULT);
        assertTrue(Arrays.equals(FormatsTest.read("baseline420.jpg").rgb(), pixels.rgb()));
    }

    @ParameterizedTest
    @CsvSource({
        "00000018667479706865696300000000, image/heic",
        "0000001c6674797061766966000000006d696631, image/avif",
        "0000001c667479706d696631000000006d69663168656963, image/heic",
        "000000186674797069736f6d00000200, video/mp4",
        "255044462d312e37, application/pdf",
        "ff0a, image/jxl",
        "3c73766720786d6c6e733d, image/svg+xml",
    })
    void otherFormatsAreRefusedByName(String head, String type) {
        ByteBuffer file = ByteBuffer.wrap(HexFormat.of().parseHex(head));
        assertEquals(
                "scan is of type %s; supported are PNG, JPEG, GIF, BMP, TIFF and WebP: convert it to one of these"
                        .formatted(type),
                assertThrows(ImageException.class, () -> ImageReader.size(file, "scan"))
                        .getMessage());
    }

    @Test
    void whatIsNoImageIsRefused() {
        for (String text : new String[] {"text", "B", "GIF", "RIFF"}) {
            ByteBuffer file = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            assertEquals(
                    "scan is of an unknown format; supported are PNG, JPEG, GIF, BMP, TIFF and WebP: "
                            + "convert it to one of these",
                    assertThrows(ImageException.class, () -> ImageReader.size(file, "scan"))
                            .getMessage());
        }
    }

    @Test
    void anEmptyFileIsNamed() {
        assertEquals(
                "scan is empty: it has no bytes",
                assertThrows(ImageException.class, () -> ImageReader.size(ByteBuffer.allocate(0), "scan"))
                        .getMessage());
    }

    /** CIE L*a*b*, inks of 16 bits, a mask, the mosaic of a camera: decoders would return wrong colours. */
    @ParameterizedTest
    @CsvSource({"rgb.tif, 8, 8", "cmyk.tif, 5, 16", "grey.tif, 4, 8", "grey.tif, 32803, 8", "rgb.tif, 34892, 8"})
    void tiffFilesOfOtherColoursAreRefused(String name, int photometric, int bits) {
        byte[] file = new byte[FormatsTest.bytes(name).remaining()];
        FormatsTest.bytes(name).get(file);
        ByteBuffer changed = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int entries = changed.getInt(4) + 2;
        for (int i = 0; i < changed.getShort(entries - 2); i++) {
            int entry = entries + 12 * i;
            int tag = changed.getShort(entry);
            if (tag == 262) {
                changed.putShort(entry + 8, (short) photometric);
            } else if (tag == 258) {
                changed.putShort(changed.getInt(entry + 4) > 2 ? changed.getInt(entry + 8) : entry + 8, (short) bits);
            }
        }
        String message = String.valueOf(assertThrows(ImageException.class, () -> ImageReader.size(changed, "scan"))
                .getMessage());
        assertTrue(
                message.contains("its colours, of photometric interpretation %d with %d bits, are not supported"
                        .formatted(photometric, bits)),
                message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgb16.png",
                "baseline444.jpg",
                "progressive420.jpg",
                "grey.gif",
                "mode-RGB.bmp",
                "rgb-lzw.tif",
                "lossless.webp"
            })
    void aFileThatIsCutOffIsRefused(String name) {
        ByteBuffer file = FormatsTest.bytes(name);
        for (int part = 1; part < 8; part++) {
            ByteBuffer beginning = file.slice(0, file.limit() * part / 8);
            String message = String.valueOf(
                    assertThrows(ImageException.class, () -> ImageReader.read(beginning, "scan", ImageLimits.DEFAULT))
                            .getMessage());
            assertTrue(message.startsWith("scan is damaged"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgb16.png",
                "baseline444.jpg",
                "progressive420.jpg",
                "grey.gif",
                "mode-RGB.bmp",
                "rgb-lzw.tif",
                "lossless.webp"
            })
    void readingCanBeCancelled(String name) {
        AtomicInteger asked = new AtomicInteger();
        assertThrows(
                CancellationException.class,
                () -> ImageReader.read(
                        FormatsTest.bytes(name), "scan", ImageLimits.DEFAULT, () -> asked.incrementAndGet() > 0));
        Thread.currentThread().interrupt();
        try {
            assertThrows(CancellationException.class, () -> FormatsTest.read(name));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }
}
