package kawi.video;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import kawi.ImageException;
import org.jspecify.annotations.Nullable;

/**
 * A process that reads a film. Its output is read by other threads, so that the caller can be interrupted and waits no
 * longer than the time limit. After a failure it must be closed.
 */
final class FfmpegProcess implements AutoCloseable {

    private static final int MAX_MESSAGE = 500;
    private static final int MAX_FRAME = 1 << 29;
    private static final int BMP_HEADER = 54;
    private static final long CLOSED = -1;

    private final String program;
    private final Ffmpeg limits;
    private final Path film;
    private final Process process;
    private final Thread errors;
    private volatile String lastError = "";

    /** How often reading a frame has begun or ended, so odd while one is read; or {@link #CLOSED}. */
    private final AtomicLong turn = new AtomicLong();

    FfmpegProcess(List<String> command, Ffmpeg limits, Path film) throws IOException {
        this.program = command.getFirst();
        this.limits = limits;
        this.film = film;
        try {
            this.process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new IOException(
                    ("cannot read the film %s: %s; install ffmpeg 5.1 or newer (apt-get install ffmpeg, "
                                    + "brew install ffmpeg), or give the paths of its programs to kawi.video.Ffmpeg")
                            .formatted(film, e.getMessage()),
                    e);
        }
        this.errors = Thread.ofPlatform().daemon().name("kawi-video-errors").start(this::readErrors);
    }

    /** Keeps the last line, or its beginning, and discards the others. */
    private void readErrors() {
        try (Reader reader = process.errorReader(StandardCharsets.UTF_8)) {
            StringBuilder line = new StringBuilder();
            int next;
            do {
                next = reader.read();
                if (next < ' ' && !line.isEmpty()) {
                    lastError = line.toString();
                    line.setLength(0);
                } else if (next >= ' ' && line.length() < MAX_MESSAGE) {
                    line.append((char) next);
                }
            } while (next >= 0);
        } catch (IOException e) {
            lastError = String.valueOf(e.getMessage()); // the process has been closed
        }
    }

    /**
     * Returns what the process writes until it ends.
     *
     * @throws ImageException if it fails
     */
    String output(int maxBytes) throws IOException {
        return call("the film %s".formatted(film), () -> {
            String output = new String(process.getInputStream().readNBytes(maxBytes), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new EOFException();
            }
            return output;
        });
    }

    /**
     * Reads a frame, or returns null if this process has been closed, or ended because no frame was read for long.
     *
     * @param index its index in the film, for messages
     * @param skipped the number of frames before it that are left out
     * @throws ImageException if the process ends before it
     */
    byte @Nullable [] frame(int index, int skipped) throws IOException {
        long before = turn.get();
        if (before == CLOSED || !turn.compareAndSet(before, before + 1)) {
            return null;
        }
        byte[] frame = call("frame %d of the film %s".formatted(index, film), () -> {
            InputStream in = process.getInputStream();
            for (int i = 0; i < skipped; i++) {
                in.skipNBytes(length(in.readNBytes(BMP_HEADER)) - BMP_HEADER);
            }
            return frame(in);
        });
        long idle = before + 2;
        if (turn.compareAndSet(before + 1, idle)) {
            CompletableFuture.delayedExecutor(limits.idleLimit().toNanos(), TimeUnit.NANOSECONDS)
                    .execute(() -> {
                        if (turn.compareAndSet(idle, CLOSED)) {
                            close();
                        }
                    });
        }
        return frame;
    }

    private byte[] frame(InputStream in) throws IOException {
        byte[] header = in.readNBytes(BMP_HEADER);
        byte[] frame = new byte[length(header)];
        System.arraycopy(header, 0, frame, 0, BMP_HEADER);
        int rest = frame.length - BMP_HEADER;
        if (in.readNBytes(frame, BMP_HEADER, rest) < rest) {
            throw new EOFException();
        }
        return frame;
    }

    /** Returns the length of the BMP file that begins with a header. */
    private int length(byte[] header) throws IOException {
        if (header.length < BMP_HEADER) {
            throw new EOFException();
        }
        long length = Integer.toUnsignedLong(
                ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(2));
        if (header[0] != 'B' || header[1] != 'M' || length < BMP_HEADER || length > MAX_FRAME) {
            throw new ImageException("cannot read the film %s: a frame from %s is no BMP file of at most %d bytes"
                    .formatted(film, program, MAX_FRAME));
        }
        return (int) length;
    }

    private <T> T call(String what, Callable<T> reading) throws IOException {
        FutureTask<T> task = new FutureTask<>(reading);
        Thread.ofPlatform().daemon().name("kawi-video-output").start(task);
        try {
            try {
                return task.get(limits.timeLimit().toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case EOFException end -> {
                        errors.join(Duration.ofSeconds(5));
                        String reason = lastError.isEmpty() ? program + " ended without a message" : lastError;
                        throw new ImageException("cannot read %s: %s".formatted(what, reason), end);
                    }
                    case ImageException failure -> throw failure;
                    case null, default ->
                        throw new IOException("cannot read %s: %s".formatted(what, e.getMessage()), e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("reading %s was interrupted".formatted(what));
        } catch (TimeoutException e) {
            throw new IOException(
                    "cannot read %s: %s took longer than %s".formatted(what, program, limits.timeLimit()), e);
        }
    }

    /** Ends the process, and those that it has started, since the program may be a script. */
    @Override
    public void close() {
        turn.set(CLOSED);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
