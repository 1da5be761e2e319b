package kawi.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.ImageException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real ffmpeg, and films that it has written: frame N is of the colour (12 N, 240 - 12 N, 100). */
final class FfmpegVideoTest {

    private static final int FRAMES = 20;

    @TempDir
    static Path folder;

    static Path film;

    static boolean installed;

    @BeforeAll
    static void write() throws Exception {
        film = folder.resolve("film.mp4");
        installed = run(List.of("ffmpeg", "-version")) && run(List.of("ffprobe", "-version"));
        String[] encoders = {"libx264 -crf 5 -bf 2 -g 8", "mpeg4 -q:v 1 -bf 2 -g 8"};
        assertTrue(!installed || write(encoders[0]) || write(encoders[1]));
    }

    @BeforeEach
    void assumeInstalled() {
        assumeTrue(installed, "ffmpeg is not installed here");
    }

    private static boolean write(String encoder) throws Exception {
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-y", "-v", "error", "-nostdin", "-f", "lavfi", "-i"));
        command.add("nullsrc=size=64x48:rate=10:duration=2,format=gbrp,geq=r='12*N':g='240-12*N':b=100");
        command.addAll(List.of(("-pix_fmt yuv420p -c:v " + encoder).split(" ", -1)));
        command.add(film.toString());
        return run(command);
    }

    private static boolean run(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void assertFrame(int number, Bmp frame) {
        int[] expected = {12 * number, 240 - 12 * number, 100};
        for (int y = 0; y < frame.height(); y += 15) {
            for (int x = 0; x < frame.width(); x += 15) {
                int[] found = frame.pixel(x, y);
                for (int i = 0; i < 3; i++) {
                    assertEquals(expected[i], found[i], 5, "colour %d of frame %d".formatted(i, number));
                }
            }
        }
    }

    @Test
    void framesAreThoseOfTheirIndices() throws IOException {
        try (FfmpegVideo video = Ffmpeg.onPath().open(film)) {
            assertEquals(FRAMES, video.frameCount());
            assertEquals(10, video.framesPerSecond());
            for (int index : new int[] {0, 0, 1, 7, 8, 19, 0, 13, 4, 5, 19, 19}) {
                Bmp frame = Bmp.of(video.frame(index));
                assertEquals(64, frame.width());
                assertEquals(48, frame.height());
                assertFrame(index, frame);
            }
        }
    }

    @Test
    void framesAreLeftOut() throws IOException {
        try (FfmpegVideo video = Ffmpeg.onPath().every(6).open(film)) {
            assertEquals(4, video.frameCount());
            assertEquals(10 / 6.0, video.framesPerSecond());
            assertFrame(0, Bmp.of(video.frame(0)));
            assertFrame(18, Bmp.of(video.frame(3)));
            assertFrame(6, Bmp.of(video.frame(1)));
            assertFrame(12, Bmp.of(video.frame(2)));
        }
    }

    /** The header of the film keeps the number of frames that it had before the cut. */
    @Test
    void framesBeforeACutAreNotCounted() throws Exception {
        Path cut = folder.resolve("cut.mp4");
        assertTrue(run(List.of(
                "ffmpeg",
                "-y",
                "-v",
                "error",
                "-nostdin",
                "-ss",
                "1.2",
                "-i",
                film.toString(),
                "-c",
                "copy",
                cut.toString())));
        try (FfmpegVideo video = Ffmpeg.onPath().open(cut)) {
            assertEquals(8, video.frameCount());
            assertFrame(12, Bmp.of(video.frame(0)));
            assertFrame(19, Bmp.of(video.frame(7)));
        }
    }

    @Test
    void framesAreRotated() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(film));
        int header = new String(bytes.array(), StandardCharsets.ISO_8859_1).indexOf("tkhd");
        int matrix = header + 44; // of the track's header, by rows
        bytes.putInt(matrix, 0)
                .putInt(matrix + 4, 1 << 16)
                .putInt(matrix + 12, -1 << 16)
                .putInt(matrix + 16, 0);
        Path rotated = Files.write(folder.resolve("rotated.mp4"), bytes.array());
        try (FfmpegVideo video = Ffmpeg.onPath().open(rotated)) {
            Bmp frame = Bmp.of(video.frame(3));
            assertEquals(48, frame.width());
            assertEquals(64, frame.height());
            assertFrame(3, frame);
        }
    }

    @Test
    void namesAreNotOptionsOrAddresses() throws IOException {
        for (String name : List.of("-", "-y b'c%03d,[x].mp4")) {
            Path copy = Files.copy(film, folder.resolve(name));
            Path relative = Path.of("").toAbsolutePath().relativize(copy.toAbsolutePath());
            try (FfmpegVideo video = Ffmpeg.onPath().open(relative)) {
                assertFrame(2, Bmp.of(video.frame(2)));
            }
        }
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(film);
        Path half = Files.write(folder.resolve("half.mp4"), Arrays.copyOf(bytes, bytes.length / 2));
        Path text = Files.writeString(folder.resolve("text.mp4"), "a text\n".repeat(100));
        for (Path file : List.of(half, text)) {
            ImageException refused =
                    assertThrows(ImageException.class, () -> Ffmpeg.onPath().open(file));
            String message = String.valueOf(refused.getMessage());
            assertTrue(message.startsWith("cannot read the film %s: ".formatted(file)), message);
            assertTrue(message.contains("Invalid data found"), message);
        }
    }

    @Test
    void filmsWithoutPicturesAreRefused() throws Exception {
        Path sound = folder.resolve("sound.wav");
        assertTrue(run(List.of(
                "ffmpeg", "-y", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "sine=duration=1", sound.toString())));
        ImageException refused =
                assertThrows(ImageException.class, () -> Ffmpeg.onPath().open(sound));
        assertEquals("cannot read the film %s: ffprobe finds no frame in it".formatted(sound), refused.getMessage());
    }
}
