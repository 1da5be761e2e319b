package kawi.video;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import kawi.Part;

/** A BMP file with 24 bits per pixel and rows from the bottom. */
record Bmp(int width, int height, ByteBuffer file) {

    static Bmp of(Part.Image image) {
        ByteBuffer file = image.buffer().order(ByteOrder.LITTLE_ENDIAN);
        return new Bmp(file.getInt(18), file.getInt(22), file);
    }

    /** Red, green, blue. */
    int[] pixel(int x, int y) {
        int at = file.getInt(10) + (height - 1 - y) * ((3 * width + 3) / 4 * 4) + 3 * x;
        return new int[] {file.get(at + 2) & 0xff, file.get(at + 1) & 0xff, file.get(at) & 0xff};
    }

    /** Returns a file with a single pixel. */
    static byte[] gray(int value) {
        ByteBuffer file = ByteBuffer.allocate(58).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 'B').put((byte) 'M').putInt(58).putInt(0).putInt(54);
        file.putInt(40).putInt(1).putInt(1).putShort((short) 1).putShort((short) 24);
        file.position(54).put((byte) value).put((byte) value).put((byte) value);
        return file.array();
    }
}
