package kawi.kernels;

/**
 * The layout of the keys and values of one attention layer in a page of {@link KvPages}:
 *
 * <pre>
 *    page:     for each kv head: keys, values;
 *              64 bytes of no meaning, if kernels may read after the last value
 *
 *    keys      f16, f32   [keyDim][POSITIONS]
 *              q8         [keyDim / 4][POSITIONS][4] bytes, one number each, then scales f32 [POSITIONS]
 *              q4         [keyDim / 8][POSITIONS][4] bytes: byte i has number i in its lower half and number i + 4 in
 *                         its upper half; then scales f32 [POSITIONS]
 *    values    f16, f32   [POSITIONS][valueDim]
 *              q8         [POSITIONS][valueDim up to a multiple of 16] bytes, then scales f32 [POSITIONS]
 *              q4         [POSITIONS][valueDim up to a multiple of 32] in 16 numbers per 8 bytes: byte i has number i in
 *                         its lower half and number i + 8 in its upper half; then scales f32 [POSITIONS]
 * </pre>
 *
 * Keys and values have separate formats. A quantized key or value has a scale of its own, so what is stored for a
 * position depends on no other position. Missing numbers of a last, partial group are zeros.
 *
 * @param kvHeads key and value heads
 * @param keyDim size of a key
 * @param valueDim size of a value
 * @param keys format of the keys
 * @param values format of the values
 */
public record KvLayout(int kvHeads, int keyDim, int valueDim, KvFormat keys, KvFormat values) {

    /** The size of quantized keys, for which a prepared query has room and sums of products are exact in f32. */
    private static final int MIN_QUANTIZED_KEY = 4;

    private static final int MAX_QUANTIZED_KEY = 1024;

    /** Pages begin at multiples; no fewer bytes than are read after values. */
    private static final int ALIGNMENT = 64;

    public KvLayout {
        if (keys.quantized() && (keyDim < MIN_QUANTIZED_KEY || keyDim > MAX_QUANTIZED_KEY)) {
            throw new IllegalArgumentException("keys in %s have %d dimensions: expected %d to %d"
                    .formatted(keys, keyDim, MIN_QUANTIZED_KEY, MAX_QUANTIZED_KEY));
        }
    }

    /** Keys and values of this shape in one format. */
    public static KvLayout of(AttentionShape shape, KvFormat format) {
        return of(shape, format, format);
    }

    /** Keys and values of this shape. */
    public static KvLayout of(AttentionShape shape, KvFormats formats) {
        return of(shape, formats.keys(), formats.values());
    }

    public static KvLayout of(AttentionShape shape, KvFormat keys, KvFormat values) {
        return new KvLayout(shape.kvHeads(), shape.keyDim(), shape.valueDim(), keys, values);
    }

    /** Rows of a head's keys in a page: dimensions, or groups of them. */
    public int keyRows() {
        return Math.ceilDiv(keyDim, keyRowDims());
    }

    /** Dimensions of a row of keys. */
    private int keyRowDims() {
        return keys.quantized() ? Integer.SIZE / keys.bits() : 1;
    }

    /** Bytes of a position in a row of keys. */
    public int keySlotBytes() {
        return keyRowDims() * keys.bits() / Byte.SIZE;
    }

    /** Bytes of a row of the keys of a page. */
    public long keyRowBytes() {
        return (long) KvPages.POSITIONS * keySlotBytes();
    }

    /** Bytes of a value. */
    public long valueRowBytes() {
        int group = switch (values) {
            case F16, F32 -> 1;
            case Q8 -> 16;
            case Q4 -> 32;
        };
        return (long) Math.ceilDiv(valueDim, group) * group * values.bits() / Byte.SIZE;
    }

    /** Bytes of a head's keys in a page. */
    public long keysBytes() {
        return keyRows() * keyRowBytes() + scalesBytes(keys, KvPages.POSITIONS);
    }

    /** Bytes of a head's values in a page. */
    public long valuesBytes() {
        return KvPages.POSITIONS * valueRowBytes() + scalesBytes(values, KvPages.POSITIONS);
    }

    /** Bytes of the scales of some positions: 0 if there are none. */
    static long scalesBytes(KvFormat format, int positions) {
        return format.quantized() ? (long) positions * Float.BYTES : 0;
    }

    /** The distance in bytes between the keys of two heads, and between the values of two heads. */
    public long headBytes() {
        return keysBytes() + valuesBytes();
    }

    /** Byte offset in a page of a head's keys. */
    public long keysAt(int kvHead) {
        return kvHead * headBytes();
    }

    /** Byte offset in a page of the scales of a head's quantized keys. */
    public long keyScalesAt(int kvHead) {
        return keysAt(kvHead) + keyRows() * keyRowBytes();
    }

    /** Byte offset in a page of a head's values. */
    public long valuesAt(int kvHead) {
        return kvHead * headBytes() + keysBytes();
    }

    /** Byte offset in a page of the scales of a head's quantized values. */
    public long valueScalesAt(int kvHead) {
        return valuesAt(kvHead) + KvPages.POSITIONS * valueRowBytes();
    }

    /** Bytes of a page: all heads, and what kernels may read after the last value. */
    public long pageBytes() {
        return kvHeads * headBytes() + (readAfterValues() > 0 ? ALIGNMENT : 0);
    }

    /** Bytes that kernels may read after a head's values, since they read values up to a multiple of 16 numbers. */
    public long readAfterValues() {
        return values.quantized() ? 0 : (long) (-valueDim & 15) * values.bits() / Byte.SIZE;
    }
}
