package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BooleanSupplier;

/** A BMP file. */
record BmpFile(ByteBuffer file, ImageSize size) implements ImageFile {

    /*
     * A BMP file: a header of 14 bytes, then one whose first field is its size, of 12 bytes in the files of OS/2, or of
     * 40 and more.
     *
     *     12 bytes:  size (u32), width (u16), height (u16), planes (u16), bits per pixel (u16)    little-endian
     *     40 bytes:  size (u32), width (i32), height (i32), planes (u16), bits per pixel (u16), compression (u32), ...
     *
     * A negative height means that rows are stored from the top.
     */

    private static final int BI_JPEG = 4;
    private static final int BI_PNG = 5;

    static BmpFile read(ByteBuffer data) throws IOException {
        ByteBuffer file = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        int header = file.getInt(14);
        if (header == 12) {
            return new BmpFile(file, new ImageSize(file.getShort(18) & 0xffff, file.getShort(20) & 0xffff));
        }
        int compression = file.getInt(30);
        if (header < 40 || compression == BI_JPEG || compression == BI_PNG) {
            throw new IOException("its header of %d bytes has the compression %d, which is not supported"
                    .formatted(header, compression));
        }
        int height = file.getInt(22);
        ImageSize size = new ImageSize(file.getInt(18), Math.absExact(height));
        int bits = file.getShort(28);
        if (compression == 0) {
            long needed = (file.getInt(10) & 0xffff_ffffL) + ((long) size.width() * bits + 31) / 32 * 4 * size.height();
            if (needed > file.limit()) {
                throw new IOException(
                        "it is truncated: it has %d bytes, but its image ends at %d".formatted(file.limit(), needed));
            }
        }
        return new BmpFile(file, size);
    }

    @Override
    public int workspaceBytes() {
        return 4;
    }

    @Override
    public Pixels decode(BooleanSupplier cancelled) throws IOException {
        return ImageIoDecoder.read("image/bmp", file, size, cancelled);
    }
}
