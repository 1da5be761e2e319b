package kawi.image.webp;

/** Converts Y, U and V to red, green and blue. */
final class Vp8Colors {

    /*
     * Colours as in libwebp (src/dsp/upsampling.c and yuv.h). U and V have half of the width and height; with their
     * four nearest values around a pixel,
     *
     *     (9 nearest + 3 beside + 3 above or below + 1 diagonal + 8) / 16        in two steps that round
     *
     * and with y, u, v as integers, >> after each product,
     *
     *     R = y 19077 / 2^8 + v 26149 / 2^8 - 14234
     *     G = y 19077 / 2^8 - u 6419 / 2^8 - v 13320 / 2^8 + 8708
     *     B = y 19077 / 2^8 + u 33050 / 2^8 - 17685
     *
     * in units of 1 / 64.
     */

    private Vp8Colors() {}

    static byte[] rgb(Vp8Planes planes, int width, int height) {
        byte[] rgb = new byte[Math.multiplyExact(3 * width, height)];
        int colorRows = (height + 1) / 2;
        byte[] u = new byte[width];
        byte[] v = new byte[width];
        for (int y = 0; y < height; y++) {
            int near = y / 2;
            int far = Math.max(0, Math.min(colorRows - 1, y % 2 == 0 ? near - 1 : near + 1));
            upsample(planes, 1, near, far, u);
            upsample(planes, 2, near, far, v);
            byte[] luma = planes.pixels(0);
            int from = planes.offset(0, 0, y);
            int at = 3 * width * y;
            for (int x = 0; x < width; x++, at += 3) {
                int bright = ((luma[from + x] & 0xff) * 19_077) >> 8;
                int uu = u[x] & 0xff;
                int vv = v[x] & 0xff;
                rgb[at] = clip(bright + ((vv * 26_149) >> 8) - 14_234);
                rgb[at + 1] = clip(bright - ((uu * 6_419) >> 8) - ((vv * 13_320) >> 8) + 8_708);
                rgb[at + 2] = clip(bright + ((uu * 33_050) >> 8) - 17_685);
            }
        }
        return rgb;
    }

    private static void upsample(Vp8Planes planes, int plane, int nearRow, int farRow, byte[] out) {
        byte[] pixels = planes.pixels(plane);
        int near = planes.offset(plane, 0, nearRow);
        int far = planes.offset(plane, 0, farRow);
        int width = out.length;
        int nearLeft = pixels[near] & 0xff;
        int farLeft = pixels[far] & 0xff;
        out[0] = (byte) ((3 * nearLeft + farLeft + 2) >> 2);
        for (int x = 1; x <= (width - 1) / 2; x++) {
            int nearRight = pixels[near + x] & 0xff;
            int farRight = pixels[far + x] & 0xff;
            int sum = nearLeft + nearRight + farLeft + farRight + 8;
            out[2 * x - 1] = (byte) ((((sum + 2 * (nearRight + farLeft)) >> 3) + nearLeft) >> 1);
            out[2 * x] = (byte) ((((sum + 2 * (nearLeft + farRight)) >> 3) + nearRight) >> 1);
            nearLeft = nearRight;
            farLeft = farRight;
        }
        if (width % 2 == 0) {
            out[width - 1] = (byte) ((3 * nearLeft + farLeft + 2) >> 2);
        }
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value >> 6));
    }
}
