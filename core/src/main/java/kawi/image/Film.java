package kawi.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.BooleanSupplier;
import kawi.ImageException;
import kawi.Part;
import kawi.VideoSource;

/** A film that is being read. Fastest if frames are read in ascending order. Safe for use by several threads. */
public abstract sealed class Film {

    private final String what;

    private Film(String what) {
        this.what = what;
    }

    /**
     * Opens a film.
     *
     * @param what names the film in messages, such as {@code "film 1 of message 3"}
     * @throws ImageException if it is not a film, damaged, too large, or of a format that is not supported
     */
    public static Film open(Part.Video video, String what, ImageLimits limits) {
        return switch (video) {
            case Part.VideoFrames frames -> new Frames(frames.source(), what, limits);
            case Part.VideoFile file -> new Animated(file.buffer(), what, limits);
        };
    }

    /** Returns the number of frames, at least 1. */
    public abstract int frameCount();

    /** Returns the number of frames per second; that of an animation is the average. */
    public abstract double framesPerSecond();

    /** Returns the size of the frames. */
    public abstract ImageSize size();

    /** Adds what identifies the content of a frame to a digest, without decoding the frame. */
    public abstract void update(MessageDigest digest, int index);

    /**
     * Reads a frame.
     *
     * @throws ImageException if it is damaged, or of another size than the first
     * @throws java.util.concurrent.CancellationException if {@code cancelled} returns true, which is asked often
     */
    public abstract Pixels frame(int index, BooleanSupplier cancelled);

    /** Reads a frame; it can be cancelled by an interrupt. */
    public final Pixels frame(int index) {
        return frame(index, () -> Thread.currentThread().isInterrupted());
    }

    final String what() {
        return what;
    }

    /** A film whose frames the application supplies. */
    private static final class Frames extends Film {

        private final VideoSource source;
        private final ImageLimits limits;
        private final int frameCount;
        private final double framesPerSecond;
        private final ImageSize size;

        Frames(VideoSource source, String what, ImageLimits limits) {
            super(what);
            this.source = source;
            this.limits = limits;
            this.frameCount = source.frameCount();
            this.framesPerSecond = source.framesPerSecond();
            if (frameCount < 1 || !(framesPerSecond > 0 && framesPerSecond < Double.POSITIVE_INFINITY)) {
                throw new ImageException(
                        "%s has %d frames at %s per second; it must have at least one, at a finite rate above 0"
                                .formatted(what, frameCount, framesPerSecond));
            }
            this.size = ImageReader.size(image(0).buffer(), name(0));
        }

        @Override
        public int frameCount() {
            return frameCount;
        }

        @Override
        public double framesPerSecond() {
            return framesPerSecond;
        }

        @Override
        public ImageSize size() {
            return size;
        }

        @Override
        public void update(MessageDigest digest, int index) {
            digest.update(image(index).buffer());
        }

        @Override
        public Pixels frame(int index, BooleanSupplier cancelled) {
            Pixels frame = ImageReader.read(image(index).buffer(), name(index), limits, cancelled);
            if (frame.width() != size.width() || frame.height() != size.height()) {
                throw new ImageException("%s has %d x %d pixels, but the first frame has %s; all must be of one size"
                        .formatted(name(index), frame.width(), frame.height(), size));
            }
            return frame;
        }

        private Part.Image image(int index) {
            try {
                Part.Image image = source.frame(index);
                if (image == null) {
                    throw new ImageException("%s is null".formatted(name(index)));
                }
                return image;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read %s: %s".formatted(name(index), e.getMessage()), e);
            }
        }

        private String name(int index) {
            return "frame %d of %s".formatted(index, what());
        }
    }

    /** A film in an animated image. */
    private static final class Animated extends Film {

        private final byte[] fileDigest;
        private final String mediaType;
        private final Animation animation;

        Animated(ByteBuffer file, String what, ImageLimits limits) {
            super(what);
            this.fileDigest = sha256(file);
            this.mediaType = Part.Image.mediaTypeOf(file);
            int maxFrames = limits.maxFrames() + 1;
            this.animation = ImageReader.guarded(mediaType, what, () -> switch (mediaType) {
                case "image/gif" -> new GifAnimation(GifFile.read(file, maxFrames));
                case "image/webp" -> new WebpAnimation(WebpFile.read(file, maxFrames));
                default -> throw unsupported(mediaType, what);
            });
            limits.check(animation.size(), 8, what);
            if (frameCount() > limits.maxFrames() || frameCount() * size().area() > limits.maxFilmPixels()) {
                throw new ImageException(("%s has %s frames of %s pixels; "
                                + "at most %d frames and %d million pixels of all frames are supported")
                        .formatted(
                                what,
                                frameCount() > limits.maxFrames()
                                        ? "more than " + limits.maxFrames()
                                        : "" + frameCount(),
                                size(),
                                limits.maxFrames(),
                                limits.maxFilmPixels() / 1_000_000));
            }
        }

        private static byte[] sha256(ByteBuffer file) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(file.duplicate());
                return digest.digest();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        private static ImageException unsupported(String mediaType, String what) {
            return new ImageException(("%s is of type %s; supported are animated GIF and WebP: "
                            + "for other films, give a list of frames or implement VideoSource")
                    .formatted(what, mediaType));
        }

        @Override
        public int frameCount() {
            return animation.frameCount();
        }

        @Override
        public double framesPerSecond() {
            return frameCount() / animation.seconds();
        }

        @Override
        public ImageSize size() {
            return animation.size();
        }

        @Override
        public void update(MessageDigest digest, int index) {
            digest.update(fileDigest);
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, index));
        }

        @Override
        public synchronized Pixels frame(int index, BooleanSupplier cancelled) {
            return ImageReader.guarded(mediaType, what(), () -> animation.frame(index, cancelled));
        }
    }
}
