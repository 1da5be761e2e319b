package kawi.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BicubicTest {

    /** The CRC-32 of what Pillow 12.3.0 makes: {@code image.resize((newWidth, newHeight), Image.BICUBIC).tobytes()}. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 32, 32, 3891373141",
        "1, 1, 1, 1, 3527620255",
        "2, 3, 64, 32, 1528750522",
        "3, 2, 1, 1, 2098750135",
        "5, 5, 5, 7, 1464596788",
        "5, 5, 7, 5, 3458431213",
        "7, 9, 3, 4, 416384542",
        "16, 16, 256, 256, 4287803093",
        "31, 17, 32, 32, 2200983979",
        "33, 47, 320, 224, 595745465",
        "64, 64, 32, 32, 857120777",
        "64, 64, 64, 64, 2264604910",
        "65, 63, 64, 64, 2460958836",
        "75, 100, 320, 224, 2893048143",
        "100, 75, 96, 64, 2180179912",
        "127, 255, 128, 256, 4015147880",
        "130, 70, 128, 64, 1139210427",
        "199, 1, 3616, 32, 776466398",
        "255, 257, 256, 256, 3117741993",
        "300, 200, 30, 20, 1289549005",
        "311, 211, 32, 64, 2895866487",
        "320, 240, 320, 256, 557825024",
        "400, 112, 512, 160, 1910650131",
        "401, 299, 160, 96, 3265362620",
        "500, 3, 320, 32, 1055531711",
        "640, 480, 64, 64, 3904800204",
        "1, 300, 1, 17, 1247959369",
        "300, 1, 17, 1, 3773320405",
        "1000, 700, 32, 32, 3981031498",
        "33, 33, 1, 1, 558370825",
    })
    void isEqualToPillow(int width, int height, int newWidth, int newHeight, long expected) {
        CRC32 crc = new CRC32();
        crc.update(Bicubic.resize(noise(width, height), new ImageSize(newWidth, newHeight))
                .rgb());
        assertEquals(expected, crc.getValue());
    }

    @Test
    void anImageOfOneColorKeepsIt() {
        byte[] rgb = new byte[3 * 50 * 40];
        Arrays.fill(rgb, (byte) 200);
        byte[] expected = new byte[3 * 32 * 64];
        Arrays.fill(expected, (byte) 200);
        assertArrayEquals(
                expected,
                Bicubic.resize(new Pixels(50, 40, rgb), new ImageSize(32, 64)).rgb());
    }

    @Test
    void canBeCancelled() {
        assertThrows(CancellationException.class, () -> Bicubic.resize(noise(8, 8), new ImageSize(32, 32), () -> true));
    }

    /** Noise with hard edges, which a few lines of Python can make as well. */
    private static Pixels noise(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        int state = width * 31 + height;
        for (int i = 0; i < rgb.length; i++) {
            state = state * 1103515245 + 12345 & 0x7fffffff;
            rgb[i] = (byte) (i / 21 % 3 != 0 ? state >> 16 : 255 * (state >> 20 & 1));
        }
        return new Pixels(width, height, rgb);
    }
}
