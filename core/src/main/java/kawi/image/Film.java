package kawi.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import kawi.ImageException;
import kawi.Part;
import kawi.VideoSource;

/** A film that is being read. Frames are read in ascending order. Not safe for use by several threads at once. */
public final class Film {

    private final VideoSource source;
    private final String what;
    private final ImageLimits limits;

    private Film(VideoSource source, String what, ImageLimits limits) {
        this.source = source;
        this.what = what;
        this.limits = limits;
    }

    /**
     * Opens a film.
     *
     * @param what names the film in messages, such as {@code "film 1 of message 3"}
     * @throws ImageException if it is not a film, or of a format that is not supported
     */
    public static Film open(Part.Video video, String what, ImageLimits limits) {
        return switch (video) {
            case Part.VideoFrames frames -> new Film(frames.source(), what, limits);
            case Part.VideoFile file ->
                throw new ImageException("%s of type %s is not supported yet".formatted(what, file.mediaType()));
        };
    }

    /** Returns the number of frames. */
    public int frameCount() {
        return source.frameCount();
    }

    /** Returns the number of frames per second. */
    public double framesPerSecond() {
        return source.framesPerSecond();
    }

    /** Returns the size of the frames, from the header of the first. */
    public ImageSize size() {
        return ImageReader.size(image(0).buffer(), what);
    }

    /** Adds the content of a frame, not decoded, to a digest. */
    public void update(MessageDigest digest, int index) {
        digest.update(image(index).buffer());
    }

    /** Reads a frame. */
    public Pixels frame(int index) {
        return ImageReader.read(image(index).buffer(), "frame %d of %s".formatted(index, what), limits);
    }

    private Part.Image image(int index) {
        try {
            return source.frame(index);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read frame %d of %s: %s".formatted(index, what, e.getMessage()), e);
        }
    }
}
