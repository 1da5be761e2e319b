package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;

/** A PNG file. */
record PngFile(ByteBuffer file, ImageSize size, int workspaceBytes, Orientation orientation) implements ImageFile {

    /*
     * A PNG file (W3C Portable Network Graphics, third edition): the signature, then chunks of
     *
     *     length (u32), type (4 letters), data, CRC-32 of type and data (u32)                    big-endian
     *
     * The decoder gets the chunks that determine the pixels and no others: compressed profiles and texts, which can be
     * made to expand without limit, are never expanded. Of an animation, only the image outside of it is read.
     */

    private static final int SIGNATURE_BYTES = 8;
    private static final int IHDR = 0x49484452;
    private static final int PLTE = 0x504c5445;
    private static final int TRNS = 0x74524e53;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454e44;
    private static final int EXIF = 0x65584966;

    static PngFile read(ByteBuffer file) throws IOException {
        if (file.getInt(SIGNATURE_BYTES) != 13 || file.getInt(SIGNATURE_BYTES + 4) != IHDR) {
            throw new IOException("it does not begin with the chunk IHDR");
        }
        int header = SIGNATURE_BYTES + 8;
        ImageSize size = new ImageSize(file.getInt(header), file.getInt(header + 4));
        int bits = file.get(header + 8);
        Orientation orientation = Orientation.TOP_LEFT;
        // A file that ends early is reported when the image is decoded, not here.
        for (int at = SIGNATURE_BYTES; at + 12 <= file.limit(); at = next(file, at)) {
            if (file.getInt(at + 4) == EXIF && next(file, at) <= file.limit() && file.getInt(at) >= 8) {
                orientation = Ifd.orientation(file.slice(at + 8, file.getInt(at)));
            }
        }
        return new PngFile(file, size, bits == 16 ? 8 : 4, orientation);
    }

    /** Returns the offset of the chunk after the one at {@code at}, which may be past the end. */
    private static int next(ByteBuffer file, int at) {
        int length = file.getInt(at);
        return length < 0 || length > file.limit() - at ? Integer.MAX_VALUE - 12 : at + 12 + length;
    }

    @Override
    public Pixels decode(BooleanSupplier cancelled) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(file.limit());
        image.put(file.slice(0, SIGNATURE_BYTES));
        CRC32 crc = new CRC32();
        int at = SIGNATURE_BYTES;
        for (int type = 0; type != IEND; ) {
            if (at + 12 > file.limit() || next(file, at) > file.limit()) {
                throw new IOException("it is truncated: byte %d is in the middle of a chunk".formatted(file.limit()));
            }
            type = file.getInt(at + 4);
            if (type == IHDR || type == PLTE || type == TRNS || type == IDAT || type == IEND) {
                int length = file.getInt(at);
                crc.reset();
                crc.update(file.slice(at + 4, 4 + length));
                if ((int) crc.getValue() != file.getInt(at + 8 + length)) {
                    throw new IOException(
                            "the chunk at byte %d does not have the checksum that is stored".formatted(at));
                }
                image.put(file.slice(at, 12 + length));
            }
            at = next(file, at);
        }
        return ImageIoDecoder.read("image/png", image.flip(), size, cancelled);
    }
}
