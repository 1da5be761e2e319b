package kawi.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.ImageException;
import kawi.Part;
import kawi.VideoSource;
import org.junit.jupiter.api.Test;

class FilmTest {

    private static final Part.Image IMAGE = Part.image(FormatsTest.FOLDER.resolve("grey1.png"));

    /** A film that remembers which of its frames were requested. */
    private record Source(int frameCount, double framesPerSecond, List<Integer> requested) implements VideoSource {

        @Override
        public Part.Image frame(int index) throws IOException {
            requested.add(index);
            if (index == 7) {
                throw new FileNotFoundException("7.png");
            }
            return index == 8 ? Part.image(FormatsTest.FOLDER.resolve("grey.jpg")) : IMAGE;
        }
    }

    @Test
    void onlyTheFramesThatAreWantedAreRequested() {
        List<Integer> requested = new ArrayList<>();
        Film film = open(new Source(1000, 100, requested));
        assertEquals(1000, film.frameCount());
        assertEquals(100, film.framesPerSecond());
        assertEquals(new ImageSize(37, 23), film.size());
        film.frame(500);
        film.frame(900);
        assertEquals(List.of(0, 500, 900), requested);
    }

    @Test
    void aFrameThatFailsIsNamed() {
        Film film = open(new Source(10, 2, new ArrayList<>()));
        assertEquals(
                "cannot read frame 7 of film: 7.png",
                assertThrows(UncheckedIOException.class, () -> film.frame(7)).getMessage());
        assertEquals(
                "frame 8 of film has 45 x 30 pixels, but the first frame has 37 x 23; all must be of one size",
                assertThrows(ImageException.class, () -> film.frame(8)).getMessage());
    }

    @Test
    void aSourceWithoutFramesOrRateIsRefused() {
        assertEquals(
                "film has 0 frames at 2.0 per second; it must have at least one, at a finite rate above 0",
                assertThrows(ImageException.class, () -> open(new Source(0, 2, List.of())))
                        .getMessage());
        assertThrows(ImageException.class, () -> open(new Source(1, Double.NaN, List.of())));
    }

    @Test
    void otherFilesAreRefusedByName() {
        byte[] mp4 = {0, 0, 0, 24, 'f', 't', 'y', 'p', 'i', 's', 'o', 'm', 0, 0, 2, 0};
        assertEquals(
                "film is of type video/mp4; supported are animated GIF and WebP: "
                        + "for other films, give a list of frames or implement VideoSource",
                assertThrows(ImageException.class, () -> Film.open(Part.video(mp4), "film", ImageLimits.DEFAULT))
                        .getMessage());
    }

    @Test
    void anAnimationWithTooManyFramesOrPixelsIsRefused() {
        Part.Video video = Part.video(FormatsTest.FOLDER.resolve("disposal1.gif"));
        assertEquals(
                "film has more than 4 frames of 40 x 28 pixels; "
                        + "at most 4 frames and 1 million pixels of all frames are supported",
                assertThrows(ImageException.class, () -> Film.open(video, "film", new ImageLimits(2000, 4, 1_000_000)))
                        .getMessage());
        assertThrows(ImageException.class, () -> Film.open(video, "film", new ImageLimits(2000, 5, 5000)));
        assertEquals(5, Film.open(video, "film", new ImageLimits(2000, 5, 6000)).frameCount());
    }

    @Test
    void framesAreIdentifiedByTheirContent() {
        Film film = open(new Source(10, 2, new ArrayList<>()));
        assertEquals(digest(film, 1).length, 32);
        assertFalse(Arrays.equals(digest(film, 1), digest(film, 8)));
        Film gif = Film.open(Part.video(FormatsTest.FOLDER.resolve("disposal1.gif")), "film", ImageLimits.DEFAULT);
        assertFalse(Arrays.equals(digest(gif, 0), digest(gif, 1)));
    }

    private static Film open(VideoSource source) {
        return Film.open(Part.video(source), "film", ImageLimits.DEFAULT);
    }

    private static byte[] digest(Film film, int index) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            film.update(digest, index);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
