package kawi.vision;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;
import kawi.image.ImageSize;
import kawi.image.PatchShape;
import kawi.image.Patches;
import kawi.image.Pixels;
import org.jspecify.annotations.Nullable;

/**
 * An image, or a pair of frames of a film, that can be encoded. What it contains is known; the pixels are read again if
 * they are needed and not there any more.
 */
public final class PreparedImage {

    /**
     * Resized frames of the same size.
     *
     * @param second for an image the same as the first
     */
    record Frames(Pixels first, Pixels second) {

        ImageContent content(PatchShape shape) {
            MessageDigest digest = ImageContent.sha256();
            boolean film = !first.equals(second);
            digest.update(ByteBuffer.allocate(3 * Integer.BYTES)
                    .putInt(first.width())
                    .putInt(first.height())
                    .putInt(film ? 2 : 1)
                    .flip());
            digest.update(first.rgb());
            if (film) {
                digest.update(second.rgb());
            }
            return new ImageContent(
                    HexFormat.of().formatHex(digest.digest()),
                    first.height() / shape.factor(),
                    first.width() / shape.factor());
        }
    }

    /** Reads and resizes the frames. */
    @FunctionalInterface
    interface Source {

        /**
         * Reads and resizes them.
         *
         * @throws java.util.concurrent.CancellationException if {@code cancelled} returns true
         */
        Frames read(BooleanSupplier cancelled);
    }

    private final ImageContent content;
    private final PatchShape shape;
    private final Source source;
    private @Nullable Frames frames;

    /** @param frames if they are there already */
    PreparedImage(ImageContent content, PatchShape shape, Source source, @Nullable Frames frames) {
        this.content = content;
        this.shape = shape;
        this.source = source;
        this.frames = frames;
    }

    /** What the image contains. */
    public ImageContent content() {
        return content;
    }

    /** The patches from top to bottom; the width likewise. */
    int gridHeight() {
        return content.rows() * shape.merge();
    }

    int gridWidth() {
        return content.columns() * shape.merge();
    }

    /** The bytes of {@link #write}. */
    long patchBytes() {
        return (long) gridHeight() * gridWidth() * shape.rowSize() * Float.BYTES;
    }

    /** Writes the rows of patches, after which the pixels are no longer kept. */
    void write(MemorySegment rows, BooleanSupplier cancelled) {
        Frames read = takeFrames();
        if (read == null) {
            read = source.read(cancelled);
        }
        Patches.write(read.first(), read.second(), shape, rows);
    }

    private synchronized @Nullable Frames takeFrames() {
        Frames taken = frames;
        frames = null;
        return taken;
    }

    /** The size after resizing. */
    ImageSize size() {
        return new ImageSize(content.columns() * shape.factor(), content.rows() * shape.factor());
    }
}
