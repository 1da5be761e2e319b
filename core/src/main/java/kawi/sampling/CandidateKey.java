package kawi.sampling;

/**
 * A candidate as a number that sorts: the criterion in the high half, the index in the low half, so that ties are
 * broken in favor of the lower index.
 */
final class CandidateKey {

    private CandidateKey() {}

    /** A key that orders larger logits first. Adding zero converts negative zero to zero. */
    static long of(float logit, int index) {
        int bits = Float.floatToRawIntBits(logit + 0f);
        int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        return (long) ~ascending << 32 | index;
    }

    /** The logit of a key of {@link #of}. */
    static float logit(long key) {
        int ascending = ~(int) (key >> 32);
        return Float.intBitsToFloat(ascending ^ (ascending >> 31 & Integer.MAX_VALUE));
    }

    /** A key that orders smaller distances first. */
    static long ofDistance(float distance, int index) {
        return (long) Float.floatToRawIntBits(distance) << 32 | index;
    }

    /** The smallest logit that is at least {@code max} plus {@code distance}, in the arithmetic of doubles. */
    static float smallestLogit(float max, double distance) {
        float smallest = (float) (max + distance);
        while ((double) smallest - max >= distance) {
            smallest = Math.nextDown(smallest);
        }
        while ((double) smallest - max < distance) {
            smallest = Math.nextUp(smallest);
        }
        return smallest;
    }
}
