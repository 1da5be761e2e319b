package kawi.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the content of a file against its name in the cache: 64 hexadecimal digits are its SHA-256, 40 digits are
 * the name of a git blob, {@code SHA-1("blob " + size + "\0" + content)}. Most of the hash is computed during the
 * download.
 */
final class BlobDigest {

    private static final int BUFFER_BYTES = 1 << 20;

    private final PartFile content;
    private final String expected;
    private final @Nullable MessageDigest digest;
    private final ByteBuffer buffer;
    private long position;

    BlobDigest(RemoteFile file, PartFile content) {
        this.content = content;
        this.expected = file.etag();
        boolean hexadecimal = expected.matches("[0-9a-f]+");
        try {
            if (hexadecimal && expected.length() == 64) {
                digest = MessageDigest.getInstance("SHA-256");
            } else if (hexadecimal && expected.length() == 40) {
                digest = MessageDigest.getInstance("SHA-1");
                digest.update("blob %d\0".formatted(file.size()).getBytes(StandardCharsets.US_ASCII));
            } else {
                digest = null;
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1 and SHA-256", e);
        }
        buffer = ByteBuffer.allocate(digest == null ? 0 : BUFFER_BYTES);
    }

    /** Continues up to byte {@code end}, but for no more than {@code maxBytes} bytes. */
    void advance(long end, long maxBytes) throws IOException {
        if (digest == null) {
            return;
        }
        long stop = Math.min(end, position + maxBytes);
        while (position < stop) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), stop - position));
            content.read(buffer, position);
            position += buffer.flip().remaining();
            digest.update(buffer);
        }
    }

    /** The hash of the whole content, or null if the expected name is not a hash. May be called once. */
    @Nullable String found(long size) throws IOException {
        advance(size, Long.MAX_VALUE - position);
        return digest == null ? null : HexFormat.of().formatHex(digest.digest());
    }

    String expected() {
        return expected;
    }
}
