package kawi.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Strict decoding of UTF-8. */
public final class Utf8 {

    private Utf8() {}

    /** The text in {@code length} bytes of {@code data} from {@code offset} on, or null if they are not valid UTF-8. */
    public static @Nullable String decode(MemorySegment data, long offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return decode(bytes);
    }

    /** The text in {@code bytes}, or null if they are not valid UTF-8. */
    public static @Nullable String decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        // The fast decoder substitutes U+FFFD for invalid bytes; only texts that contain it need a second check.
        boolean doubtful = text.indexOf('\uFFFD') >= 0;
        return doubtful && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes) ? null : text;
    }
}
