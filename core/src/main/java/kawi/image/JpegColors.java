package kawi.image;

/** Converts the components of a JPEG image to red, green and blue. */
enum JpegColors {

    /*
     * The colours of a JPEG image. Which of them the components are is decided as in libjpeg (jdapimin.c,
     * default_decompress_parms), and they are converted with its arithmetic (jdcolor.c, ycc_rgb_convert,
     * ycck_cmyk_convert):
     *
     *     R = Y + 1.402 (Cr - 128),  G = Y - 0.34414 (Cb - 128) - 0.71414 (Cr - 128),  B = Y + 1.772 (Cb - 128)
     *
     * in 16-bit fixed point. CMYK is converted as in Pillow (src/libImaging/Convert.c, cmyk2rgb), without a profile:
     *
     *     R = (255 - K) - C (255 - K) / 255, and so on
     *
     * from samples that are stored inverted, as Adobe's programs do, and as Pillow supposes of all files.
     */

    GREY(1),
    /** Two components, of which the first is grey. */
    GREY_ALPHA(2),
    RGB(3),
    YCBCR(3),
    CMYK(4),
    YCCK(4);

    /** The value of Adobe's transform if there is no segment of Adobe. */
    static final int NO_ADOBE = -1;

    private static final int[] RED_OF_CR = table(1.40200, true);
    private static final int[] BLUE_OF_CB = table(1.77200, true);
    private static final int[] GREEN_OF_CR = table(-0.71414, false);
    private static final int[] GREEN_OF_CB = table(-0.34414, false);

    private final int components;

    JpegColors(int components) {
        this.components = components;
    }

    static JpegColors of(byte[] ids, boolean jfif, int transform) {
        return switch (ids.length) {
            case 1 -> GREY;
            case 2 -> GREY_ALPHA;
            case 3 -> {
                boolean letters = ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B';
                yield !jfif && (transform == NO_ADOBE ? letters : transform == 0) ? RGB : YCBCR;
            }
            case 4 -> transform == 2 ? YCCK : CMYK;
            default -> throw new IllegalArgumentException("%d components are not supported".formatted(ids.length));
        };
    }

    int components() {
        return components;
    }

    /** Returns the colours of pixels whose components are given; the array may be changed and returned. */
    byte[] toRgb(byte[] samples) {
        return switch (this) {
            case RGB -> samples;
            case YCBCR -> {
                ycbcr(samples, 3);
                yield samples;
            }
            case GREY, GREY_ALPHA -> grey(samples);
            case CMYK -> cmyk(samples, 0xff);
            case YCCK -> {
                ycbcr(samples, 4);
                // R, G and B of the conversion are C, M and Y after the inversion; only K is still to be inverted.
                for (int i = 3; i < samples.length; i += 4) {
                    samples[i] = (byte) ~samples[i];
                }
                yield cmyk(samples, 0);
            }
        };
    }

    private static void ycbcr(byte[] samples, int step) {
        for (int i = 0; i < samples.length; i += step) {
            int y = samples[i] & 0xff;
            int cb = samples[i + 1] & 0xff;
            int cr = samples[i + 2] & 0xff;
            samples[i] = clip(y + RED_OF_CR[cr]);
            samples[i + 1] = clip(y + ((GREEN_OF_CB[cb] + GREEN_OF_CR[cr] + 0x8000) >> 16));
            samples[i + 2] = clip(y + BLUE_OF_CB[cb]);
        }
    }

    private byte[] grey(byte[] samples) {
        byte[] rgb = new byte[samples.length / components * 3];
        for (int i = 0, at = 0; at < rgb.length; i += components, at += 3) {
            rgb[at] = samples[i];
            rgb[at + 1] = samples[i];
            rgb[at + 2] = samples[i];
        }
        return rgb;
    }

    private static byte[] cmyk(byte[] samples, int inversion) {
        byte[] rgb = new byte[samples.length / 4 * 3];
        for (int i = 0, at = 0; at < rgb.length; i += 4, at += 3) {
            int white = 255 - ((samples[i + 3] & 0xff) ^ inversion);
            for (int c = 0; c < 3; c++) {
                rgb[at + c] = ofInk((samples[i + c] & 0xff) ^ inversion, white);
            }
        }
        return rgb;
    }

    /** Returns the red, green or blue of cyan, magenta or yellow; {@code white} is 255 - K. */
    static byte ofInk(int ink, int white) {
        int product = ink * white + 128;
        return clip(white - (((product >> 8) + product) >> 8));
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }

    private static int[] table(double factor, boolean rounded) {
        int magnitude = (int) (Math.abs(factor) * 65_536 + 0.5);
        int fixed = factor < 0 ? -magnitude : magnitude;
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            table[i] = rounded ? (fixed * (i - 128) + 0x8000) >> 16 : fixed * (i - 128);
        }
        return table;
    }
}
