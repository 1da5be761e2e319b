package kawi.constraint;

import java.util.Arrays;

/**
 * The tokens that may come next: stored as a list if there are few, as in the middle of a key, or as a bit set over all
 * ids if there are many, as in a string.
 */
final class Allowed {

    private static final int MAX_LIST = 1024;

    private final int[] ids;
    private final long[] bits;

    /** The maximum number of tokens that the answer still needs after one of these tokens. */
    final int farthest;

    private Allowed(int[] ids, long[] bits, int farthest) {
        this.ids = ids;
        this.bits = bits;
        this.farthest = farthest;
    }

    /** @param bits must not be used by the caller afterwards */
    static Allowed of(long[] bits, int farthest) {
        int count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        if (count > MAX_LIST) {
            return new Allowed(new int[0], bits, farthest);
        }
        int[] ids = new int[count];
        int length = 0;
        for (int w = 0; w < bits.length; w++) {
            for (long word = bits[w]; word != 0; word &= word - 1) {
                ids[length++] = 64 * w + Long.numberOfTrailingZeros(word);
            }
        }
        return new Allowed(ids, new long[0], farthest);
    }

    /** The same tokens, after which the answer needs up to {@code further} tokens more. */
    Allowed farther(int further) {
        return new Allowed(ids, bits, Math.min(farthest + further, Distances.NEVER));
    }

    boolean isEmpty() {
        return ids.length == 0 && bits.length == 0;
    }

    boolean contains(int id) {
        return bits.length == 0
                ? Arrays.binarySearch(ids, id) >= 0
                : id >>> 6 < bits.length && (bits[id >>> 6] >>> id & 1) != 0;
    }

    void addTo(long[] all) {
        for (int id : ids) {
            all[id >>> 6] |= 1L << id;
        }
        for (int w = 0; w < bits.length; w++) {
            all[w] |= bits[w];
        }
    }

    /** Sets the logits of all other tokens to minus infinity. */
    void apply(float[] logits) {
        if (bits.length == 0) {
            applyList(logits);
            return;
        }
        int words = Math.min(bits.length, logits.length >>> 6);
        for (int w = 0; w < words; w++) {
            long refused = ~bits[w];
            if (refused == -1L) {
                Arrays.fill(logits, 64 * w, 64 * w + 64, Float.NEGATIVE_INFINITY);
                continue;
            }
            for (; refused != 0; refused &= refused - 1) {
                logits[64 * w + Long.numberOfTrailingZeros(refused)] = Float.NEGATIVE_INFINITY;
            }
        }
        for (int id = 64 * words; id < logits.length; id++) {
            if (!contains(id)) {
                logits[id] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private void applyList(float[] logits) {
        int from = 0;
        for (int id : ids) {
            if (id < logits.length) {
                Arrays.fill(logits, from, id, Float.NEGATIVE_INFINITY);
                from = id + 1;
            }
        }
        Arrays.fill(logits, from, logits.length, Float.NEGATIVE_INFINITY);
    }

    long memory() {
        return 64 + 4L * ids.length + 8L * bits.length;
    }
}
