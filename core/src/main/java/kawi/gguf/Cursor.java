package kawi.gguf;

import java.math.BigInteger;
import java.util.Arrays;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.FileBytes;
import kawi.files.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * A position in a GGUF file that moves forward value by value, within the bounds of the file. Every length and count is
 * compared with the number of remaining bytes before anything is allocated or skipped, so the time and memory that a
 * number in the file can cost are proportional to the actual size of the file.
 *
 * <p>The bytes are read through a window, an array that moves along the file. Headers are read before the JVM has
 * compiled any code, when an access to a memory segment takes a microsecond and one to an array a few nanoseconds.
 */
final class Cursor {

    static final int MAX_NAME_BYTES = 1024;
    private static final int MAX_STRING_BYTES = 1 << 26;
    private static final int MAX_ARRAY_LENGTH = 1 << 24;
    private static final int MAX_ARRAY_DEPTH = 4;

    /** Far more than any vocabulary needs. */
    private static final long MAX_HEADER_BYTES = 1L << 30;

    /** The sizes of the window: small for a single value, and larger as long as the position moves on. */
    private static final int MIN_WINDOW_BYTES = 256;

    private static final int MAX_WINDOW_BYTES = 1 << 16;

    private static final int SHOWN_BYTES = 16;

    private static final int SKIPPED_AT_ONCE = 64;

    private final FileBytes file;
    private final long end;

    /** The item being read, and its name in the file, for messages. */
    private String item;

    private @Nullable String name;
    private long position;

    /** The bytes of the file from {@code windowAt} on, {@code windowBytes} of them. */
    private byte[] window = {};

    private long windowAt;
    private int windowBytes;

    /**
     * @param item the item being read and its name in the file, for messages: {@code key}, {@code general.name}
     * @throws IllegalStateException if the file is closed
     */
    Cursor(FileBytes file, String item, @Nullable String name, long position) {
        this.file = file;
        this.end = file.size();
        this.item = item;
        this.name = name;
        this.position = position;
        file.checkOpen();
    }

    /** Another cursor on the same file, at {@code position}. */
    Cursor at(long position) {
        return new Cursor(file, item, name, position);
    }

    /**
     * Moves to a position at or before the end of the file.
     *
     * @throws IllegalStateException if the file is closed
     */
    void seek(long position) {
        file.checkOpen();
        this.position = position;
    }

    /** Sets the item being read and its name in the file, if it has one, for messages. */
    void reading(String item, @Nullable String name) {
        this.item = item;
        this.name = name;
    }

    long position() {
        return position;
    }

    ModelFileException failure(long at, String sentence) {
        String where = name == null ? item : item + " " + Excerpt.of(name);
        return new ModelFileException("%s: %s at byte %d: %s".formatted(file.name(), where, at, sentence));
    }

    private long take(long bytes) {
        long at = position;
        if (bytes > end - at) {
            throw failure(at, "%d bytes are needed, but the file has only %d more".formatted(bytes, end - at));
        }
        position = at + bytes;
        return at;
    }

    /** The index in the window of bytes that were taken at {@code at}, at most as many as the smallest window has. */
    private int inWindow(long at, int bytes) {
        long index = at - windowAt;
        if (index < 0 || index + bytes > windowBytes) {
            moveWindow(at);
            return 0;
        }
        return (int) index;
    }

    /** Moves the window to {@code at}. */
    private void moveWindow(long at) {
        checkHeader(at);
        boolean onward = windowBytes > 0 && at > windowAt && at - windowAt <= windowBytes;
        int capacity = onward ? Math.min(2 * window.length, MAX_WINDOW_BYTES) : MIN_WINDOW_BYTES;
        if (window.length < capacity) {
            window = new byte[capacity];
        }
        windowBytes = 0;
        int bytes = (int) Math.min(capacity, end - at);
        file.read(at, window, bytes);
        windowAt = at;
        windowBytes = bytes;
    }

    private void checkHeader(long at) {
        if (at > MAX_HEADER_BYTES) {
            throw failure(at, "the header is longer than the %d bytes that are read".formatted(MAX_HEADER_BYTES));
        }
    }

    int int32() {
        int at = inWindow(take(Integer.BYTES), Integer.BYTES);
        return int32(window, at);
    }

    private static int int32(byte[] b, int at) {
        return (b[at] & 0xFF) | ((b[at + 1] & 0xFF) << 8) | ((b[at + 2] & 0xFF) << 16) | (b[at + 3] << 24);
    }

    long int64() {
        int at = inWindow(take(Long.BYTES), Long.BYTES);
        return Integer.toUnsignedLong(int32(window, at)) | ((long) int32(window, at + Integer.BYTES) << Integer.SIZE);
    }

    private byte int8() {
        int at = inWindow(take(Byte.BYTES), Byte.BYTES);
        return window[at];
    }

    private short int16() {
        int at = inWindow(take(Short.BYTES), Short.BYTES);
        return (short) ((window[at] & 0xFF) | (window[at + 1] << 8));
    }

    private float float32() {
        return Float.intBitsToFloat(int32());
    }

    private double float64() {
        return Double.longBitsToDouble(int64());
    }

    /**
     * A {@code u64} that gives the number of {@code things} that follow; the file must be long enough for that many.
     */
    int count(String things, int minimumBytes, int limit) {
        long at = position;
        long count = int64();
        if (count < 0 || count > (end - position) / minimumBytes) {
            throw failure(
                    at,
                    "%s %s of %d or more bytes each are declared, but the file has only %d more bytes"
                            .formatted(Long.toUnsignedString(count), things, minimumBytes, end - position));
        }
        if (count > limit) {
            throw failure(at, "%d %s are declared, more than the %d that are read".formatted(count, things, limit));
        }
        return (int) count;
    }

    MetadataType type() {
        long at = position;
        int code = int32();
        MetadataType type = MetadataType.ofCode(code);
        if (type == null) {
            throw failure(
                    at,
                    "value type %s is unknown; GGUF has the types 0 to 12".formatted(Integer.toUnsignedString(code)));
        }
        return type;
    }

    boolean bool() {
        long at = position;
        byte value = int8();
        if (value != 0 && value != 1) {
            throw failure(at, "a bool is 0 or 1, but this one is %d".formatted(Byte.toUnsignedInt(value)));
        }
        return value == 1;
    }

    String string() {
        return string(MAX_STRING_BYTES);
    }

    /** A key or a tensor name: short and not empty. */
    String name() {
        long at = position;
        String name = string(MAX_NAME_BYTES);
        if (name.isEmpty()) {
            throw failure(at, "the name is empty");
        }
        return name;
    }

    private String string(int maxBytes) {
        int length = stringLength(maxBytes);
        long at = position;
        byte[] utf8 = bytes(length);
        String text = Utf8.decode(utf8);
        if (text == null) {
            byte[] start = Arrays.copyOf(utf8, Math.min(length, SHOWN_BYTES));
            throw failure(
                    at, "a string of %d bytes is not UTF-8; it begins with %s".formatted(length, Excerpt.of(start)));
        }
        return text;
    }

    private int stringLength(int maxBytes) {
        long at = position;
        long length = int64();
        if (length < 0 || length > end - position) {
            throw failure(
                    at,
                    "a string of %s bytes is declared, but the file has only %d more"
                            .formatted(Long.toUnsignedString(length), end - position));
        }
        if (length > maxBytes) {
            throw failure(
                    at, "a string of %d bytes is declared, more than the %d that are read".formatted(length, maxBytes));
        }
        return (int) length;
    }

    /** A value as {@link Metadata#value} describes it. */
    Object value(MetadataType type) {
        return switch (type) {
            case BOOL -> bool();
            case FLOAT32 -> float32();
            case FLOAT64 -> float64();
            case STRING -> string();
            case ARRAY -> {
                LazyArray<Object> values = array(Cursor::value);
                yield new MetadataArray(values.elementType(), values);
            }
            case UINT64 -> unsigned(int64());
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> integer(type);
        };
    }

    private static Number unsigned(long bits) {
        return bits >= 0 ? (Number) bits : new BigInteger(Long.toUnsignedString(bits));
    }

    /** An integer of any type whose value fits a {@code long}. */
    long integer(MetadataType type) {
        long at = position;
        return switch (type) {
            case UINT8 -> Byte.toUnsignedLong(int8());
            case INT8 -> int8();
            case UINT16 -> Short.toUnsignedLong(int16());
            case INT16 -> int16();
            case UINT32 -> Integer.toUnsignedLong(int32());
            case INT32 -> int32();
            case INT64 -> int64();
            case UINT64 -> {
                long bits = int64();
                if (bits < 0) {
                    throw failure(at, "%s is too large to be used".formatted(Long.toUnsignedString(bits)));
                }
                yield bits;
            }
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY ->
                throw new IllegalArgumentException("%s is not an integer type".formatted(type));
        };
    }

    double floating(MetadataType type) {
        return type == MetadataType.FLOAT32 ? float32() : float64();
    }

    /** Reads one element of an array. */
    @FunctionalInterface
    interface Element<T> {
        T read(Cursor cursor, MetadataType type);
    }

    /** Copies {@code length} bytes. */
    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        long at = take(length);
        if (length <= MIN_WINDOW_BYTES) {
            int from = inWindow(at, length);
            System.arraycopy(window, from, bytes, 0, length);
        } else {
            checkHeader(position);
            file.read(at, bytes, length);
        }
        return bytes;
    }

    /** Fills {@code ints} with 32-bit integers. */
    void copyInts(int[] ints) {
        long at = take((long) ints.length * Integer.BYTES);
        checkHeader(position);
        byte[] piece = new byte[Math.min(MAX_WINDOW_BYTES, ints.length * Integer.BYTES)];
        for (int i = 0; i < ints.length; ) {
            int count = Math.min(piece.length / Integer.BYTES, ints.length - i);
            file.read(at + (long) i * Integer.BYTES, piece, count * Integer.BYTES);
            for (int j = 0; j < count; j++) {
                ints[i++] = int32(piece, j * Integer.BYTES);
            }
        }
    }

    /** A view of the array at this position, whose elements are decoded on request. */
    <T> LazyArray<T> array(Element<T> element) {
        MetadataType type = type();
        int size = elementCount(type);
        long first = position;
        if (type.isFixedSize()) {
            take((long) size * type.minimumBytes());
            return new LazyArray<>(at(first), type, element, size, first, null);
        }
        long[] offsets = new long[size];
        for (int i = 0; i < size; i++) {
            offsets[i] = position;
            skip(type, 1);
        }
        return new LazyArray<>(at(first), type, element, size, first, offsets);
    }

    int elementCount(MetadataType type) {
        return count(type.isFixedSize() ? type + " values" : type + "s", type.minimumBytes(), MAX_ARRAY_LENGTH);
    }

    /** Skips a value and checks everything that decoding it later relies on, except the encoding of strings. */
    void skip(MetadataType type) {
        skip(type, 0);
    }

    private void skip(MetadataType type, int depth) {
        switch (type) {
            case BOOL -> bool();
            case STRING -> take(stringLength(MAX_STRING_BYTES));
            case ARRAY -> skipArray(depth + 1);
            default -> take(type.minimumBytes());
        }
    }

    private void skipArray(int depth) {
        if (depth > MAX_ARRAY_DEPTH) {
            throw failure(position, "arrays are nested more than %d deep".formatted(MAX_ARRAY_DEPTH));
        }
        MetadataType type = type();
        int size = elementCount(type);
        if (type.isFixedSize() && type != MetadataType.BOOL) {
            take((long) size * type.minimumBytes());
            return;
        }
        if (type == MetadataType.STRING) {
            skipStrings(size);
            return;
        }
        for (int i = 0; i < size; i++) {
            skip(type, depth);
        }
    }

    /** Skips {@code count} strings; a vocabulary and its merges are half a million. */
    private void skipStrings(int count) {
        for (int left = count; left > 0; ) {
            int remaining = skipInWindow(left);
            if (remaining == left) {
                skip(MetadataType.STRING);
                remaining--;
            }
            left = remaining;
        }
    }

    /**
     * Skips some strings of less than 64 KB whose lengths are in the window and which end within the file. They are
     * few, because the JVM compiles a method after some hundred calls, but a loop only after sixty thousand iterations.
     *
     * @return the number of strings that are left of {@code count}
     */
    private int skipInWindow(int count) {
        byte[] b = window;
        if (position < windowAt || position > windowAt + windowBytes) {
            return count;
        }
        int at = (int) (position - windowAt);
        int last = windowBytes - Long.BYTES;
        int left = count;
        int least = Math.max(0, count - SKIPPED_AT_ONCE);
        while (left > least && at <= last) {
            if ((b[at + 2] | b[at + 3] | b[at + 4] | b[at + 5] | b[at + 6] | b[at + 7]) != 0) {
                break;
            }
            int next = at + Long.BYTES + ((b[at] & 0xFF) | (b[at + 1] & 0xFF) << 8);
            if (next > windowBytes && next > end - windowAt) {
                break;
            }
            at = next;
            left--;
        }
        if (left < count) {
            position = windowAt + at;
        }
        return left;
    }
}
