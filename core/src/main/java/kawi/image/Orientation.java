package kawi.image;

/**
 * How a stored image is to be displayed, by the tag 0x0112 of EXIF and TIFF: the edges of the displayed image at which
 * the first stored row and the first stored column are.
 */
enum Orientation {
    TOP_LEFT,
    TOP_RIGHT,
    BOTTOM_RIGHT,
    BOTTOM_LEFT,
    LEFT_TOP,
    RIGHT_TOP,
    RIGHT_BOTTOM,
    LEFT_BOTTOM;

    static final int TAG = 0x0112;

    /** Returns the orientation of a number, which is ignored if it is not one from 1 to 8. */
    static Orientation of(long number) {
        return number >= 1 && number <= 8 ? values()[(int) number - 1] : TOP_LEFT;
    }

    private boolean swapsSides() {
        return compareTo(LEFT_TOP) >= 0;
    }

    ImageSize displayed(ImageSize stored) {
        return swapsSides() ? new ImageSize(/* width= */ stored.height(), /* height= */ stored.width()) : stored;
    }

    Pixels displayed(Pixels stored) {
        if (this == TOP_LEFT) {
            return stored;
        }
        int width = stored.width();
        int height = stored.height();
        boolean right = this == TOP_RIGHT || this == BOTTOM_RIGHT || this == RIGHT_TOP || this == RIGHT_BOTTOM;
        boolean bottom = this == BOTTOM_RIGHT || this == BOTTOM_LEFT || this == RIGHT_BOTTOM || this == LEFT_BOTTOM;
        int displayedWidth = swapsSides() ? height : width;
        // The displayed pixel's index is start + x * dx + y * dy for the stored pixel (x, y).
        int dx = swapsSides() ? (bottom ? -displayedWidth : displayedWidth) : (right ? -1 : 1);
        int dy = swapsSides() ? (right ? -1 : 1) : (bottom ? -displayedWidth : displayedWidth);
        int start = (dx < 0 ? -dx * (width - 1) : 0) + (dy < 0 ? -dy * (height - 1) : 0);
        byte[] from = stored.rgb();
        byte[] to = new byte[from.length];
        for (int y = 0, i = 0; y < height; y++) {
            int at = 3 * (start + y * dy);
            for (int x = 0; x < width; x++, i += 3, at += 3 * dx) {
                to[at] = from[i];
                to[at + 1] = from[i + 1];
                to[at + 2] = from[i + 2];
            }
        }
        return new Pixels(displayedWidth, width * height / displayedWidth, to);
    }
}
