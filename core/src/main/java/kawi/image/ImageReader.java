package kawi.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import kawi.ImageException;

/** Reads images. */
public final class ImageReader {

    private ImageReader() {}

    /**
     * Returns the size of an image as it is displayed (after the orientation of EXIF), from the header only.
     *
     * @param what names the image in messages, such as {@code "image 1 of message 3"}
     * @throws ImageException if it is not an image, or of a format that is not supported
     */
    public static ImageSize size(ByteBuffer data, String what) {
        try (ImageInputStream stream = stream(data)) {
            javax.imageio.ImageReader reader = reader(stream, what);
            reader.setInput(stream, true, true);
            return new ImageSize(reader.getWidth(0), reader.getHeight(0));
        } catch (IOException | RuntimeException e) {
            throw new ImageException("%s cannot be read: %s".formatted(what, e.getMessage()), e);
        }
    }

    /**
     * Reads an image.
     *
     * @param what names the image in messages, such as {@code "image 1 of message 3"}
     * @throws ImageException if it is not an image, damaged, too large, or of a format that is not supported
     */
    public static Pixels read(ByteBuffer data, String what, ImageLimits limits) {
        ImageSize size = size(data, what);
        if ((long) size.width() * size.height() > limits.maxPixels()) {
            throw new ImageException(
                    "%s has %s pixels; at most %d pixels are supported".formatted(what, size, limits.maxPixels()));
        }
        try (ImageInputStream stream = stream(data)) {
            javax.imageio.ImageReader reader = reader(stream, what);
            reader.setInput(stream, true, true);
            BufferedImage image = reader.read(0);
            byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
            int[] row = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
            for (int i = 0; i < row.length; i++) {
                rgb[3 * i] = (byte) (row[i] >> 16);
                rgb[3 * i + 1] = (byte) (row[i] >> 8);
                rgb[3 * i + 2] = (byte) row[i];
            }
            return new Pixels(image.getWidth(), image.getHeight(), rgb);
        } catch (IOException | RuntimeException e) {
            throw new ImageException("%s cannot be read: %s".formatted(what, e.getMessage()), e);
        }
    }

    private static ImageInputStream stream(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(data.position(), bytes);
        return new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes));
    }

    private static javax.imageio.ImageReader reader(ImageInputStream stream, String what) {
        Iterator<javax.imageio.ImageReader> readers = ImageIO.getImageReaders(stream);
        if (!readers.hasNext()) {
            throw new ImageException("%s is not an image of a supported format".formatted(what));
        }
        return readers.next();
    }
}
