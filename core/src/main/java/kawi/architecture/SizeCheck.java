package kawi.architecture;

import kawi.ModelFileException;

/**
 * Rejects sizes in a model's configuration that are inconsistent or out of range.
 *
 * @param file the file of the configuration, for messages
 */
public record SizeCheck(String file) {

    /** Far above any published or plausible size. Products of larger sizes could overflow. */
    public static final int MAX_SIZE = 1 << 20;

    /** Rejects a size that is not between 1 and {@link #MAX_SIZE}. */
    public void size(String what, int value) {
        require(value > 0 && value <= MAX_SIZE, "%s %d is not between 1 and %d".formatted(what, value, MAX_SIZE));
    }

    /** Rejects rows that are wider than {@link #MAX_SIZE}. */
    public void width(String what, long width) {
        require(width <= MAX_SIZE, "%s is %d wide, more than %d".formatted(what, width, MAX_SIZE));
    }

    /** Rejects an RMS norm epsilon that is out of range. */
    public void epsilon(float eps) {
        require(eps > 0 && eps < 1, "RMS norm epsilon %s is out of range".formatted(eps));
    }

    /** Rejects the model with the message {@code problem} unless {@code condition} holds. */
    public void require(boolean condition, String problem) {
        if (!condition) {
            throw new ModelFileException(file + ": " + problem);
        }
    }
}
