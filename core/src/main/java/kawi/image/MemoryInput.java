package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import javax.imageio.stream.ImageInputStreamImpl;

/** A file in memory. Unlike the streams of {@code ImageIO}, it needs no copy and no cache on disk. */
final class MemoryInput extends ImageInputStreamImpl {

    private final ByteBuffer file;
    private final BooleanSupplier cancelled;

    MemoryInput(ByteBuffer file, BooleanSupplier cancelled) {
        this.file = file;
        this.cancelled = cancelled;
    }

    @Override
    public int read() throws IOException {
        checkClosed();
        bitOffset = 0;
        return streamPos < file.limit() ? file.get((int) streamPos++) & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        checkClosed();
        bitOffset = 0;
        // A decoder that loops, loops over its input.
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled while an image was decoded");
        }
        if (length == 0) {
            return 0;
        } else if (streamPos >= file.limit()) {
            return -1;
        }
        int count = (int) Math.min(length, file.limit() - streamPos);
        file.get((int) streamPos, bytes, offset, count);
        streamPos += count;
        return count;
    }

    @Override
    public long length() {
        return file.limit();
    }
}
