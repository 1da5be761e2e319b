package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/** The frames of a GIF file. */
final class GifAnimation extends Animation {

    /*
     * Draws the frames of a GIF file, with the choices of Pillow (GifImagePlugin.py). The first frame is opaque, and
     * what it does not cover has its transparent colour, or colour 0. A frame that is replaced by the background leaves
     * its transparent colour, or the background's if it has none. A first frame that is replaced by what was before
     * leaves its transparent colour, or stays. A frame that says nothing stays (where Pillow does what the last one
     * that did said).
     */

    private static final int DISPOSE_TO_BACKGROUND = 2;
    private static final int DISPOSE_TO_PREVIOUS = 3;

    private final GifFile gif;
    private final int width;
    private final int height;
    private byte[] canvas = {};
    private byte[] previous = {};

    GifAnimation(GifFile gif) {
        this.gif = gif;
        this.width = gif.size().width();
        this.height = gif.size().height();
    }

    @Override
    ImageSize size() {
        return gif.size();
    }

    @Override
    int frameCount() {
        return gif.frames().size();
    }

    @Override
    double seconds() {
        double seconds = 0;
        for (GifFile.Frame frame : gif.frames()) {
            seconds += shown(frame.delay() / 100.0);
        }
        return seconds;
    }

    @Override
    Pixels drawn() {
        return new Pixels(width, height, canvas.clone());
    }

    @Override
    void draw(int index, BooleanSupplier cancelled) throws IOException {
        GifFile.Frame frame = gif.frames().get(index);
        if (index == 0) {
            canvas = new byte[3 * width * height];
            fill(0, 0, width, height, color(frame, Math.max(0, frame.transparent())));
        } else {
            dispose(index - 1);
        }
        if (frame.disposal() == DISPOSE_TO_PREVIOUS && index > 0) {
            previous = canvas.clone();
        }
        byte[] indices = new GifLzw(gif.file(), frame.data()).decode(frame.width() * frame.height(), cancelled);
        int transparent = index == 0 ? -1 : frame.transparent();
        int[] palette = new int[256];
        for (int i = 0; i < 256; i++) {
            palette[i] = color(frame, i);
        }
        int columns = Math.min(frame.width(), width - frame.left());
        for (int row = 0; row < frame.height(); row++) {
            int y = frame.top() + (frame.interlaced() ? interlaced(row, frame.height()) : row);
            int at = 3 * (y * width + frame.left());
            for (int x = 0; y < height && x < columns; x++, at += 3) {
                int color = indices[row * frame.width() + x] & 0xff;
                if (color != transparent) {
                    put(at, palette[color]);
                }
            }
        }
    }

    private void dispose(int index) {
        GifFile.Frame frame = gif.frames().get(index);
        boolean first = index == 0 && frame.transparent() >= 0;
        if (frame.disposal() == DISPOSE_TO_BACKGROUND || (frame.disposal() == DISPOSE_TO_PREVIOUS && first)) {
            int color = color(frame, frame.transparent() < 0 ? gif.background() : frame.transparent());
            fill(frame.left(), frame.top(), frame.width(), frame.height(), color);
        } else if (frame.disposal() == DISPOSE_TO_PREVIOUS && index > 0) {
            canvas = previous;
        }
    }

    private void fill(int left, int top, int columns, int rows, int color) {
        for (int y = top; y < Math.min(height, top + rows); y++) {
            for (int x = left; x < Math.min(width, left + columns); x++) {
                put(3 * (y * width + x), color);
            }
        }
    }

    private void put(int at, int color) {
        canvas[at] = (byte) (color >> 16);
        canvas[at + 1] = (byte) (color >> 8);
        canvas[at + 2] = (byte) color;
    }

    /** Returns a colour of a frame's palette; without a palette, indices are shades of grey. */
    private int color(GifFile.Frame frame, int index) {
        if (frame.colors() == 0) {
            return index * 0x010101;
        } else if (index >= frame.colors()) {
            return 0;
        }
        ByteBuffer file = gif.file();
        int at = frame.palette() + 3 * index;
        return (file.get(at) & 0xff) << 16 | (file.get(at + 1) & 0xff) << 8 | (file.get(at + 2) & 0xff);
    }

    /** Returns the row that is stored at a position: each 8th from 0 and from 4, each 4th from 2, each 2nd from 1. */
    private static int interlaced(int stored, int rows) {
        int position = stored;
        for (int[] pass : new int[][] {{0, 8}, {4, 8}, {2, 4}, {1, 2}}) {
            int count = Math.max(0, (rows - pass[0] + pass[1] - 1) / pass[1]);
            if (position < count) {
                return pass[0] + position * pass[1];
            }
            position -= count;
        }
        throw new IllegalArgumentException("row %d of %d".formatted(stored, rows));
    }
}
