package kawi.sampling;

/**
 * The largest logit of each block of the vocabulary, computed in one pass. The filters skip the blocks whose largest
 * logit they remove, which are most blocks of a typical distribution.
 */
final class BlockMaxima {

    static final int BLOCK = 1024;

    private float[] maxima = {};
    private int size;

    /** Computes the maxima of {@code logits}; that of a block with a NaN is NaN. */
    void compute(float[] logits) {
        size = logits.length;
        int blocks = count();
        if (maxima.length < blocks) {
            maxima = new float[blocks];
        }
        for (int block = 0; block < blocks; block++) {
            maxima[block] = largest(logits, block * BLOCK, end(block));
        }
    }

    /** The negated comparison is also true for a NaN. It is true so rarely that the branch is predicted. */
    private static float largest(float[] logits, int from, int to) {
        float max = Float.NEGATIVE_INFINITY;
        for (int id = from; id < to; id++) {
            float logit = logits[id];
            if (!(logit <= max)) {
                max = logit;
                if (Float.isNaN(logit)) {
                    return logit;
                }
            }
        }
        return max;
    }

    int count() {
        return (size + BLOCK - 1) / BLOCK;
    }

    /** The first id after a block. */
    int end(int block) {
        return Math.min((block + 1) * BLOCK, size);
    }

    float of(int block) {
        return maxima[block];
    }
}
