package kawi.sampling;

import java.util.Arrays;

/**
 * The candidates for the next token, which filters reduce step by step; always in ascending order of their ids.
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
final class Candidates {

    // Sorting a vocabulary of 248,320 tokens for each token would be too slow, and is not necessary. Candidates are
    // compared by their keys. A "shortest run" is the set of all keys up to a cut, which is itself a key. Top-k finds
    // the cut with a heap of k keys. Top-p and typical sampling bisect the range of the keys and partition them, in 64
    // iterations on a shrinking input. A final pass keeps the candidates up to the cut, in the order of their ids.
    // Weights are not stored for all candidates: they are computed and summed in blocks of 1024, and the block with the
    // drawn candidate is computed again. The order of each sum is fixed, so results are identical on all machines.
    //
    // With many candidates, draws and top-p are first decided with sums of approximate weights, whose error is bounded.
    // Where a decision is closer than the bound, which is rare, it is made again with the sums that define the result,
    // so the result does not depend on the approximation. Top-p adds the approximate weights in bins of logits, and
    // bisects only the keys of the bin with the cut. Top-p and min-p copy the candidates up to the cut only if they are
    // few; otherwise the draw leaves out the others.

    private static final int BLOCK = BlockMaxima.BLOCK;

    /** From this number of candidates on, decisions are approximate first. */
    static final int MANY = 8 * BLOCK;

    private float[] logits = {};
    private int size;
    private float max;
    /** Whether the candidates are the whole vocabulary, so that indices are ids. */
    private boolean isWholeVocabulary;

    /** Whether only those up to a cut are candidates: larger logits, and up to an index those that are equal. */
    private boolean isCut;

    private float cutLogit;
    private int cutIndex;

    /** The approximate weight of the candidates up to the cut with temperature 1, and its error; 0 if unknown. */
    private double cutWeight;

    private double cutError;

    private final BlockMaxima maxima;

    private float[] keptLogits = {};
    private int[] keptIds = {};
    private int kept;

    private final CandidateKeys run = new CandidateKeys();
    private final double[] weights = new double[BLOCK];
    private double[] blockSums = {};
    private final ApproximateWeights approximate = new ApproximateWeights();

    /** @param maxima those of the vocabulary that {@link #startWith} is given */
    Candidates(BlockMaxima maxima) {
        this.maxima = maxima;
    }

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
        isCut = false;
    }

    void keepTopK(int k) {
        applyCut();
        if (k >= size) {
            return;
        }
        run.reserve(k);
        for (int i = 0; i < k; i++) {
            run.keys[i] = key(i);
        }
        for (int i = k / 2 - 1; i >= 0; i--) {
            run.siftDown(i, k);
        }
        float last = CandidateKey.logit(run.keys[0]);
        for (int block = k / BLOCK; block * BLOCK < size; block++) {
            if (largest(block) <= last) {
                continue;
            }
            last = raiseTopK(k, last, Math.max(k, block * BLOCK), end(block));
        }
        // With the halves swapped, the keys sort by id. (For a k of hundreds, the sort allocates some hundred bytes.)
        for (int i = 0; i < k; i++) {
            run.keys[i] = Long.rotateLeft(run.keys[i], 32);
        }
        Arrays.sort(run.keys, 0, k);
        for (int i = 0; i < k; i++) {
            keep((int) (run.keys[i] >> 32));
        }
        replaceByKept();
    }

    /** Replaces the smallest logits of the heap by larger ones of {@code [from, to)}, and returns the smallest then. */
    private float raiseTopK(int k, float smallest, int from, int to) {
        float[] logits = this.logits;
        float last = smallest;
        for (int i = from; i < to; i++) {
            if (logits[i] > last) {
                run.keys[0] = key(i);
                run.siftDown(0, k);
                last = CandidateKey.logit(run.keys[0]);
            }
        }
        return last;
    }

    void keepTopP(double p) {
        applyCut();
        if (size >= MANY && keepApproximateTopP(p)) {
            return;
        }
        double total = totalWeight(1);
        // All candidates of weight (1 - p) * total / size or less together have at most the weight (1 - p) * total, so
        // they are not part of the run.
        double bound = max + StrictMath.log((1 - p) * total / size) - 1e-6;
        int n = 0;
        for (int i = 0; i < size; i++) {
            if (logits[i] > bound) {
                run.reserve(n + 1);
                run.keys[n++] = key(i);
            }
        }
        keepUpTo(run.cut(n, p * total, logits, max));
    }

    /**
     * Keeps the candidates with a {@linkplain CandidateKey key} of at most {@code cut}. Because of rounding, the cut
     * may be between two keys, so its index need not exist.
     */
    private void keepUpTo(long cut) {
        keepUpTo(CandidateKey.logit(cut), (int) cut);
    }

    /** Keeps the candidates with larger logits than {@code last}, and those that have it up to an index. */
    private void keepUpTo(float last, int lastIndex) {
        if (isCut && last <= cutLogit) {
            return; // with the same logit, all indices were allowed
        }
        cutLogit = last;
        cutIndex = lastIndex;
        cutWeight = 0;
        isCut = true;
        if (!isWholeVocabulary || !hasManyBlocks(last)) {
            applyCut();
        } else {
            reserveKept(size + BLOCK); // now rather than after many tokens, when a draw is too close to be approximate
        }
    }

    /** Whether many blocks have a logit of at least {@code last}. Copying their candidates would take long. */
    private boolean hasManyBlocks(float last) {
        int blocks = 0;
        for (int block = 0; block * BLOCK < size; block++) {
            blocks += largest(block) >= last ? 1 : 0;
        }
        return blocks * BLOCK >= MANY && last > Float.NEGATIVE_INFINITY;
    }

    /** Removes the candidates after the cut, if there is one. */
    private void applyCut() {
        if (!isCut) {
            return;
        }
        isCut = false;
        float last = cutLogit;
        int lastIndex = cutIndex;
        float larger = Math.nextUp(last);
        for (int block = 0; block * BLOCK < size; block++) {
            if (largest(block) >= last) {
                reserveKept(kept + BLOCK);
                int from = block * BLOCK;
                int to = end(block);
                int between = Math.clamp(lastIndex + 1L, from, to);
                keepLargest(last, from, between);
                keepLargest(larger, between, to);
            }
        }
        replaceByKept();
    }

    private void keepLargest(float smallest, int from, int to) {
        boolean whole = isWholeVocabulary;
        float[] fromLogits = logits;
        float[] toLogits = keptLogits;
        int[] ids = keptIds;
        int last = kept;
        for (int i = from; i < to; i++) {
            // Always stores, because a branch could not be predicted.
            float logit = fromLogits[i];
            ids[last] = whole ? i : ids[i];
            toLogits[last] = logit;
            last += logit >= smallest ? 1 : 0;
        }
        kept = last;
    }

    /** Returns false if the approximation leaves the cut open. */
    private boolean keepApproximateTopP(double p) {
        BlockMaxima known = isWholeVocabulary ? maxima : null;
        approximate.sumByBins(logits, size, max, known);
        double error = approximate.error;
        double target = p * approximate.total;
        int bin = 0;
        double before = 0;
        while (bin < ApproximateWeights.BINS - 1 && before + approximate.bins[bin] < target) {
            before += approximate.bins[bin++];
            if (bin == ApproximateWeights.NEAR_BINS) {
                approximate.completeBins(logits, size, max, known);
            }
        }
        float smallest = ApproximateWeights.smallest(bin, max);
        float larger = bin == 0 ? Float.POSITIVE_INFINITY : ApproximateWeights.smallest(bin - 1, max);
        int n = 0;
        for (int block = 0; block * BLOCK < size; block++) {
            if (ApproximateWeights.bin(largest(block), max) > bin) {
                continue;
            }
            n = run.add(n, logits, block * BLOCK, end(block), smallest, larger);
        }
        if (n == 0) {
            return false;
        }
        long cut = run.cut(n, target - before, logits, max);
        int split = run.partition(0, n, cut);
        long last = run.keys[0];
        for (int i = 1; i < split; i++) {
            last = Math.max(last, run.keys[i]);
        }
        double sum = before + run.weight(0, split, logits, max);
        double lastWeight = Exponential.exp((double) CandidateKey.logit(last) - max);
        if (sum - target <= error || target - (sum - lastWeight) <= error) {
            return false;
        }
        keepUpTo(cut);
        cutWeight = sum;
        cutError = error;
        return true;
    }

    void keepTypical(double p) {
        applyCut();
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
        run.reserve(size);
        for (int i = 0; i < size; i++) {
            run.keys[i] = typicalKey(i, expected);
        }
        long cut = run.cut(size, p * total, logits, max);
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
        keepUpTo(CandidateKey.smallestLogit(max, logMinP), size);
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
        int drawn = isCut || size >= MANY ? approximateDraw(temperature, u) : -1;
        if (drawn < 0) {
            applyCut();
            drawn = exactDraw(temperature, u);
        }
        return id(drawn);
    }

    /** Returns -1 if the approximation leaves the result open. */
    private int approximateDraw(double temperature, double u) {
        if (isCut && temperature == 1 && cutWeight > 0) {
            // Only the blocks before the drawn candidate are summed, or those after it.
            return u < 0.5 ? drawForwards(u * cutWeight) : drawBackwards(u * cutWeight);
        }
        if (isCut) {
            approximate.sumUpTo(logits, size, max, temperature, maxima, cutLogit, cutIndex);
        } else {
            approximate.sum(logits, size, max, temperature);
        }
        double target = u * approximate.total;
        double sum = 0;
        int block = 0;
        while (end(block) < size && sum + approximate.blocks[block] <= target) {
            sum += approximate.blocks[block++];
        }
        return drawFrom(block, temperature, sum, target, approximate.error);
    }

    private int drawForwards(double target) {
        double sum = 0;
        int block = 0;
        for (; end(block) < size; block++) {
            double next = sum + cutWeight(block);
            if (next > target) {
                break;
            }
            sum = next;
        }
        return drawFrom(block, 1, sum, target, 2 * cutError);
    }

    private int drawBackwards(double target) {
        double sum = cutWeight;
        int block = (size - 1) / BLOCK;
        for (; block > 0; block--) {
            sum -= cutWeight(block);
            if (sum <= target) {
                break;
            }
        }
        return drawFrom(block, 1, block == 0 ? 0 : sum, target, 2 * cutError);
    }

    private double cutWeight(int block) {
        return approximate.blockUpTo(logits, size, block, max, maxima, cutLogit, cutIndex);
    }

    /**
     * Draws from a block, if no error of the sums can change the result; returns -1 otherwise.
     *
     * @param before the weight of the candidates before the block
     */
    private int drawFrom(int block, double temperature, double before, double target, double error) {
        int from = block * BLOCK;
        int n = fillWeights(from, temperature);
        double sum = before;
        for (int i = 0; i < n; i++) {
            if (isCut && !isBeforeCut(from + i)) {
                continue;
            }
            double last = sum;
            sum += weights[i];
            if (sum > target) {
                return sum - target > error && target - last > error ? from + i : -1;
            }
        }
        return -1;
    }

    private boolean isBeforeCut(int i) {
        return logits[i] > cutLogit || (logits[i] == cutLogit && i <= cutIndex);
    }

    private int exactDraw(double temperature, double u) {
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
        return from + last;
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
            blockSums[block] = Exponential.sum(weights, n);
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

    /** The largest logit of a block of candidates, or an upper bound. */
    private float largest(int block) {
        return isWholeVocabulary ? maxima.of(block) : max;
    }

    private int end(int block) {
        return Math.min((block + 1) * BLOCK, size);
    }

    private void reserveKept(int n) {
        if (n > keptIds.length) {
            int capacity = Math.max(Math.max(64, n), 2 * kept);
            keptLogits = Arrays.copyOf(keptLogits, capacity);
            keptIds = Arrays.copyOf(keptIds, capacity);
        }
    }

    private void keep(int i) {
        reserveKept(kept + 1);
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

    private long key(int i) {
        return CandidateKey.of(logits[i], i);
    }

    /** Smaller distances from the expected logit first, in f32. */
    private long typicalKey(int i, double expected) {
        float distance = (float) Math.abs((double) logits[i] - max - expected);
        return CandidateKey.ofDistance(distance, i);
    }
}
