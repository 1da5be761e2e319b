package kawi;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes images of {@code java.awt} as BMP files of 24 bits per pixel, which cost no more to write than a copy. */
final class Bitmap {

    private static final int HEADER_BYTES = 54;

    private Bitmap() {}

    static byte[] of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int rowBytes = (3 * width + 3) & ~3;
        long size = HEADER_BYTES + (long) rowBytes * height;
        if (size > MediaFiles.MAX_BYTES) {
            throw new ImageException("the image of %d x %d pixels is too large; at most %d bytes are supported"
                    .formatted(width, height, MediaFiles.MAX_BYTES));
        }
        byte[] bytes = new byte[(int) size];
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        header.put((byte) 'B').put((byte) 'M').putInt(bytes.length).putInt(0).putInt(HEADER_BYTES);
        // A negative height means that rows are stored from the top.
        header.putInt(40).putInt(width).putInt(-height).putShort((short) 1).putShort((short) 24);
        header.putInt(0).putInt(rowBytes * height);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            read(image, y, row);
            int at = HEADER_BYTES + y * rowBytes;
            for (int x = 0; x < width; x++, at += 3) {
                bytes[at] = (byte) row[x];
                bytes[at + 1] = (byte) (row[x] >> 8);
                bytes[at + 2] = (byte) (row[x] >> 16);
            }
        }
        return bytes;
    }

    /** Reads a row as 0xRRGGBB. Of a grey image, getRGB would change the values, which it takes to be linear. */
    private static void read(BufferedImage image, int y, int[] row) {
        int bits = image.getType() == BufferedImage.TYPE_BYTE_GRAY
                ? 8
                : image.getType() == BufferedImage.TYPE_USHORT_GRAY ? 16 : 0;
        if (bits == 0) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            return;
        }
        image.getRaster().getSamples(0, y, row.length, 1, 0, row);
        for (int x = 0; x < row.length; x++) {
            row[x] = (row[x] >> (bits - 8)) * 0x010101;
        }
    }
}
