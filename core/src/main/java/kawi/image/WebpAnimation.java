package kawi.image;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The frames of an animated WebP file. */
final class WebpAnimation extends Animation {

    /*
     * Draws frames as libwebp does (src/demux/anim_decode.c): the canvas is transparent at first, a frame that is
     * disposed of leaves its place transparent, and a pixel of opacity s over one of opacity d is blended with
     *
     *     d' = d (256 - s) / 256,  colour = (colour_s s + colour_d d') * (2^24 / (s + d')) / 2^24        in integers
     *
     * but is only copied where nothing is below. The frames that are returned have no transparency: a transparent pixel
     * has the colour that is stored for it, or is black if it was never drawn.
     */

    private final WebpFile webp;
    private byte[] canvas = {};
    /** Whether nothing of the frames before the last is left. */
    private boolean alone;

    WebpAnimation(WebpFile webp) {
        this.webp = webp;
    }

    @Override
    ImageSize size() {
        return webp.size();
    }

    @Override
    int frameCount() {
        return webp.frames().size();
    }

    @Override
    double seconds() {
        double seconds = 0;
        for (WebpFile.Frame frame : webp.frames()) {
            seconds += shown(frame.milliseconds() / 1000.0);
        }
        return seconds;
    }

    @Override
    Pixels drawn() {
        byte[] rgb = new byte[canvas.length / 4 * 3];
        for (int from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
            rgb[to] = canvas[from];
            rgb[to + 1] = canvas[from + 1];
            rgb[to + 2] = canvas[from + 2];
        }
        return new Pixels(webp.size().width(), webp.size().height(), rgb);
    }

    @Override
    void draw(int index, BooleanSupplier cancelled) throws IOException {
        WebpFile.Frame frame = webp.frames().get(index);
        WebpFile.Frame before = index == 0 ? null : webp.frames().get(index - 1);
        alone = before == null
                || (!frame.blended() && covers(frame))
                || (before.disposed() && (alone || covers(before)));
        if (alone) {
            canvas = new byte[Math.toIntExact(4 * webp.size().area())];
        } else if (before != null && before.disposed()) {
            clear(before);
        }
        byte[] image = webp.rgba(frame, cancelled);
        boolean blended = frame.blended() && !alone;
        int rowBytes = 4 * frame.size().width();
        for (int y = 0; y < frame.size().height(); y++) {
            int from = y * rowBytes;
            int to = offset(frame, y);
            for (int x = 0; x < frame.size().width(); x++, from += 4, to += 4) {
                if (blended && !wasCleared(before, frame.left() + x, frame.top() + y)) {
                    blend(image, from, to);
                } else {
                    System.arraycopy(image, from, canvas, to, 4);
                }
            }
        }
    }

    private boolean covers(WebpFile.Frame frame) {
        return frame.size().equals(webp.size());
    }

    private static boolean wasCleared(WebpFile.@Nullable Frame before, int x, int y) {
        return before != null
                && before.disposed()
                && x >= before.left()
                && x < before.left() + before.size().width()
                && y >= before.top()
                && y < before.top() + before.size().height();
    }

    private void clear(WebpFile.Frame frame) {
        for (int y = 0; y < frame.size().height(); y++) {
            int at = offset(frame, y);
            Arrays.fill(canvas, at, at + 4 * frame.size().width(), (byte) 0);
        }
    }

    private int offset(WebpFile.Frame frame, int y) {
        return 4 * ((frame.top() + y) * webp.size().width() + frame.left());
    }

    private void blend(byte[] image, int from, int to) {
        int source = image[from + 3] & 0xff;
        if (source == 0) {
            return;
        } else if (source == 255) {
            System.arraycopy(image, from, canvas, to, 4);
            return;
        }
        int below = ((canvas[to + 3] & 0xff) * (256 - source)) >> 8;
        int sum = source + below;
        long scale = (1L << 24) / sum;
        for (int c = 0; c < 3; c++) {
            long color = (image[from + c] & 0xffL) * source + (canvas[to + c] & 0xffL) * below;
            canvas[to + c] = (byte) ((color * scale) >> 24);
        }
        canvas[to + 3] = (byte) sum;
    }
}
