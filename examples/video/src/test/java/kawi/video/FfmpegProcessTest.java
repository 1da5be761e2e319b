package kawi.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import kawi.ImageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With scripts in the place of ffmpeg, which record how they are called. */
final class FfmpegProcessTest {

    private static final int FRAMES = 6;
    private static final String ALL_FRAMES = "cat frames; sleep 600";
    private static final String NOTHING = "sleep 600";

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "sh is not installed here");
        Files.writeString(folder.resolve("film.mp4"), "a film");
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < FRAMES; i++) {
            frames.writeBytes(Bmp.gray(i));
        }
        Files.write(folder.resolve("frames"), frames.toByteArray());
    }

    private Path script(String name, String commands) throws IOException {
        Path script = folder.resolve(name);
        Files.writeString(
                script, "#!/bin/sh\ncd '%s'\necho \"$$ $*\" >> %s.calls\n%s\n".formatted(folder, name, commands));
        assertTrue(script.toFile().setExecutable(true));
        return script;
    }

    private Ffmpeg ffmpeg(String commands) throws IOException {
        String probed = "echo nb_read_frames=%d; echo avg_frame_rate=30000/1001".formatted(FRAMES);
        return new Ffmpeg(
                script("ffmpeg", commands).toString(),
                script("ffprobe", probed).toString(),
                1,
                Duration.ofMinutes(5),
                Duration.ofMinutes(5));
    }

    private FfmpegVideo open(Ffmpeg ffmpeg) throws IOException {
        return ffmpeg.open(folder.resolve("film.mp4"));
    }

    private List<String> calls() throws IOException {
        Path calls = folder.resolve("ffmpeg.calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private boolean isRunning(int call) {
        try {
            String line = calls().get(call);
            return ProcessHandle.of(Long.parseLong(line.substring(0, line.indexOf(' '))))
                    .map(ProcessHandle::isAlive)
                    .orElse(false);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 6000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertTrue(condition.getAsBoolean());
    }

    /**
     * Calls {@code frame(0)} in another thread, interferes when the process has been started, and returns the failure.
     */
    private Throwable failure(FfmpegVideo video, Consumer<Thread> interference) throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread reader = Thread.ofPlatform().daemon().start(() -> {
            try {
                video.frame(0);
            } catch (Exception e) {
                boolean interrupted = Thread.currentThread().isInterrupted();
                failure.set(
                        e instanceof CancellationException == interrupted
                                ? e
                                : new AssertionError("interrupted: " + interrupted, e));
            }
        });
        await(() -> Files.exists(folder.resolve("ffmpeg.calls"))
                && folder.resolve("ffmpeg.calls").toFile().length() > 0);
        interference.accept(reader);
        assertTrue(reader.join(Duration.ofMinutes(1)));
        await(() -> !isRunning(0));
        return Objects.requireNonNull(failure.get());
    }

    private static void assertContains(String expected, Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.contains(expected), message);
    }

    @Test
    void ascendingFramesAreReadFromOneProcess() throws Exception {
        try (FfmpegVideo video = open(ffmpeg(ALL_FRAMES))) {
            assertEquals(FRAMES, video.frameCount());
            assertEquals(30000 / 1001.0, video.framesPerSecond());
            for (int index : new int[] {0, 0, 2, 3}) {
                assertArrayEquals(Bmp.gray(index), video.frame(index).data());
            }
            assertEquals(1, calls().size());
            assertTrue(isRunning(0));
            video.frame(1);
            assertEquals(2, calls().size());
            assertTrue(calls().get(1).contains("select='gte(n,1)*not(mod(n,1))'"), calls().get(1));
            await(() -> !isRunning(0));
            assertThrows(IndexOutOfBoundsException.class, () -> video.frame(FRAMES));
            assertThrows(IndexOutOfBoundsException.class, () -> video.frame(-1));
        }
        await(() -> !isRunning(1));
    }

    @Test
    void theProcessEndsWithTheLastFrame() throws Exception {
        try (FfmpegVideo video = open(ffmpeg(ALL_FRAMES))) {
            video.frame(0);
            assertArrayEquals(Bmp.gray(FRAMES - 2), video.frame(FRAMES - 2).data());
            assertTrue(isRunning(0));
            assertArrayEquals(Bmp.gray(FRAMES - 1), video.frame(FRAMES - 1).data());
            await(() -> !isRunning(0));
            assertEquals(1, calls().size());
        }
    }

    @Test
    void anIdleProcessEnds() throws Exception {
        Ffmpeg programs = ffmpeg(ALL_FRAMES);
        Ffmpeg idle = new Ffmpeg(programs.ffmpeg(), programs.ffprobe(), 1, programs.timeLimit(), Duration.ofMillis(20));
        try (FfmpegVideo video = open(idle)) {
            byte[] first = video.frame(0).data();
            await(() -> !isRunning(0));
            assertArrayEquals(first, video.frame(0).data());
            assertEquals(1, calls().size());
            video.frame(4);
            assertEquals(2, calls().size());
            assertTrue(calls().get(1).contains("gte(n,4)"), calls().get(1));
        }
    }

    @Test
    void closingEndsTheProcess() throws Exception {
        FfmpegVideo video = open(ffmpeg(ALL_FRAMES));
        video.frame(0);
        assertTrue(isRunning(0));
        video.close();
        await(() -> !isRunning(0));
        video.close();
        assertThrows(IllegalStateException.class, () -> video.frame(0));
    }

    @Test
    void closingEndsReading() throws Exception {
        FfmpegVideo video = open(ffmpeg(NOTHING));
        assertInstanceOf(IllegalStateException.class, failure(video, _ -> video.close()));
    }

    @Test
    void anInterruptEndsReading() throws Exception {
        try (FfmpegVideo video = open(ffmpeg(NOTHING))) {
            assertInstanceOf(CancellationException.class, failure(video, Thread::interrupt));
        }
    }

    @Test
    void readingHasATimeLimit() throws Exception {
        Ffmpeg programs = ffmpeg(NOTHING);
        Duration limit = Duration.ofMillis(200);
        Ffmpeg limited =
                new Ffmpeg(programs.ffmpeg(), script("ffprobe", NOTHING).toString(), 1, limit, limit);
        IOException failure = assertThrows(IOException.class, () -> open(limited));
        assertEquals(
                "cannot read the film %s: %s took longer than PT0.2S"
                        .formatted(folder.resolve("film.mp4"), limited.ffprobe()),
                failure.getMessage());
    }

    @Test
    void theLastLineIsReported() throws Exception {
        String secondFrameCut =
                "head -c 100 frames; yes | head -c 300000 >&2; echo the last line >&2; echo >&2; exit 1";
        try (FfmpegVideo video = open(ffmpeg(secondFrameCut))) {
            assertArrayEquals(Bmp.gray(0), video.frame(0).data());
            ImageException failure = assertThrows(ImageException.class, () -> video.frame(1));
            assertEquals(
                    "cannot read frame 1 of the film %s: the last line".formatted(folder.resolve("film.mp4")),
                    failure.getMessage());
        }
    }

    @Test
    void longMessagesAreCut() throws Exception {
        Ffmpeg programs = ffmpeg("yes 1234567 | tr -d '\\n' | head -c 300000 >&2; exit 1");
        try (FfmpegVideo video = open(programs)) {
            ImageException failure = assertThrows(ImageException.class, () -> video.frame(0));
            assertEquals(
                    "cannot read frame 0 of the film %s: %s"
                            .formatted(
                                    folder.resolve("film.mp4"),
                                    "1234567".repeat(72).substring(0, 500)),
                    failure.getMessage());
        }
    }

    @Test
    void otherOutputIsRefused() throws Exception {
        try (FfmpegVideo video = open(ffmpeg("yes"))) {
            ImageException failure = assertThrows(ImageException.class, () -> video.frame(0));
            assertContains("is no BMP file", failure);
            await(() -> !isRunning(0));
        }
    }

    @Test
    void filmsWithoutARateAreRefused() throws Exception {
        Ffmpeg programs = ffmpeg(NOTHING);
        for (String rate : List.of("0/0", "1/0", "-1/1", "x", "")) {
            script("ffprobe", "echo nb_read_frames=1; echo avg_frame_rate=" + rate);
            assertThrows(ImageException.class, () -> open(programs));
        }
        script("ffprobe", "echo nb_read_frames=1; echo avg_frame_rate=0/0; echo r_frame_rate=25/1");
        assertEquals(25, open(programs).framesPerSecond());
        assertFalse(Files.exists(folder.resolve("ffmpeg.calls")));
    }

    @Test
    void absentProgramsAndFilmsAreNamed() {
        Ffmpeg absent =
                new Ffmpeg("kawi-no-ffmpeg", "kawi-no-ffprobe", 1, Duration.ofMinutes(1), Duration.ofMinutes(1));
        IOException failure = assertThrows(IOException.class, () -> open(absent));
        assertContains("\"kawi-no-ffprobe\"", failure);
        assertContains("; install ffmpeg 5.1 or newer", failure);
        Path nowhere = folder.resolve("nowhere.mp4");
        assertEquals(
                "cannot read the film %s: there is no such file".formatted(nowhere),
                assertThrows(IOException.class, () -> absent.open(nowhere)).getMessage());
        assertThrows(IllegalArgumentException.class, () -> Ffmpeg.onPath().every(0));
    }
}
