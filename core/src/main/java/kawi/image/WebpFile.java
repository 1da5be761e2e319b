package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import kawi.image.webp.Alpha;
import kawi.image.webp.Vp8;
import kawi.image.webp.Vp8L;
import org.jspecify.annotations.Nullable;

/** A WebP file, still or animated. */
record WebpFile(ByteBuffer file, ImageSize size, Orientation orientation, List<Frame> frames) implements ImageFile {

    /*
     * A WebP file (RFC 9649): "RIFF", size (u32), "WEBP", and chunks of a name (4 letters), a length (u32), and data,
     * padded to an even length.
     *
     *     VP8X       flags (u8), 3 bytes, width - 1 (u24), height - 1 (u24)                       little-endian
     *     VP8        lossy: 3 bytes, 9d 01 2a, width (14 bits), 2 bits, height (14 bits)
     *     VP8L       lossless: 2f, width - 1 (14 bits), height - 1 (14 bits)
     *     ALPH       transparency for VP8
     *     ANMF       a frame: left / 2, top / 2, width - 1, height - 1, milliseconds (u24 each), flags (u8), chunks
     *     EXIF       metadata
     *
     * Profiles are ignored.
     */

    private static final int VP8 = name("VP8 ");
    private static final int VP8L = name("VP8L");
    private static final int VP8X = name("VP8X");
    private static final int ALPH = name("ALPH");
    private static final int ANMF = name("ANMF");
    private static final int EXIF = name("EXIF");

    /**
     * An image, which covers the canvas if the file is still.
     *
     * @param milliseconds how long it is shown
     * @param disposed whether its place is cleared after it has been shown
     * @param blended whether what is below shows through where it is transparent
     * @param alpha the offset of its chunk ALPH, -1 if there is none
     * @param image the offset of its chunk VP8 or VP8L
     */
    record Frame(
            int left,
            int top,
            ImageSize size,
            int milliseconds,
            boolean disposed,
            boolean blended,
            int alpha,
            int image) {}

    /** Reads a file, and at most {@code maxFrames} of its frames. */
    static WebpFile read(ByteBuffer data, int maxFrames) throws IOException {
        ByteBuffer file = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        List<Frame> frames = new ArrayList<>();
        ImageSize canvas = null;
        Orientation orientation = Orientation.TOP_LEFT;
        int alpha = -1;
        for (int at = 12; at + 8 <= file.limit(); at = next(file, at)) {
            int chunk = file.getInt(at);
            if (chunk == VP8X) {
                canvas = new ImageSize(u24(file, at + 12) + 1, u24(file, at + 15) + 1);
            } else if (chunk == ALPH) {
                alpha = at;
            } else if ((chunk == VP8 || chunk == VP8L) && frames.isEmpty()) {
                ImageSize size = imageSize(file, at);
                if (canvas != null && !canvas.equals(size)) {
                    throw new IOException(
                            "its image of %s pixels is not as large as its canvas of %s".formatted(size, canvas));
                }
                canvas = size;
                frames.add(new Frame(0, 0, size, 0, false, false, alpha, at));
            } else if (chunk == ANMF && frames.size() < maxFrames) {
                frames.add(frame(file, at, canvas));
            } else if (chunk == EXIF && file.getInt(at + 4) > 8 && next(file, at) <= file.limit()) {
                orientation = orientation(file.slice(at + 8, file.getInt(at + 4)));
            }
        }
        if (canvas == null || frames.isEmpty()) {
            throw new IOException("it has no image");
        }
        return new WebpFile(file, canvas, orientation, List.copyOf(frames));
    }

    private static Orientation orientation(ByteBuffer exif) {
        // Some programs write the prefix of the segment of a JPEG file.
        return Ifd.orientation(exif.get(0) == 'E' ? exif.slice(6, exif.limit() - 6) : exif);
    }

    private static Frame frame(ByteBuffer file, int at, @Nullable ImageSize canvas) throws IOException {
        int left = 2 * u24(file, at + 8);
        int top = 2 * u24(file, at + 11);
        ImageSize size = new ImageSize(u24(file, at + 14) + 1, u24(file, at + 17) + 1);
        int flags = file.get(at + 23);
        int alpha = -1;
        for (int inner = at + 24; inner + 8 <= next(file, at); inner = next(file, inner)) {
            int chunk = file.getInt(inner);
            if (chunk == ALPH) {
                alpha = inner;
            } else if (chunk == VP8 || chunk == VP8L) {
                if (canvas == null
                        || left + size.width() > canvas.width()
                        || top + size.height() > canvas.height()
                        || !imageSize(file, inner).equals(size)) {
                    throw new IOException("the frame at byte %d is not inside the canvas".formatted(at));
                }
                return new Frame(left, top, size, u24(file, at + 20), (flags & 1) != 0, (flags & 2) == 0, alpha, inner);
            }
        }
        throw new IOException("the frame at byte %d has no image".formatted(at));
    }

    private static ImageSize imageSize(ByteBuffer file, int at) throws IOException {
        if (next(file, at) > file.limit() + 1L) {
            throw new IOException("it is truncated: byte %d is in the middle of an image".formatted(file.limit()));
        } else if (file.getInt(at) == VP8) {
            return new ImageSize(file.getShort(at + 14) & 0x3fff, file.getShort(at + 16) & 0x3fff);
        }
        int sizes = file.getInt(at + 9);
        return new ImageSize((sizes & 0x3fff) + 1, (sizes >> 14 & 0x3fff) + 1);
    }

    /** Returns the offset after a chunk, which may be past the end. */
    private static int next(ByteBuffer file, int at) {
        int length = file.getInt(at + 4);
        return length < 0 || length > file.limit() - at ? Integer.MAX_VALUE - 8 : at + 8 + length + (length & 1);
    }

    private static int u24(ByteBuffer file, int at) {
        return (file.getShort(at) & 0xffff) | (file.get(at + 2) & 0xff) << 16;
    }

    private static int name(String letters) {
        return letters.charAt(3) << 24 | letters.charAt(2) << 16 | letters.charAt(1) << 8 | letters.charAt(0);
    }

    @Override
    public int workspaceBytes() {
        return 8;
    }

    @Override
    public Pixels decode(BooleanSupplier cancelled) throws IOException {
        Frame frame = frames.getFirst();
        if (!frame.size.equals(size)) {
            return new WebpAnimation(this).frame(0, cancelled);
        }
        byte[] rgb = file.getInt(frame.image) == VP8
                ? Vp8.decode(data(frame.image), cancelled)
                : channels(Vp8L.decode(data(frame.image), cancelled), 3);
        return new Pixels(size.width(), size.height(), rgb);
    }

    /** Returns the red, green, blue and alpha of each pixel of a frame. */
    byte[] rgba(Frame frame, BooleanSupplier cancelled) throws IOException {
        if (file.getInt(frame.image) == VP8L) {
            return channels(Vp8L.decode(data(frame.image), cancelled), 4);
        }
        byte[] rgb = Vp8.decode(data(frame.image), cancelled);
        byte[] alpha = new byte[rgb.length / 3];
        Arrays.fill(alpha, (byte) 255);
        if (frame.alpha >= 0) {
            alpha = Alpha.decode(data(frame.alpha), frame.size.width(), frame.size.height(), cancelled);
        }
        byte[] rgba = new byte[4 * alpha.length];
        for (int i = 0; i < alpha.length; i++) {
            System.arraycopy(rgb, 3 * i, rgba, 4 * i, 3);
            rgba[4 * i + 3] = alpha[i];
        }
        return rgba;
    }

    private static byte[] channels(int[] argb, int count) {
        byte[] out = new byte[count * argb.length];
        for (int i = 0, at = 0; i < argb.length; i++, at += count) {
            out[at] = (byte) (argb[i] >> 16);
            out[at + 1] = (byte) (argb[i] >> 8);
            out[at + 2] = (byte) argb[i];
            if (count == 4) {
                out[at + 3] = (byte) (argb[i] >> 24);
            }
        }
        return out;
    }

    private ByteBuffer data(int at) {
        return file.slice(at + 8, Math.min(file.getInt(at + 4), file.limit() - at - 8));
    }
}
