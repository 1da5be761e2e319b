package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The first page of a TIFF file.
 *
 * @param palette 0xffRRGGBB of each colour; empty if the samples are not indices of colours
 */
record TiffFile(ByteBuffer file, ImageSize size, int workspaceBytes, Orientation orientation, int[] palette)
        implements ImageFile {

    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int BITS_PER_SAMPLE = 258;
    private static final int PHOTOMETRIC = 262;
    private static final int STRIP_OFFSETS = 273;
    private static final int SAMPLES_PER_PIXEL = 277;
    private static final int STRIP_BYTES = 279;
    private static final int COLOR_MAP = 320;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;

    /** Kinds of colours: two of grey, RGB, a palette, inks, YCbCr. Of others, decoders would return wrong colours. */
    private static final Set<Long> COLORS = Set.of(0L, 1L, 2L, 3L, 5L, 6L);

    private static final long CMYK = 5;
    private static final int MAX_BYTES_PER_PIXEL = 64;

    static TiffFile read(ByteBuffer file) throws IOException {
        Ifd ifd = Ifd.read(file);
        ImageSize size = new ImageSize((int) ifd.first(WIDTH, 0), (int) ifd.first(HEIGHT, 0));
        long bits = ifd.first(SAMPLES_PER_PIXEL, 1) * ifd.first(BITS_PER_SAMPLE, 1);
        if (bits > 8 * MAX_BYTES_PER_PIXEL) {
            throw new IOException("its pixels of %d bits are not supported".formatted(bits));
        }
        long colors = ifd.first(PHOTOMETRIC, 0);
        if (!COLORS.contains(colors) || (colors == CMYK && ifd.first(BITS_PER_SAMPLE, 1) != 8)) {
            throw new IOException("its colours, of photometric interpretation %d with %d bits, are not supported"
                    .formatted(colors, ifd.first(BITS_PER_SAMPLE, 1)));
        }
        boolean tiles = ifd.count(TILE_OFFSETS) > 0;
        inside(file, ifd, tiles ? TILE_OFFSETS : STRIP_OFFSETS, tiles ? TILE_BYTES : STRIP_BYTES);
        if (tiles && ifd.first(TILE_WIDTH, 0) * ifd.first(TILE_HEIGHT, 0) > Math.max(1 << 22, 4L * size.area())) {
            throw new IOException("its tiles of %d x %d pixels are larger than the image"
                    .formatted(ifd.first(TILE_WIDTH, 0), ifd.first(TILE_HEIGHT, 0)));
        }
        return new TiffFile(file, size, 2 * (int) Math.max(4, (bits + 7) / 8), ifd.orientation(), palette(ifd, bits));
    }

    /** The values of a colour map have 16 bits, of which Pillow takes the upper 8; the JDK would round. */
    private static int[] palette(Ifd ifd, long bits) throws IOException {
        int colors = 1 << Math.min(8, bits);
        if (ifd.first(PHOTOMETRIC, 0) != 3 || ifd.count(COLOR_MAP) != 3 * colors) {
            return new int[0];
        }
        int[] palette = new int[colors];
        for (int i = 0; i < colors; i++) {
            palette[i] = 0xff;
            for (int c = 0; c < 3; c++) {
                palette[i] = palette[i] << 8 | (int) ifd.value(COLOR_MAP, c * colors + i) >> 8;
            }
        }
        return palette;
    }

    private static void inside(ByteBuffer file, Ifd ifd, int offsets, int sizes) throws IOException {
        for (int i = 0; i < ifd.count(offsets); i++) {
            long end = ifd.value(offsets, i) + (ifd.count(sizes) == 0 ? 0 : ifd.value(sizes, i));
            if (end > file.limit()) {
                throw new IOException("it is truncated: it has %d bytes, but a part of its image ends at %d"
                        .formatted(file.limit(), end));
            }
        }
    }

    @Override
    public Pixels decode(BooleanSupplier cancelled) throws IOException {
        return ImageIoDecoder.read("image/tiff", file, size, palette, cancelled);
    }
}
