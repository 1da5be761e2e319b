package kawi.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An array of strings as GGUF files hold it: for each string a length, a {@code u64} in little endian, and as many
 * bytes of UTF-8, without gaps. A vocabulary and its merges are half a million strings; they stay in this form until
 * they are tables, because a Java object for each would cost more time and memory than all the rest of loading a
 * tokenizer.
 */
public final class GgufStrings {

    /** Bytes of a length. */
    static final int LENGTH_BYTES = Long.BYTES;

    private final byte[] bytes;
    private final int count;

    /**
     * Takes {@code bytes} over.
     *
     * @param count strings in it
     * @throws TokenizerException if it does not consist of so many strings
     */
    public GgufStrings(byte[] bytes, int count) {
        this.bytes = bytes;
        this.count = count;
        int at = 0;
        for (int i = 0; i < count; i++) {
            int room = bytes.length - at - LENGTH_BYTES;
            int length = room < 0 ? -1 : lengthAt(at);
            if (length < 0 || length > room) {
                throw new TokenizerException("string %d of %d at byte %d is longer than what is left of %d bytes"
                        .formatted(i, count, at, bytes.length));
            }
            at += LENGTH_BYTES + length;
        }
        if (at != bytes.length) {
            throw new TokenizerException("%d strings end at byte %d of %d".formatted(count, at, bytes.length));
        }
    }

    /** Brings strings into this form. */
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

    /** How many strings there are. */
    public int count() {
        return count;
    }

    /** Lengths and strings; not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /** The length that stands at {@code at}, or -1 if it is longer than any array. */
    int lengthAt(int at) {
        // Four loads are quicker than a view of the array until the JVM has compiled this, which is half of the time.
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
