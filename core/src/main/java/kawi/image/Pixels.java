package kawi.image;

import java.util.Objects;

/**
 * An image in memory.
 *
 * @param rgb 8-bit red, green and blue of each pixel, row by row from the top: {@code 3 * width * height} bytes, which
 *     nobody changes
 */
public record Pixels(int width, int height, byte[] rgb) {

    public Pixels {
        Objects.requireNonNull(rgb, "rgb");
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "%d bytes are not an image of %d x %d pixels".formatted(rgb.length, width, height));
        }
    }
}
