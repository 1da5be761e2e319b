package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import kawi.ImageException;
import kawi.Part;

/** Reads images. */
public final class ImageReader {

    /*
     * Files are untrusted. What a file needs in memory is known from its header, which is read by classes of this
     * package and bounds what a decoder may allocate; a decoder that finds another size is not used. Whatever a decoder
     * throws for a damaged file becomes an ImageException.
     */

    private ImageReader() {}

    /**
     * Returns the size of an image as it is displayed (after the orientation of EXIF), from the header only.
     *
     * @param what names the image in messages, such as {@code "image 1 of message 3"}
     * @throws ImageException if it is not an image, or of a format that is not supported
     */
    public static ImageSize size(ByteBuffer data, String what) {
        ImageFile file = open(data, what);
        return file.orientation().displayed(file.size());
    }

    /**
     * Reads an image; it can be cancelled by an interrupt.
     *
     * @param what names the image in messages, such as {@code "image 1 of message 3"}
     * @throws ImageException if it is not an image, damaged, too large, or of a format that is not supported
     * @throws CancellationException if the thread is interrupted
     */
    public static Pixels read(ByteBuffer data, String what, ImageLimits limits) {
        return read(data, what, limits, () -> Thread.currentThread().isInterrupted());
    }

    /**
     * Reads an image.
     *
     * @param what names the image in messages, such as {@code "image 1 of message 3"}
     * @throws ImageException if it is not an image, damaged, too large, or of a format that is not supported
     * @throws CancellationException if {@code cancelled} returns true, which is asked often
     */
    public static Pixels read(ByteBuffer data, String what, ImageLimits limits, BooleanSupplier cancelled) {
        ImageFile file = open(data, what);
        limits.check(file.size(), file.workspaceBytes(), what);
        Pixels stored = guarded(Part.Image.mediaTypeOf(data), what, () -> file.decode(cancelled));
        return file.orientation().displayed(stored);
    }

    private static ImageFile open(ByteBuffer data, String what) {
        ByteBuffer file = data.slice();
        if (!file.hasRemaining()) {
            throw new ImageException("%s is empty: it has no bytes".formatted(what));
        }
        String mediaType = Part.Image.mediaTypeOf(data);
        return guarded(mediaType, what, () -> switch (mediaType) {
            case "image/png" -> PngFile.read(file);
            case "image/jpeg" -> JpegFile.read(file);
            case "image/gif" -> GifFile.read(file, 1);
            case "image/bmp" -> BmpFile.read(file);
            case "image/webp" -> WebpFile.read(file, 1);
            case "image/tiff" -> TiffFile.read(file);
            default -> throw unsupported(mediaType, what);
        });
    }

    static ImageException unsupported(String mediaType, String what) {
        String found = mediaType.equals("application/octet-stream") ? "of an unknown format" : "of type " + mediaType;
        return new ImageException(
                "%s is %s; supported are PNG, JPEG, GIF, BMP, TIFF and WebP: convert it to one of these"
                        .formatted(what, found));
    }

    /** A step of reading a file. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws IOException;
    }

    /** Runs a step, and describes its failure. */
    static <T> T guarded(String mediaType, String what, Step<T> step) {
        String format = mediaType.substring(mediaType.indexOf('/') + 1).toUpperCase(Locale.ROOT);
        try {
            return step.run();
        } catch (ImageException | CancellationException e) {
            throw e;
        } catch (IndexOutOfBoundsException e) {
            throw new ImageException("%s is damaged: a %s file has ended too early".formatted(what, format), e);
        } catch (IOException | RuntimeException e) {
            throw new ImageException(
                    "%s is damaged or not a supported kind of %s file: %s%s"
                            .formatted(what, format, e.getMessage(), moreKinds(format, String.valueOf(e.getMessage()))),
                    e);
        } catch (OutOfMemoryError e) {
            throw new ImageException(
                    "%s cannot be decoded: the heap is too small; its largest size is %d MB (-Xmx)"
                            .formatted(what, Runtime.getRuntime().maxMemory() >> 20),
                    e);
        } catch (LinkageError e) {
            throw new ImageException(
                    ("%s cannot be decoded: images of type %s need the module java.desktop, which this Java runtime "
                                    + "does not have or the application does not require; add it with "
                                    + "--add-modules java.desktop")
                            .formatted(what, mediaType),
                    e);
        }
    }

    /** Names what reads more kinds of files of a format than the JDK, if that is what is lacking. */
    private static String moreKinds(String format, String reason) {
        boolean known = format.equals("JPEG") || format.equals("TIFF");
        return !known || !reason.contains("nsupported")
                ? ""
                : "; com.twelvemonkeys.imageio:imageio-%s:3.14.0 on the class path reads more kinds"
                        .formatted(format.toLowerCase(Locale.ROOT));
    }
}
