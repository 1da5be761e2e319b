package kawi.kernels;

/**
 * The layout of the keys and values of one attention layer in a page of {@link KvPages}:
 *
 * <pre>
 *    page:     for each kv head: keys [keyDim][POSITIONS], values [POSITIONS][valueDim];
 *              64 bytes of no meaning, unless valueDim is a multiple of 16
 * </pre>
 *
 * Keys and values have separate formats. A run of numbers that are adjacent in memory, a dimension of all keys or the
 * value of a position, takes {@link KvFormat#bytes} bytes, so a format may consist of blocks of numbers with a scale.
 *
 * @param kvHeads key and value heads
 * @param keyDim size of a key
 * @param valueDim size of a value
 * @param keys format of the keys
 * @param values format of the values
 */
public record KvLayout(int kvHeads, int keyDim, int valueDim, KvFormat keys, KvFormat values) {

    /** Pages begin at multiples; no fewer bytes than are read after values. */
    private static final int ALIGNMENT = 64;

    /** Keys and values of this shape in one format. */
    public static KvLayout of(AttentionShape shape, KvFormat format) {
        return of(shape, format, format);
    }

    public static KvLayout of(AttentionShape shape, KvFormat keys, KvFormat values) {
        return new KvLayout(shape.kvHeads(), shape.keyDim(), shape.valueDim(), keys, values);
    }

    /** Bytes of one dimension of the keys of a page. */
    public long keyRowBytes() {
        return keys.bytes(KvPages.POSITIONS);
    }

    /** Bytes of a value. */
    public long valueRowBytes() {
        return values.bytes(valueDim);
    }

    /** Bytes of a head's keys in a page. */
    public long keysBytes() {
        return keyDim * keyRowBytes();
    }

    /** Bytes of a head's values in a page. */
    public long valuesBytes() {
        return KvPages.POSITIONS * valueRowBytes();
    }

    /** The distance in bytes between the keys of two heads, and between the values of two heads. */
    public long headBytes() {
        return keysBytes() + valuesBytes();
    }

    /** Byte offset in a page of a head's keys. */
    public long keysAt(int kvHead) {
        return kvHead * headBytes();
    }

    /** Byte offset in a page of a head's values. */
    public long valuesAt(int kvHead) {
        return kvHead * headBytes() + keysBytes();
    }

    /** Bytes of a page: all heads, and what kernels may read after the last value. */
    public long pageBytes() {
        return kvHeads * headBytes() + (readAfterValues() > 0 ? ALIGNMENT : 0);
    }

    /** Bytes that kernels may read after a head's values, since they read values up to a multiple of 16 numbers. */
    public long readAfterValues() {
        return values.bytes(-valueDim & 15);
    }
}
