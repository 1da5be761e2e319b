package kawi.architecture;

import kawi.ModelFileException;

/**
 * Refuses sizes in a model's configuration that contradict each other or that no arithmetic is meant for.
 *
 * @param file whose configuration it is, for messages
 */
public record SizeCheck(String file) {

    /** No published or plausible size comes near; beyond it, products of sizes could overflow. */
    public static final int LARGEST_SIZE = 1 << 20;

    /** Refuses a size that is not between 1 and {@link #LARGEST_SIZE}. */
    public void size(String what, int value) {
        require(
                value > 0 && value <= LARGEST_SIZE,
                "%s %d is not between 1 and %d".formatted(what, value, LARGEST_SIZE));
    }

    /** Refuses rows that are wider than {@link #LARGEST_SIZE}. */
    public void width(String what, long width) {
        require(width <= LARGEST_SIZE, "%s is %d wide, more than %d".formatted(what, width, LARGEST_SIZE));
    }

    /** Refuses an RMS norm epsilon that is out of range. */
    public void epsilon(float eps) {
        require(eps > 0 && eps < 1, "RMS norm epsilon %s is out of range".formatted(eps));
    }

    /** Refuses the model with the sentence {@code problem} unless {@code condition} holds. */
    public void require(boolean condition, String problem) {
        if (!condition) {
            throw new ModelFileException(file + ": " + problem);
        }
    }
}
