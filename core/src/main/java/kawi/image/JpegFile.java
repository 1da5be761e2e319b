package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A JPEG file. */
record JpegFile(ByteBuffer file, ImageSize size, Orientation orientation, JpegColors colors, boolean progressive)
        implements ImageFile {

    /*
     * A JPEG file (ITU-T T.81): segments of a marker FF xx, a length (u16) that counts itself, and data; after a
     * segment SOS, entropy-coded bytes follow, in which FF 00 stands for FF.
     *
     *     SOFn       precision (u8), height (u16), width (u16), components (u8), then (id, sampling, table) of each
     *     APP1       "Exif\0\0" and a TIFF directory
     *     APP14      "Adobe", version (u16), flags (u16, u16), transform (u8): 0 RGB or CMYK, 1 YCbCr, 2 YCCK
     *
     * The decoder gets all segments but APPn and COM, and returns the components as they are coded. JpegColors converts
     * them, by the rules of libjpeg, so that neither profiles nor the decoder's own heuristics have a part in it.
     */

    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int COM = 0xfe;

    static JpegFile read(ByteBuffer file) throws IOException {
        Orientation orientation = Orientation.TOP_LEFT;
        boolean jfif = false;
        int transform = JpegColors.NO_ADOBE;
        boolean progressive = false;
        @Nullable ImageSize size = null;
        byte[] ids = {};
        int at = 2;
        while (true) {
            int marker = marker(file, at);
            at = markerAt(file, at) + 2;
            if (isStandalone(marker)) {
                continue;
            }
            int length = marker == EOI ? 0 : file.getShort(at) & 0xffff;
            if (marker == 0xe0) {
                jfif |= startsWith(file, at + 2, "JFIF\0");
            } else if (marker == 0xe1 && length >= 16 && startsWith(file, at + 2, "Exif\0\0")) {
                if (at + length <= file.limit()) {
                    orientation = Ifd.orientation(file.slice(at + 8, length - 8));
                }
            } else if (marker == 0xee && length >= 14 && startsWith(file, at + 2, "Adobe")) {
                transform = file.get(at + 13) & 0xff;
            } else if (isFrame(marker)) {
                size = new ImageSize(file.getShort(at + 5) & 0xffff, file.getShort(at + 3) & 0xffff);
                progressive = marker == 0xc2;
                ids = new byte[file.get(at + 7) & 0xff];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = file.get(at + 8 + 3 * i);
                }
            } else if (marker == SOS || marker == EOI) {
                if (size == null) {
                    throw new IOException("it has no frame header before its image data");
                }
                return new JpegFile(file, size, orientation, JpegColors.of(ids, jfif, transform), progressive);
            }
            at += Math.max(2, length);
        }
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    /** Returns whether a marker has no segment. */
    private static boolean isStandalone(int marker) {
        return marker == 0x01 || (marker >= 0xd0 && marker <= SOI);
    }

    /** Returns the offset of the first marker from {@code at} on; other bytes before it are skipped, as in libjpeg. */
    private static int markerAt(ByteBuffer file, int at) {
        int i = at;
        while (file.get(i) != (byte) 0xff || file.get(i + 1) == 0 || file.get(i + 1) == (byte) 0xff) {
            i++;
        }
        return i;
    }

    private static int marker(ByteBuffer file, int at) {
        return file.get(markerAt(file, at) + 1) & 0xff;
    }

    private static boolean startsWith(ByteBuffer file, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return at + bytes.length <= file.limit() && file.slice(at, bytes.length).equals(ByteBuffer.wrap(bytes));
    }

    @Override
    public int workspaceBytes() {
        // The decoder keeps the coefficients of a progressive image, 16 bits each, until the last scan.
        return progressive ? 7 : 1;
    }

    @Override
    public Pixels decode(BooleanSupplier cancelled) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(file.limit() + 2);
        boolean complete = copy(image);
        if (progressive && !complete) {
            throw new IOException("it is truncated: byte %d is before its end".formatted(file.limit()));
        }
        // With an end marker, the decoder warns of image data that end too early, and not of an absent end marker.
        image.put((byte) 0xff).put((byte) EOI);
        return ImageIoDecoder.readJpeg(image.flip(), size, colors, cancelled);
    }

    /** Copies the segments that determine the image, and returns whether the file has an end marker. */
    private boolean copy(ByteBuffer image) {
        image.put((byte) 0xff).put((byte) SOI);
        int at = 2;
        try {
            while (true) {
                at = markerAt(file, at);
                int marker = file.get(at + 1) & 0xff;
                if (marker == EOI) {
                    return true;
                }
                int end = isStandalone(marker) ? at + 2 : at + 2 + Math.max(2, file.getShort(at + 2) & 0xffff);
                if (marker == SOS) {
                    end = entropyEnd(end);
                }
                end = Math.min(end, file.limit());
                if ((marker < 0xe0 || marker > 0xef) && marker != COM && marker != SOI) {
                    image.put(file.slice(at, end - at));
                }
                at = end;
            }
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }

    private int entropyEnd(int start) {
        int last = file.limit() - 1;
        for (int i = start; i < last; i++) {
            if (file.get(i) == (byte) 0xff) {
                int next = file.get(i + 1) & 0xff;
                if (next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) {
                    return i;
                }
            }
        }
        return file.limit();
    }
}
