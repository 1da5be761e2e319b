package kawi.gguf;

import org.jspecify.annotations.Nullable;

/** The types of metadata values ({@code gguf_metadata_value_type}). */
public enum MetadataType {
    UINT8(0, 1, "u8"),
    INT8(1, 1, "i8"),
    UINT16(2, 2, "u16"),
    INT16(3, 2, "i16"),
    UINT32(4, 4, "u32"),
    INT32(5, 4, "i32"),
    FLOAT32(6, 4, "f32"),
    BOOL(7, 1, "bool"),
    STRING(8, 8, "string"),
    ARRAY(9, 12, "array"),
    UINT64(10, 8, "u64"),
    INT64(11, 8, "i64"),
    FLOAT64(12, 8, "f64");

    private static final MetadataType[] BY_CODE = values();

    private final int code;
    private final int minimumBytes;
    private final String label;

    MetadataType(int code, int minimumBytes, String label) {
        this.code = code;
        this.minimumBytes = minimumBytes;
        this.label = label;
    }

    static @Nullable MetadataType ofCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    /** The number of this type in a file. */
    int code() {
        return code;
    }

    /**
     * The size of a value in bytes; for strings (a length) and arrays (an element type and a length), the minimum size.
     */
    int minimumBytes() {
        return minimumBytes;
    }

    boolean isFixedSize() {
        return this != STRING && this != ARRAY;
    }

    boolean isInteger() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
        };
    }

    boolean isFloating() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /** The short name: {@code u32}, {@code string}. */
    @Override
    public String toString() {
        return label;
    }
}
