package kawi.video;

import java.io.IOException;
import java.nio.file.Path;
import kawi.ImageException;
import kawi.Part;
import kawi.VideoSource;
import org.jspecify.annotations.Nullable;

/**
 * A film that {@code ffmpeg} decodes when its frames are requested.
 *
 * <p>As long as the requested frames ascend, they are read from one process, which decodes the film once. The process
 * ends with the last frame, when no frame has been requested for {@link Ffmpeg#idleLimit}, when the thread that reads
 * is interrupted, and when this object is closed. A frame that follows is read by a new process, except after closing.
 */
public final class FfmpegVideo implements VideoSource, AutoCloseable {

    private final Ffmpeg ffmpeg;
    private final Path film;
    private final int frameCount;
    private final double framesPerSecond;

    private volatile @Nullable FfmpegProcess process;
    private volatile boolean closed;
    private int next;

    /** The frame that was read last, which is requested twice when it is the first. */
    private Part.@Nullable Image last;

    FfmpegVideo(Ffmpeg ffmpeg, Path film, int frameCount, double framesPerSecond) {
        this.ffmpeg = ffmpeg;
        this.film = film;
        this.frameCount = frameCount;
        this.framesPerSecond = framesPerSecond;
    }

    @Override
    public int frameCount() {
        return frameCount;
    }

    @Override
    public double framesPerSecond() {
        return framesPerSecond;
    }

    /**
     * {@inheritDoc}
     *
     * @throws ImageException if the film is damaged
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     * @throws IllegalStateException if this object has been closed
     */
    @Override
    public Part.Image frame(int index) throws IOException {
        if (index < 0 || index >= frameCount) {
            throw new IndexOutOfBoundsException("frame %d of %d of the film %s".formatted(index, frameCount, film));
        }
        checkOpen();
        Part.Image known = last;
        if (known != null && index == next - 1) {
            return known;
        }
        boolean done = false;
        try {
            Part.Image frame = Part.image(read(index));
            last = frame;
            next = index + 1;
            done = true;
            return frame;
        } catch (IOException | ImageException e) {
            checkOpen(); // since closing ends the process too
            throw e;
        } finally {
            if (!done || next == frameCount) {
                endProcess();
            }
        }
    }

    private byte[] read(int index) throws IOException {
        FfmpegProcess reader = process;
        byte[] frame = reader == null || index < next ? null : reader.frame(index, index - next);
        if (frame == null) {
            endProcess();
            last = null;
            reader = ffmpeg.frames(film, index);
            process = reader;
            frame = closed ? null : reader.frame(index, 0);
        }
        if (frame == null) {
            throw new IOException("the film %s was closed while it was read".formatted(film));
        }
        return frame;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the film %s has been closed".formatted(film));
        }
    }

    private void endProcess() {
        FfmpegProcess ended = process;
        if (ended != null) {
            ended.close();
            process = null;
        }
    }

    /** Ends the process. Any thread may call this method, at any time. */
    @Override
    public void close() {
        closed = true;
        FfmpegProcess running = process;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public String toString() {
        return "FfmpegVideo[%s, %d frames, %s per second]".formatted(film, frameCount, framesPerSecond);
    }
}
