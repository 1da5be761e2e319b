package kawi.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An array of strings in the layout of GGUF files: for each string its length in bytes as a little-endian {@code u64},
 * followed by its bytes in UTF-8, without padding. A vocabulary and its merges are half a million strings. They are not
 * converted to Java strings, which would take more time and memory than the rest of loading a tokenizer.
 */
public final class GgufStrings {

    /** The size of a length field in bytes. */
    static final int LENGTH_BYTES = Long.BYTES;

    private final byte[] bytes;
    private final int count;

    /**
     * Creates an array of strings. The bytes are not copied and must not be modified afterwards.
     *
     * @param count the number of strings
     * @throws TokenizerException if {@code bytes} does not consist of exactly {@code count} strings
     */
    public GgufStrings(byte[] bytes, int count) {
        this.bytes = bytes;
        this.count = count;
        int at = 0;
        for (int i = 0; i < count; i += Vocabulary.BATCH) {
            at = end(at, i, Math.min(i + Vocabulary.BATCH, count));
        }
        if (at != bytes.length) {
            throw new TokenizerException("%d strings end at byte %d of %d".formatted(count, at, bytes.length));
        }
    }

    /** Checks the lengths of the strings {@code [from, to)}, which begin at {@code begin}, and returns their end. */
    private int end(int begin, int from, int to) {
        int at = begin;
        for (int i = from; i < to; i++) {
            int available = bytes.length - at - LENGTH_BYTES;
            int length = available < 0 ? -1 : lengthAt(at);
            if (length < 0 || length > available) {
                throw new TokenizerException(
                        "string %d of %d at byte %d extends beyond the end of the array of %d bytes"
                                .formatted(i, count, at, bytes.length));
            }
            at += LENGTH_BYTES + length;
        }
        return at;
    }

    /** Encodes strings in this layout. */
    public static GgufStrings of(List<String> strings) {
        var out = new ByteArrayOutputStream();
        for (String string : strings) {
            byte[] utf8 = string.getBytes(StandardCharsets.UTF_8);
            out.writeBytes(ByteBuffer.allocate(LENGTH_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(utf8.length)
                    .array());
            out.writeBytes(utf8);
        }
        return new GgufStrings(out.toByteArray(), strings.size());
    }

    /** The number of strings. */
    public int count() {
        return count;
    }

    /** Lengths and strings; not to be modified. */
    byte[] bytes() {
        return bytes;
    }

    /** The length stored at offset {@code at}, or -1 if it exceeds the size of any array. */
    int lengthAt(int at) {
        // Faster than a VarHandle as long as the JVM has not compiled it.
        byte[] b = bytes;
        return (b[at + 4] | b[at + 5] | b[at + 6] | b[at + 7]) != 0
                ? -1
                : (b[at] & 0xFF) | (b[at + 1] & 0xFF) << 8 | (b[at + 2] & 0xFF) << 16 | b[at + 3] << 24;
    }

    /**
     * The text of {@code utf8[from..to)}.
     *
     * @throws CharacterCodingException if it is not UTF-8
     */
    static String text(byte[] utf8, int from, int to) throws CharacterCodingException {
        CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8, from, to - from));
        return text.toString();
    }
}
