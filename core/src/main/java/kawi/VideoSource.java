package kawi;

import java.io.IOException;

/**
 * The frames of a film, for a {@link Part#video(VideoSource) video part}. Implement this interface to show a model
 * films in formats that Kawi does not read, such as H.264.
 *
 * <p>Of the frames only those that the model sees are requested, in ascending order, each once for each time that the
 * film is read. The methods may be called by any thread, but not by two at the same time for one film. Two parts are
 * equal if their sources are.
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
