package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Attention, as its {@link AttentionShape} says: causal or not, with or without norms of queries and keys, partial
 * rotary embedding and gates.
 *
 * <p>The softmax runs over the pages of {@link KvPages}, which are aligned to absolute positions. The unit of work is
 * one page for one kv head, for all query heads of its group and a range of rows of a span: {@link #page} computes a
 * partial result that does not depend on other pages, {@link #fold} combines partial results in the order of the pages,
 * {@link #finish} normalizes and gates. So pages may be computed one after another or all at once, in any grouping of
 * rows, with the same bits.
 *
 * <p>For the positions j = 0, 1, ... n - 1 of a page that a row sees ({@link AttentionCall#visible}), in f32:
 *
 * <pre>
 *    s[j]  = sum over d of q[d] * k[d][j]      d increasing, from 0, one fma each
 *    max   = max s[j]                          as Math.max: NaN if any is, +0 above -0
 *    p[j]  = exp(s[j] - max)                   {@link FloatMath#exp}
 *    mass  = sum of p[j]                       16 sums from 0, of j mod 16, j increasing; then a tree:
 *                                              i + 8, i + 4, i + 2, i + 1
 *    o[d]  = sum over j of p[j] * v[j][d]      j increasing, from 0, one fma each
 * </pre>
 *
 * <p>Folding page b into the state of the pages before it, which starts as the partial result of page 0 as it is:
 *
 * <pre>
 *    m' = max(m, m_b);  a = exp(m - m');  b = exp(m_b - m')
 *    l  = fma(l_b, b, l * a);   o = fma(o_b, b, o * a);   m = m'
 * </pre>
 *
 * and the result is {@code o * (1 / l)}, and where there are gates {@code (o * (1 / l)) * sigmoid(gate)}, with
 * {@code sigmoid(x) = 1 / (1 + exp(-x))}. Numbers in {@link KvFormat#F16} are widened exactly before anything is
 * computed with them. Where a NaN comes out, its sign and payload are unspecified.
 *
 * <p>With quantized keys or values, {@link KvQuantization}, integers take their places, and
 *
 * <pre>
 *    s[j]  = (sum over d of q[d] * k[d][j]) * query scale * key scale[j]    the sum is exact
 *    o[d]  = sum over j of (p[j] * value scale[j]) * v[j][d]                j increasing, from 0, one fma each
 * </pre>
 *
 * <p>Before a result is normalized, {@code o} is rotated back if values are quantized.
 *
 * <p>Partial results and states are rows of {@link #rowFloats} floats, one per row and query head of the group, in the
 * order [row][head of the group]; rows are 64-byte aligned:
 *
 * <pre>
 *    float 0                 o[valueDim], then unspecified up to a multiple of 32
 *    float {@link #maxAt}    max
 *    float maxAt + 1         mass; then 14 unspecified
 * </pre>
 */
public interface AttentionKernel {

    /** The number of rows of scores in the scratch memory. */
    int SCORE_ROWS = 64;

    /**
     * Floats of scratch that {@link #page} may use as it likes: for [SCORE_ROWS][POSITIONS], for the keys or the values
     * of a page, and for queries [SCORE_ROWS][keyDim].
     */
    static int scratchFloats(AttentionShape shape) {
        int page = Math.max(shape.keyDim(), maxAt(shape)) * KvPages.POSITIONS;
        return SCORE_ROWS * KvPages.POSITIONS + page + SCORE_ROWS * shape.keyDim();
    }

    /** The distance in floats between rows of a partial result. */
    static int rowFloats(AttentionShape shape) {
        return maxAt(shape) + 16;
    }

    /** The index of the maximum in a row; the mass follows it. */
    static int maxAt(AttentionShape shape) {
        return (shape.valueDim() + 31) & -32;
    }

    /**
     * Prepares rows {@code [fromRow, toRow)} of a span: normalizes their queries and keys
     * {@code (x * (1 / sqrt(sum x^2 / keyDim + eps))) * weight}, the sum as in {@link RowKernel#rmsNorm}), rotates the
     * first {@code rotaryDims} of each (pairs (j, j + rotaryDims / 2): {@code a' = fma(a, cos, -(b * sin))},
     * {@code b' = fma(b, cos, a * sin)}), multiplies the queries by {@code 1 / sqrt(keyDim)}, and stores keys and
     * values in the span's pages, which must have room. What the shape is without is left out. If keys are quantized,
     * queries are then replaced by their quantized form; quantized values are overwritten.
     */
    void prepare(AttentionCall call, int fromRow, int toRow);

    /**
     * Computes the partial results of one page for one kv head and rows {@code [fromRow, toRow)} of a span, which are
     * prepared and each of which sees at least the first position of the page.
     *
     * @param partial receives {@code (toRow - fromRow) * group} rows, from row {@code partialRow} on
     * @param scratch 64-byte aligned, {@link #scratchFloats} floats that no other call uses meanwhile
     */
    void page(
            AttentionCall call,
            int kvHead,
            int fromRow,
            int toRow,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch);

    /**
     * Folds {@code rows} partial results of a page, from row {@code partialRow} on, into the states from row
     * {@code stateRow} on. The two may lie in one segment, but not overlap.
     */
    void fold(
            AttentionShape shape, MemorySegment partial, long partialRow, MemorySegment state, long stateRow, int rows);

    /**
     * Converts the states of rows {@code [fromRow, toRow)} of a span to the outputs of the query heads of {@code
     * kvHead}. The states are overwritten.
     *
     * @param stateRow row of {@code fromRow}'s first head
     */
    void finish(AttentionCall call, int kvHead, int fromRow, int toRow, MemorySegment state, long stateRow);
}
