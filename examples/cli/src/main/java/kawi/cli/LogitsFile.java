package kawi.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A safetensors file with one tensor {@code logits}, F32, of shape [rows, vocabulary]. It is written row by row under a
 * temporary name, and moved to its own name when it is complete; closing it earlier deletes it.
 *
 * <p>The format: the length of the header (8 bytes, little endian), the header (JSON, padded with spaces to a multiple
 * of 8 bytes), the values (little endian).
 */
final class LogitsFile implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 20;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    LogitsFile(Path target, int rows, int vocabulary) throws IOException {
        this.target = target;
        this.temporary = target.resolveSibling(target.getFileName()
                + ".%d.part".formatted(ProcessHandle.current().pid()));
        channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        long bytes = (long) rows * vocabulary * Float.BYTES;
        String header = "{\"logits\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]}}"
                .formatted(rows, vocabulary, bytes);
        byte[] padded =
                (header + " ".repeat(Math.floorMod(-header.length(), Long.BYTES))).getBytes(StandardCharsets.US_ASCII);
        buffer.putLong(padded.length).put(padded);
    }

    /** Appends the logits of one position. */
    void write(float[] logits) throws IOException {
        for (float logit : logits) {
            if (buffer.remaining() < Float.BYTES) {
                flush();
            }
            buffer.putFloat(logit);
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** Moves the complete file to its name. */
    void finish() throws IOException {
        flush();
        channel.force(true);
        channel.close();
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
    }
}
