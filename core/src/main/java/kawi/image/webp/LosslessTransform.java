package kawi.image.webp;

/** A step that is undone after an image has been read (RFC 9649, section 3.5); pixels are 0xAARRGGBB. */
sealed interface LosslessTransform {

    /** Returns the image before the step, of the given width. */
    int[] undo(int[] pixels, int width, int height);

    /** Green was subtracted from red and blue. */
    record SubtractGreen() implements LosslessTransform {

        @Override
        public int[] undo(int[] pixels, int width, int height) {
            for (int i = 0; i < pixels.length; i++) {
                int green = pixels[i] >> 8 & 0xff;
                pixels[i] = (pixels[i] & 0xff00_ff00) | ((pixels[i] & 0xff_00ff) + (green << 16 | green) & 0xff_00ff);
            }
            return pixels;
        }
    }

    /** Multiples of green and red were subtracted, with factors of each square of {@code 2^bits} pixels. */
    record Color(int bits, int[] factors) implements LosslessTransform {

        @Override
        public int[] undo(int[] pixels, int width, int height) {
            int squares = (width + (1 << bits) - 1) >> bits;
            for (int i = 0; i < pixels.length; i++) {
                int factor = factors[((i / width) >> bits) * squares + (i % width >> bits)];
                byte green = (byte) (pixels[i] >> 8);
                int red = (pixels[i] >> 16) + (((byte) factor * green) >> 5);
                int blue = pixels[i] + (((byte) (factor >> 8) * green) >> 5);
                blue += ((byte) (factor >> 16) * (byte) red) >> 5;
                pixels[i] = (pixels[i] & 0xff00_ff00) | (red & 0xff) << 16 | (blue & 0xff);
            }
            return pixels;
        }
    }

    /** Pixels are indices of a palette in green, several in one pixel if the palette is small. */
    record Palette(int[] colors) implements LosslessTransform {

        /** Returns the base-2 logarithm of the number of indices in a pixel. */
        int bits() {
            return colors.length <= 2 ? 3 : colors.length <= 4 ? 2 : colors.length <= 16 ? 1 : 0;
        }

        @Override
        public int[] undo(int[] pixels, int width, int height) {
            int bits = bits();
            int indexBits = 8 >> bits;
            int packedWidth = (width + (1 << bits) - 1) >> bits;
            int[] out = new int[width * height];
            for (int y = 0, i = 0; y < height; y++) {
                for (int x = 0; x < width; x++, i++) {
                    int packed = pixels[y * packedWidth + (x >> bits)] >> 8 & 0xff;
                    int index = packed >> ((x & (1 << bits) - 1) * indexBits) & (1 << indexBits) - 1;
                    out[i] = index < colors.length ? colors[index] : 0;
                }
            }
            return out;
        }
    }

    /** Pixels are differences from a prediction, whose mode is in green of each square of {@code 2^bits} pixels. */
    record Predictor(int bits, int[] modes) implements LosslessTransform {

        @Override
        public int[] undo(int[] pixels, int width, int height) {
            int squares = (width + (1 << bits) - 1) >> bits;
            pixels[0] = add(pixels[0], 0xff00_0000);
            for (int x = 1; x < width; x++) {
                pixels[x] = add(pixels[x], pixels[x - 1]);
            }
            for (int y = 1; y < height; y++) {
                int row = y * width;
                pixels[row] = add(pixels[row], pixels[row - width]);
                for (int x = 1; x < width; x++) {
                    int mode = modes[(y >> bits) * squares + (x >> bits)] >> 8 & 15;
                    int i = row + x;
                    // To the right of the last pixel of the row above is the first of this one.
                    pixels[i] = add(
                            pixels[i],
                            predict(
                                    mode,
                                    pixels[i - 1],
                                    pixels[i - width],
                                    pixels[i - width - 1],
                                    pixels[i - width + 1]));
                }
            }
            return pixels;
        }

        private static int predict(int mode, int left, int top, int topLeft, int topRight) {
            return switch (mode) {
                case 1 -> left;
                case 2 -> top;
                case 3 -> topRight;
                case 4 -> topLeft;
                case 5 -> average(average(left, topRight), top);
                case 6 -> average(left, topLeft);
                case 7 -> average(left, top);
                case 8 -> average(topLeft, top);
                case 9 -> average(top, topRight);
                case 10 -> average(average(left, topLeft), average(top, topRight));
                case 11 -> select(left, top, topLeft);
                case 12 -> clamped(left, top, topLeft);
                case 13 -> halfClamped(average(left, top), topLeft);
                default -> 0xff00_0000;
            };
        }

        private static int add(int a, int b) {
            return ((a & 0xff00_ff00) + (b & 0xff00_ff00) & 0xff00_ff00)
                    | ((a & 0xff_00ff) + (b & 0xff_00ff) & 0xff_00ff);
        }

        private static int average(int a, int b) {
            return ((a ^ b) >>> 1 & 0x7f7f_7f7f) + (a & b);
        }

        /** Returns the one of left and top that is nearer to left + top - topLeft. */
        private static int select(int left, int top, int topLeft) {
            int toLeft = 0;
            int toTop = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                int corner = topLeft >> shift & 0xff;
                toLeft += Math.abs((top >> shift & 0xff) - corner);
                toTop += Math.abs((left >> shift & 0xff) - corner);
            }
            return toLeft < toTop ? left : top;
        }

        private static int clamped(int a, int b, int c) {
            int out = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                out |= clamp((a >> shift & 0xff) + (b >> shift & 0xff) - (c >> shift & 0xff)) << shift;
            }
            return out;
        }

        private static int halfClamped(int a, int b) {
            int out = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                int value = a >> shift & 0xff;
                out |= clamp(value + (value - (b >> shift & 0xff)) / 2) << shift;
            }
            return out;
        }

        private static int clamp(int value) {
            return Math.max(0, Math.min(255, value));
        }
    }
}
