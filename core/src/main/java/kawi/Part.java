package kawi;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A part of a {@link Message}'s content. */
public sealed interface Part {

    /**
     * Text.
     *
     * @param text what is said; may be empty
     */
    record Text(String text) implements Part {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * An image, as the bytes of a file. Two images are equal if their bytes, media types and limits are.
     *
     * <p>Formats: PNG, JPEG, GIF (the first frame), BMP, WebP and TIFF (the first page), of which all but GIF and WebP
     * need the module {@code java.desktop}. Kinds of JPEG and TIFF files that the JDK cannot read are read if
     * TwelveMonkeys ({@code com.twelvemonkeys.imageio:imageio-jpeg}, {@code imageio-tiff}) is on the class path. The
     * orientation that a camera has recorded (EXIF) is applied. Transparency is ignored, as in the reference
     * implementation: a pixel has the colour that is stored for it. Colour profiles are ignored, and 16-bit samples are
     * reduced to their upper 8 bits.
     *
     * @param data the file's bytes
     * @param mediaType such as {@code image/png}
     * @param maxTokens the largest number of tokens to which this image is reduced, if it is smaller than that of all
     *     images; 0 if this one has no limit of its own; see {@link AnswerOptions#imageTokens}
     */
    record Image(byte[] data, String mediaType, int maxTokens) implements Part {

        /** @throws IllegalArgumentException if {@code maxTokens} is negative */
        public Image {
            data = Objects.requireNonNull(data, "data").clone();
            Objects.requireNonNull(mediaType, "mediaType");
            if (maxTokens < 0) {
                throw new IllegalArgumentException(
                        "an image cannot be limited to %d tokens; the limit must be positive, or 0 for none"
                                .formatted(maxTokens));
            }
        }

        /** An image without a limit of its own. */
        public Image(byte[] data, String mediaType) {
            this(data, mediaType, 0);
        }

        /**
         * Returns this image with another limit.
         *
         * @param maxTokens the largest number of tokens, or 0 for no limit of its own
         */
        public Image withMaxTokens(int maxTokens) {
            return new Image(data, mediaType, maxTokens);
        }

        /** Returns a copy of the file's bytes. */
        @Override
        public byte[] data() {
            return data.clone();
        }

        /** Returns a read-only view of the file's bytes, which is not a copy. */
        public ByteBuffer buffer() {
            return ByteBuffer.wrap(data).asReadOnlyBuffer();
        }

        /**
         * Returns the media type of the file that begins at the buffer's position, by its first bytes: one of the types
         * of images that can be read, a type that cannot (such as {@code image/heic} or {@code video/mp4}), or
         * {@code application/octet-stream} if it is not recognized.
         */
        public static String mediaTypeOf(ByteBuffer file) {
            return MediaTypes.of(file);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Image image
                    && Arrays.equals(data, image.data)
                    && mediaType.equals(image.mediaType)
                    && maxTokens == image.maxTokens;
        }

        @Override
        public int hashCode() {
            return 31 * (31 * Arrays.hashCode(data) + mediaType.hashCode()) + maxTokens;
        }

        @Override
        public String toString() {
            return "Image[%s, %d bytes]".formatted(mediaType, data.length);
        }
    }

    /** A film: its frames are sampled in time, and each pair of frames is shown to the model with its time. */
    sealed interface Video extends Part {}

    /**
     * A film, as the bytes of an animated GIF or WebP file. Two are equal if their bytes and media types are.
     *
     * @param data the file's bytes
     * @param mediaType such as {@code image/gif}
     */
    record VideoFile(byte[] data, String mediaType) implements Video {
        public VideoFile {
            data = Objects.requireNonNull(data, "data").clone();
            Objects.requireNonNull(mediaType, "mediaType");
        }

        /** Returns a copy of the file's bytes. */
        @Override
        public byte[] data() {
            return data.clone();
        }

        /** Returns a read-only view of the file's bytes, which is not a copy. */
        public ByteBuffer buffer() {
            return ByteBuffer.wrap(data).asReadOnlyBuffer();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof VideoFile file
                    && Arrays.equals(data, file.data)
                    && mediaType.equals(file.mediaType);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(data) + mediaType.hashCode();
        }

        @Override
        public String toString() {
            return "VideoFile[%s, %d bytes]".formatted(mediaType, data.length);
        }
    }

    /**
     * A film, as a source of frames. Two are equal if their sources are.
     *
     * @param source the frames
     */
    record VideoFrames(VideoSource source) implements Video {
        public VideoFrames {
            Objects.requireNonNull(source, "source");
        }
    }

    /** A part that is text. */
    static Part text(String text) {
        return new Text(text);
    }

    /**
     * An image from a file, which is read at once. The format is recognized by the content, not by the name.
     *
     * @throws java.io.UncheckedIOException if the file cannot be read
     * @throws ImageException if it is a folder, or larger than 512 MiB
     */
    static Image image(Path file) {
        return MediaFiles.image(MediaFiles.read(file));
    }

    /** An image from the bytes of a file. The format is recognized by the content. */
    static Image image(byte[] file) {
        return MediaFiles.image(Objects.requireNonNull(file, "file"));
    }

    /**
     * An image from a stream, which is read to its end and not closed.
     *
     * @throws IOException if the stream cannot be read
     * @throws ImageException if the stream has more than 512 MiB
     */
    static Image image(InputStream stream) throws IOException {
        return MediaFiles.image(MediaFiles.read(stream));
    }

    /**
     * An image from the current pixels of a {@code BufferedImage}, which are copied, without their transparency. The
     * part's data is a file of type {@code image/bmp}.
     *
     * <p>Only applications whose runtime has the module {@code java.desktop} can call this method.
     */
    static Image image(BufferedImage image) {
        return new Image(Bitmap.of(image), "image/bmp");
    }

    /**
     * An image from a data URL with base64, such as {@code data:image/png;base64,iVBORw0...}. The format is recognized
     * by the content, whatever media type the URL names.
     *
     * @throws ImageException if the text is not such a URL
     */
    static Image image(String dataUrl) {
        return MediaFiles.image(MediaFiles.dataUrl(dataUrl));
    }

    /**
     * A film from an animated GIF or WebP file, which is read at once.
     *
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    static Video video(Path file) {
        return MediaFiles.video(file);
    }

    /**
     * A film from a folder of images, which are the frames in the order of their names; numbers in names are ordered by
     * value. All files are read at once, except those whose names begin with a dot.
     *
     * @param framesPerSecond a finite number above 0
     * @throws java.io.UncheckedIOException if the folder or a file cannot be read
     */
    static Video video(Path folder, double framesPerSecond) {
        return MediaFiles.video(folder, framesPerSecond);
    }

    /** A film from the bytes of an animated GIF or WebP file. */
    static Video video(byte[] file) {
        return new VideoFile(file, MediaTypes.of(ByteBuffer.wrap(file)));
    }

    /**
     * A film from its frames.
     *
     * @param frames at least one, all of the same width and height
     * @param framesPerSecond a finite number above 0
     */
    static Video video(List<Image> frames, double framesPerSecond) {
        return new VideoFrames(new FrameList(frames, framesPerSecond));
    }

    /** A film whose frames the given source supplies when the model needs them. */
    static Video video(VideoSource source) {
        return new VideoFrames(source);
    }
}
