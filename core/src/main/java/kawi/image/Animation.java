package kawi.image;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/** The frames of an animated image, which are drawn over each other. */
abstract class Animation {

    /** The number of frames that have been drawn. */
    private int drawn;

    abstract ImageSize size();

    abstract int frameCount();

    /** Returns how long all frames together are shown. */
    abstract double seconds();

    /** Draws a frame over the one before it, or over nothing if it is the first. */
    abstract void draw(int index, BooleanSupplier cancelled) throws IOException;

    /** Returns a copy of what has been drawn. */
    abstract Pixels drawn();

    /** Returns a frame; those before it are drawn first, unless they have been. */
    final Pixels frame(int index, BooleanSupplier cancelled) throws IOException {
        if (index < drawn - 1) {
            drawn = 0;
        }
        while (drawn <= index) {
            draw(drawn, cancelled);
            drawn++;
        }
        return drawn();
    }

    /** Returns the time in seconds that programs give to a frame: a tenth of a second if it has hardly any. */
    static double shown(double seconds) {
        return seconds > 0.01 ? seconds : 0.1;
    }
}
