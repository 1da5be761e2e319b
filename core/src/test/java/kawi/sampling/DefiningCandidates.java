package kawi.sampling;

import java.util.Arrays;

/**
 * The candidates as they define the result, with every weight exact: {@link Candidates} must be equal, draw by draw.
 *
 * <pre>
 *    x[i] = logit[i] - max logit         w[i] = e^x[i]         p[i] = w[i] / sum w
 *
 *    top-k     the k largest logits
 *    top-p     the shortest run of the largest logits with      sum p >= topP
 *    typical   the shortest run of the smallest |x - E[x]| with sum p >= typicalP,   E[x] = sum p x
 *    min-p     all with x >= ln minP
 *    draw      the first i with  w[0] + ... + w[i] > u * sum w,  where now w = e^(x / temperature)
 * </pre>
 *
 * Locally typical sampling is usually defined with the information content -ln p and its expectation, the entropy H.
 * Because ln p[i] = x[i] - ln(sum w) and H = ln(sum w) - E[x], the distance |-ln p[i] - H| is equal to |x[i] - E[x]|.
 *
 * <p>References: Holtzman et al., 2020 (top-p); Meister et al., 2023 (typical); Nguyen et al., 2024 (min-p).
 */
final class DefiningCandidates {

    // Sorting a vocabulary of 248,320 tokens for each token would be too slow, and is not necessary. Each candidate has
    // a key, a long with the sort criterion in the high half and the index in the low half; ties are broken in favor of
    // the lower id. A "shortest run" is the set of all keys up to a cut, which is itself a key. Top-k finds the cut
    // with a heap of k keys. Top-p and typical sampling bisect the range of the keys and partition them, in at most 64
    // iterations on a shrinking input. A final pass keeps the candidates up to the cut, in the order of their ids.
    // Weights are not stored for all candidates: they are computed and summed in blocks of 1024, and the block with the
    // drawn candidate is computed again. The order of each sum is fixed, so results are identical on all machines.

    private static final int BLOCK = 1024;

    private float[] logits = {};
    private int size;
    private float max;
    /** Whether the candidates are the whole vocabulary, so that indices are ids. */
    private boolean isWholeVocabulary;

    private float[] keptLogits = {};
    private int[] keptIds = {};
    private int kept;

    private long[] keys = {};
    private final float[] gathered = new float[BLOCK];
    private final double[] weights = new double[BLOCK];
    private double[] blockSums = {};

    /**
     * Starts with all tokens; those with a logit of negative infinity have weight 0.
     *
     * @param vocabulary one logit per id, finite or negative infinity; not modified, but read by the other methods
     * @param largest the largest logit, finite
     */
    void startWith(float[] vocabulary, float largest) {
        logits = vocabulary;
        size = vocabulary.length;
        max = largest;
        isWholeVocabulary = true;
    }

    void keepTopK(int k) {
        if (k >= size) {
            return;
        }
        reserveKeys(k);
        for (int i = 0; i < k; i++) {
            keys[i] = key(i);
        }
        for (int i = k / 2 - 1; i >= 0; i--) {
            siftDown(i, k);
        }
        float[] logits = this.logits;
        float last = logitOf(keys[0]);
        for (int i = k; i < size; i++) {
            if (logits[i] > last) {
                keys[0] = key(i);
                siftDown(0, k);
                last = logitOf(keys[0]);
            }
        }
        // With the halves swapped, the keys sort by id. (For a k of hundreds, the sort allocates some hundred bytes.)
        for (int i = 0; i < k; i++) {
            keys[i] = Long.rotateLeft(keys[i], 32);
        }
        Arrays.sort(keys, 0, k);
        for (int i = 0; i < k; i++) {
            keep((int) (keys[i] >> 32));
        }
        replaceByKept();
    }

    void keepTopP(double p) {
        double total = totalWeight(1);
        // All candidates of weight (1 - p) * total / size or less together have at most the weight (1 - p) * total, so
        // they are not part of the run.
        double bound = max + StrictMath.log((1 - p) * total / size) - 1e-6;
        int n = 0;
        for (int i = 0; i < size; i++) {
            if (logits[i] > bound) {
                reserveKeys(n + 1);
                keys[n++] = key(i);
            }
        }
        long cut = shortestRun(n, p * total);
        // Because of rounding, the cut may be between two keys, so its index need not exist. It is used for comparison
        // only.
        float lastLogit = logitOf(cut);
        long lastIndex = cut & 0xFFFFFFFFL;
        for (int i = 0; i < size; i++) {
            if (logits[i] >= lastLogit && (logits[i] > lastLogit || i <= lastIndex)) {
                keep(i);
            }
        }
        replaceByKept();
    }

    void keepTypical(double p) {
        double total = 0;
        double moment = 0;
        for (int from = 0; from < size; from += BLOCK) {
            int n = fillWeights(from, 1);
            for (int i = 0; i < n; i++) {
                total += weights[i];
                moment += weights[i] * Math.max((double) logits[from + i] - max, Exponential.MIN_EXPONENT);
            }
        }
        double expected = moment / total;
        reserveKeys(size);
        for (int i = 0; i < size; i++) {
            keys[i] = typicalKey(i, expected);
        }
        long cut = shortestRun(size, p * total);
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            if (typicalKey(i, expected) <= cut) {
                largest = Math.max(largest, logits[i]);
                keep(i);
            }
        }
        replaceByKept();
        max = largest;
    }

    /** Keeps candidates whose logit is at least the largest plus {@code logMinP}. */
    void keepMinP(double logMinP) {
        for (int i = 0; i < size; i++) {
            if ((double) logits[i] - max >= logMinP) {
                keep(i);
            }
        }
        replaceByKept();
    }

    /** Returns the id of the most probable candidate. */
    int best() {
        int i = 0;
        while (logits[i] != max) {
            i++;
        }
        return id(i);
    }

    /**
     * Draws from the softmax of the logits divided by {@code temperature}.
     *
     * @param temperature positive
     * @param u a random number, uniform in {@code [0, 1)}
     * @return the id drawn
     */
    int draw(double temperature, double u) {
        double target = u * totalWeight(temperature);
        double sum = 0;
        int block = 0;
        while (sum + blockSums[block] <= target) {
            sum += blockSums[block++];
        }
        int from = block * BLOCK;
        int n = fillWeights(from, temperature);
        int last = 0;
        for (int i = 0; i < n; i++) {
            if (weights[i] > 0) {
                last = i;
                sum += weights[i];
                if (sum > target) {
                    break;
                }
            }
        }
        // Because of rounding, this sum may be less than that of the block; then the last candidate is the one drawn.
        return id(from + last);
    }

    /** Returns the sum of e^(x / temperature), and stores the sums of the blocks in {@link #blockSums}. */
    private double totalWeight(double temperature) {
        int blocks = (size + BLOCK - 1) / BLOCK;
        if (blockSums.length < blocks) {
            blockSums = new double[blocks];
        }
        double total = 0;
        for (int block = 0; block < blocks; block++) {
            int n = fillWeights(block * BLOCK, temperature);
            blockSums[block] = sum(weights, n);
            total += blockSums[block];
        }
        return total;
    }

    /** Computes the weights of the block that starts at {@code from} and returns their number. */
    private int fillWeights(int from, double temperature) {
        int n = Math.min(BLOCK, size - from);
        Exponential.softmaxWeights(logits, from, n, max, temperature, weights);
        return n;
    }

    /** Sums in four independent chains; a single chain would be limited by the latency of additions. */
    private static double sum(double[] values, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < n; i++) {
            a += values[i];
        }
        return (a + b) + (c + d);
    }

    /**
     * Finds the cut of the shortest run of the smallest keys, the sum of whose weights is at least {@code target}.
     * Reorders the keys.
     *
     * @param n the number of keys, at least 1
     * @return the cut, which is not less than any key of the run and less than all other keys; the largest key if the
     *     sum of all weights is less than {@code target}
     */
    private long shortestRun(int n, double target) {
        long low = keys[0];
        long high = keys[0];
        for (int i = 1; i < n; i++) {
            low = Math.min(low, keys[i]);
            high = Math.max(high, keys[i]);
        }
        int from = 0;
        int to = n;
        double before = 0;
        while (low < high) {
            long middle = (low & high) + ((low ^ high) >> 1);
            int split = partition(from, to, middle);
            double sum = split == to ? Double.POSITIVE_INFINITY : before + weightOfKeys(from, split);
            if (sum >= target) {
                to = split;
                high = middle;
            } else {
                from = split;
                low = middle + 1;
                before = sum;
            }
        }
        return low;
    }

    /**
     * Moves the keys up to {@code last} to the front of {@code [from, to)} and returns the index of the first other
     * key.
     */
    private int partition(int from, int to, long last) {
        long[] keys = this.keys;
        int split = from;
        for (int i = from; i < to; i++) {
            // Always swaps, because a branch could not be predicted.
            long key = keys[i];
            keys[i] = keys[split];
            keys[split] = key;
            split += key <= last ? 1 : 0;
        }
        return split;
    }

    private double weightOfKeys(int from, int to) {
        double total = 0;
        for (int start = from; start < to; start += BLOCK) {
            int n = Math.min(BLOCK, to - start);
            for (int i = 0; i < n; i++) {
                gathered[i] = logits[(int) keys[start + i]];
            }
            Exponential.softmaxWeights(gathered, 0, n, max, 1, weights);
            total += sum(weights, n);
        }
        return total;
    }

    private void keep(int i) {
        if (kept == keptIds.length) {
            int capacity = Math.max(64, 2 * kept);
            keptLogits = Arrays.copyOf(keptLogits, capacity);
            keptIds = Arrays.copyOf(keptIds, capacity);
        }
        keptIds[kept] = id(i);
        keptLogits[kept++] = logits[i];
    }

    private void replaceByKept() {
        logits = keptLogits;
        size = kept;
        isWholeVocabulary = false;
        kept = 0;
    }

    private int id(int i) {
        return isWholeVocabulary ? i : keptIds[i];
    }

    private void reserveKeys(int n) {
        if (keys.length < n) {
            keys = Arrays.copyOf(keys, Math.max(n, 2 * keys.length));
        }
    }

    /** A key that orders larger logits first, then lower ids. Adding zero converts negative zero to zero. */
    private long key(int i) {
        int bits = Float.floatToRawIntBits(logits[i] + 0f);
        int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        return (long) ~ascending << 32 | i;
    }

    private static float logitOf(long key) {
        int ascending = ~(int) (key >> 32);
        return Float.intBitsToFloat(ascending ^ (ascending >> 31 & Integer.MAX_VALUE));
    }

    /** A key that orders smaller distances from the expected logit first, in f32, then lower ids. */
    private long typicalKey(int i, double expected) {
        float distance = (float) Math.abs((double) logits[i] - max - expected);
        return (long) Float.floatToRawIntBits(distance) << 32 | i;
    }

    /** Restores the heap property below {@code root}; the root of the heap is the largest key. */
    private void siftDown(int root, int n) {
        long key = keys[root];
        int hole = root;
        while (2 * hole + 1 < n) {
            int child = 2 * hole + 1;
            if (child + 1 < n && keys[child + 1] > keys[child]) {
                child++;
            }
            if (keys[child] <= key) {
                break;
            }
            keys[hole] = keys[child];
            hole = child;
        }
        keys[hole] = key;
    }
}
