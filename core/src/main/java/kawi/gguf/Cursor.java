package kawi.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.FileBytes;
import kawi.files.Utf8;

/**
 * A position in a GGUF file that moves forward value by value, within the bounds of the file. Every length and count is
 * compared with the number of remaining bytes before anything is allocated or skipped, so the time and memory that a
 * number in the file can cost are proportional to the actual size of the file.
 */
final class Cursor {

    static final int MAX_NAME_BYTES = 1024;
    private static final int MAX_STRING_BYTES = 1 << 26;
    private static final int MAX_ARRAY_LENGTH = 1 << 24;
    private static final int MAX_ARRAY_DEPTH = 4;

    /** Far more than any vocabulary needs; the header of a file on disk is kept in memory. */
    private static final long MAX_HEADER_BYTES = 1L << 30;

    /** Bytes copied at a time to skip strings. */
    private static final int PIECE = 1 << 16;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final FileBytes file;
    private final long end;
    private String where;
    private long position;

    /** The part of the head of the file that is in memory. */
    private MemorySegment head;

    /**
     * @param where the item being read, for messages: {@code key general.name}
     * @throws IllegalStateException if the file is closed
     */
    Cursor(FileBytes file, String where, long position) {
        this.file = file;
        this.end = file.size();
        this.where = where;
        this.position = position;
        this.head = file.head(position);
    }

    /** Another cursor on the same file, at {@code position}. */
    Cursor at(long position) {
        return new Cursor(file, where, position);
    }

    /** Sets the item being read, for messages. */
    void reading(String where) {
        this.where = where;
    }

    long position() {
        return position;
    }

    ModelFileException failure(long at, String sentence) {
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

    /** The head of the file, at least up to byte {@code end}. */
    private MemorySegment head(long end) {
        if (end > head.byteSize()) {
            if (end > MAX_HEADER_BYTES) {
                throw failure(end, "the header is longer than the %d bytes that are read".formatted(MAX_HEADER_BYTES));
            }
            head = file.head(end);
        }
        return head;
    }

    int int32() {
        long at = take(Integer.BYTES);
        return head(position).get(INT, at);
    }

    long int64() {
        long at = take(Long.BYTES);
        return head(position).get(LONG, at);
    }

    private byte int8() {
        long at = take(Byte.BYTES);
        return head(position).get(BYTE, at);
    }

    private short int16() {
        long at = take(Short.BYTES);
        return head(position).get(SHORT, at);
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
        long at = take(length);
        String text = Utf8.decode(head(position), at, length);
        if (text == null) {
            byte[] start = head(position).asSlice(at, Math.min(length, 16)).toArray(BYTE);
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
        MemorySegment.copy(head(position), BYTE, at, bytes, 0, length);
        return bytes;
    }

    /** Fills {@code ints} with 32-bit integers. */
    void copyInts(int[] ints) {
        long at = take((long) ints.length * Integer.BYTES);
        MemorySegment.copy(head(position), INT, at, ints, 0, ints.length);
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

    /**
     * Skips {@code count} strings. A vocabulary and its merges are half a million strings, which are skipped before the
     * JVM has compiled any code, when an access to a memory segment takes a microsecond. Therefore their lengths are
     * read from copies on the heap.
     */
    private void skipStrings(int count) {
        byte[] piece = new byte[(int) Math.min(PIECE, end - position)];
        long pieceAt = position;
        int filled = 0;
        for (int i = 0; i < count; i++) {
            if (position - pieceAt > filled - Long.BYTES) {
                pieceAt = position;
                filled = (int) Math.min(piece.length, end - pieceAt);
                MemorySegment.copy(head(pieceAt + filled), BYTE, pieceAt, piece, 0, filled);
            }
            int at = (int) (position - pieceAt);
            boolean usual = filled >= Long.BYTES
                    && (piece[at + 3] | piece[at + 4] | piece[at + 5] | piece[at + 6] | piece[at + 7]) == 0;
            if (usual) {
                int length = (piece[at] & 0xFF) | (piece[at + 1] & 0xFF) << 8 | (piece[at + 2] & 0xFF) << 16;
                usual = length <= end - position - Long.BYTES;
                position += usual ? Long.BYTES + length : 0;
            }
            if (!usual) {
                skip(MetadataType.STRING);
            }
        }
    }
}
