package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A GIF file.
 *
 * @param palette the offset of the global palette
 * @param colors the number of colours of the global palette, 0 if there is none
 */
record GifFile(ByteBuffer file, ImageSize size, int palette, int colors, int background, List<Frame> frames)
        implements ImageFile {

    /*
     * A GIF file (Graphics Interchange Format, version 89a), little-endian:
     *
     *     header               "GIF89a", width (u16), height (u16), flags (u8), background (u8), aspect (u8)
     *     global palette       3 bytes of 2^(1 + (flags & 7)) colours, if flags & 0x80
     *     blocks until 0x3b:
     *       0x21 label         sub-blocks; label 0xf9: flags (disposal << 2 | transparent), delay (u16, 1/100 s), index
     *       0x2c image         left, top, width, height (u16), flags (u8: 0x80 palette, 0x40 interlaced), palette,
     *                          minimum code size (u8), sub-blocks
     *     sub-blocks           length (u8), that many bytes, ... until a length of 0
     */

    /**
     * A frame.
     *
     * @param transparent the index of the transparent colour, -1 if there is none
     * @param delay in hundredths of a second
     * @param palette the offset of the palette
     * @param colors the number of colours, 0 if there is no palette
     * @param data the offset of the minimum code size
     */
    record Frame(
            int left,
            int top,
            int width,
            int height,
            int disposal,
            int transparent,
            int delay,
            int palette,
            int colors,
            boolean interlaced,
            int data) {}

    /** Reads a file until its end, or until it has had {@code maxFrames} frames. */
    static GifFile read(ByteBuffer data, int maxFrames) throws IOException {
        ByteBuffer file = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        int flags = file.get(10);
        int colors = (flags & 0x80) == 0 ? 0 : 2 << (flags & 7);
        int width = file.getShort(6) & 0xffff;
        int height = file.getShort(8) & 0xffff;
        List<Frame> frames = new ArrayList<>();
        int disposal = 0;
        int transparent = -1;
        int delay = 0;
        int at = 13 + 3 * colors;
        while (frames.size() < maxFrames && at < file.limit() && file.get(at) != 0x3b) {
            int block = file.get(at);
            if (block == 0x21) {
                if (file.get(at + 1) == (byte) 0xf9 && file.get(at + 2) >= 4) {
                    disposal = file.get(at + 3) >> 2 & 7;
                    transparent = (file.get(at + 3) & 1) == 0 ? -1 : file.get(at + 6) & 0xff;
                    delay = file.getShort(at + 4) & 0xffff;
                }
                at = skip(file, at + 2);
            } else if (block == 0x2c) {
                int local = file.get(at + 9);
                int own = (local & 0x80) == 0 ? 0 : 2 << (local & 7);
                Frame frame = new Frame(
                        file.getShort(at + 1) & 0xffff,
                        file.getShort(at + 3) & 0xffff,
                        file.getShort(at + 5) & 0xffff,
                        file.getShort(at + 7) & 0xffff,
                        disposal,
                        transparent,
                        delay,
                        own > 0 ? at + 10 : 13,
                        own > 0 ? own : colors,
                        (local & 0x40) != 0,
                        at + 10 + 3 * own);
                if (frames.isEmpty()) {
                    width = Math.max(width, frame.left + frame.width);
                    height = Math.max(height, frame.top + frame.height);
                }
                frames.add(frame);
                disposal = 0;
                transparent = -1;
                delay = 0;
                at = skip(file, frame.data + 1);
            } else {
                throw new IOException("byte %d is %d, which begins no block".formatted(at, block & 0xff));
            }
        }
        if (frames.isEmpty()) {
            throw new IOException("it has no image");
        }
        return new GifFile(file, new ImageSize(width, height), 13, colors, file.get(11) & 0xff, List.copyOf(frames));
    }

    /** Returns the offset after the sub-blocks at {@code at}. */
    private static int skip(ByteBuffer file, int at) {
        int i = at;
        while (file.get(i) != 0) {
            i += 1 + (file.get(i) & 0xff);
        }
        return i + 1;
    }

    @Override
    public int workspaceBytes() {
        return 4;
    }

    @Override
    public Pixels decode(BooleanSupplier cancelled) throws IOException {
        return new GifAnimation(this).frame(0, cancelled);
    }
}
