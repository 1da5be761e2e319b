package kawi;

import java.io.IOException;

/**
 * The frames of a film, for a {@link Part#video(VideoSource) video part}. Implement this interface to show a model
 * films in formats that Kawi does not read, such as H.264.
 *
 * <p>Of the frames only those that the model sees are requested: the first one for its size, then all of them in
 * ascending order, once to recognize the film and again to encode it. With every prompt that has the film, it is
 * recognized again, and each frame must have the same content each time. The methods may be called by any thread, and
 * for prompts that run at the same time by several at once. Two parts are equal if their sources are.
 */
public interface VideoSource {

    /** Returns the number of frames, at least 1. */
    int frameCount();

    /** Returns the number of frames per second, a finite number above 0. */
    double framesPerSecond();

    /**
     * Returns a frame, as made with {@link Part#image(byte[])} or {@link Part#image(java.awt.image.BufferedImage)}. All
     * frames have the same width and height.
     *
     * @param index from 0 to {@link #frameCount()} - 1
     * @throws IOException if the frame cannot be read
     */
    Part.Image frame(int index) throws IOException;
}
