package kawi.image.webp;

/** Smooths the edges of blocks. */
final class Vp8LoopFilter {

    /*
     * The loop filter (RFC 6386, section 15), on the pixels p3 p2 p1 p0 | q0 q1 q2 q3 across an edge, minus 128. c
     * clamps to -128 ... 127.
     *
     *     edge       2 |p0 - q0| + |p1 - q1| / 2 <= limit, and, except in the simple filter, |p3 - p2|, |p2 - p1|,
     *                |p1 - p0| and those of q <= interior
     *     variance   |p1 - p0| or |q1 - q0| > threshold
     *     adjust     a = c(c(p1 - q1) + 3 (q0 - p0));  q0 -= c(a + 4) >> 3;  p0 += c(a + 3) >> 3
     *     blocks     adjust, without p1 - q1 unless there is variance; else also p1 and q1 by half of it, rounded up
     *     macro      with variance: adjust; else w = c(c(p1 - q1) + 3 (q0 - p0)), p0 and q0 by c(27 w + 63 >> 7),
     *                p1 and q1 by c(18 w + 63 >> 7), p2 and q2 by c(9 w + 63 >> 7)
     */

    private Vp8LoopFilter() {}

    /**
     * Filters one macroblock, after all those before it.
     *
     * @param inner whether the edges inside the macroblock are filtered as well
     */
    static void filter(Vp8Planes planes, int column, int row, int level, int sharpness, boolean simple, boolean inner) {
        int interior = level;
        if (sharpness > 0) {
            interior = Math.min(interior >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
        }
        interior = Math.max(1, interior);
        int threshold = level >= 40 ? 2 : level >= 15 ? 1 : 0;
        int limit = 2 * level + interior;
        int macroLimit = limit + 4;
        for (int plane = 0; plane < (simple ? 1 : 3); plane++) {
            byte[] pixels = planes.pixels(plane);
            int stride = planes.stride(plane);
            int size = plane == 0 ? 16 : 8;
            int at = planes.offset(plane, size * column, size * row);
            if (column > 0) {
                edge(pixels, at, 1, stride, size, true, simple, macroLimit, interior, threshold);
            }
            for (int x = 4; inner && x < size; x += 4) {
                edge(pixels, at + x, 1, stride, size, false, simple, limit, interior, threshold);
            }
            if (row > 0) {
                edge(pixels, at, stride, 1, size, true, simple, macroLimit, interior, threshold);
            }
            for (int y = 4; inner && y < size; y += 4) {
                edge(pixels, at + y * stride, stride, 1, size, false, simple, limit, interior, threshold);
            }
        }
    }

    /** Filters {@code count} positions along an edge; {@code across} is the distance of pixels across it. */
    private static void edge(
            byte[] pixels,
            int start,
            int across,
            int along,
            int count,
            boolean macro,
            boolean simple,
            int limit,
            int interior,
            int threshold) {
        for (int i = 0, at = start; i < count; i++, at += along) {
            int p1 = pixels[at - 2 * across] & 0xff;
            int p0 = pixels[at - across] & 0xff;
            int q0 = pixels[at] & 0xff;
            int q1 = pixels[at + across] & 0xff;
            if (2 * Math.abs(p0 - q0) + (Math.abs(p1 - q1) >> 1) > limit) {
                continue;
            }
            if (simple) {
                adjust(pixels, at, across, c(p1 - q1) + 3 * (q0 - p0));
                continue;
            }
            int p3 = pixels[at - 4 * across] & 0xff;
            int p2 = pixels[at - 3 * across] & 0xff;
            int q2 = pixels[at + 2 * across] & 0xff;
            int q3 = pixels[at + 3 * across] & 0xff;
            if (Math.abs(p3 - p2) > interior
                    || Math.abs(p2 - p1) > interior
                    || Math.abs(p1 - p0) > interior
                    || Math.abs(q1 - q0) > interior
                    || Math.abs(q2 - q1) > interior
                    || Math.abs(q3 - q2) > interior) {
                continue;
            }
            boolean variance = Math.abs(p1 - p0) > threshold || Math.abs(q1 - q0) > threshold;
            if (variance) {
                adjust(pixels, at, across, c(p1 - q1) + 3 * (q0 - p0));
            } else if (macro) {
                int w = c(c(p1 - q1) + 3 * (q0 - p0));
                move(pixels, at, across, 0, c((27 * w + 63) >> 7));
                move(pixels, at, across, 1, c((18 * w + 63) >> 7));
                move(pixels, at, across, 2, c((9 * w + 63) >> 7));
            } else {
                int a = adjust(pixels, at, across, 3 * (q0 - p0));
                move(pixels, at, across, 1, (a + 1) >> 1);
            }
        }
    }

    /** Moves p0 and q0 towards each other, and returns by how much q0. */
    private static int adjust(byte[] pixels, int at, int across, int difference) {
        int a = c(difference);
        int q = c(a + 4) >> 3;
        pixels[at] = unsigned((pixels[at] & 0xff) - q);
        pixels[at - across] = unsigned((pixels[at - across] & 0xff) + (c(a + 3) >> 3));
        return q;
    }

    private static void move(byte[] pixels, int at, int across, int distance, int amount) {
        int q = at + distance * across;
        int p = at - (distance + 1) * across;
        pixels[q] = unsigned((pixels[q] & 0xff) - amount);
        pixels[p] = unsigned((pixels[p] & 0xff) + amount);
    }

    private static int c(int value) {
        return Math.max(-128, Math.min(127, value));
    }

    private static byte unsigned(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
