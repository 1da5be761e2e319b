package kawi;

/**
 * How a model saw an image or a film: what was given, and what it was resized to.
 *
 * @param frames the number of frames that were chosen; 1 for an image
 * @param width the width that was given, in pixels; {@code height} likewise
 * @param usedWidth the width after resizing, in pixels; {@code usedHeight} likewise
 * @param tokens the number of tokens of the prompt that it takes, in all frames together
 */
public record ImageUse(int frames, int width, int height, int usedWidth, int usedHeight, int tokens) {

    /** Returns whether it was reduced or enlarged. */
    public boolean resized() {
        return width != usedWidth || height != usedHeight;
    }
}
