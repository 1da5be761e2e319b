package kawi.sampling;

import java.util.Arrays;

/** {@linkplain CandidateKey Keys} of some candidates: a heap of the smallest ones, or the shortest run of a weight. */
final class CandidateKeys {

    private static final int BLOCK = BlockMaxima.BLOCK;

    long[] keys = {};
    private final float[] gathered = new float[BLOCK];
    private final double[] weights = new double[BLOCK];

    void reserve(int n) {
        if (keys.length < n) {
            keys = Arrays.copyOf(keys, Math.max(n, 2 * keys.length));
        }
    }

    /** Adds the keys of candidates {@code [from, to)} with a logit in {@code [smallest, larger)} to the {@code n}. */
    int add(int n, float[] logits, int from, int to, float smallest, float larger) {
        reserve(n + to - from);
        float width = larger - smallest;
        float middle = width < Float.POSITIVE_INFINITY ? smallest + width / 2 : 0;
        int end = n;
        for (int i = from; i < to; i++) {
            float logit = logits[i];
            // Few candidates get past the first condition, so it is predicted.
            if (Math.abs(logit - middle) <= width && logit >= smallest && logit < larger) {
                keys[end++] = CandidateKey.of(logit, i);
            }
        }
        return end;
    }

    /** Restores the heap property below {@code root}; the root of the heap is the largest key. */
    void siftDown(int root, int n) {
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

    /**
     * Finds the cut of the shortest run of the smallest keys, the sum of whose weights is at least {@code target}.
     * Reorders the keys.
     *
     * @param n the number of keys, at least 1
     * @param logits of all candidates, by the index in a key
     * @param max the largest of them
     * @return the cut, which is not less than any key of the run and less than all other keys; the largest key if the
     *     sum of all weights is less than {@code target}
     */
    long cut(int n, double target, float[] logits, float max) {
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
            double sum = split == to ? Double.POSITIVE_INFINITY : before + weight(from, split, logits, max);
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
    int partition(int from, int to, long last) {
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

    double weight(int from, int to, float[] logits, float max) {
        double total = 0;
        for (int start = from; start < to; start += BLOCK) {
            int n = Math.min(BLOCK, to - start);
            for (int i = 0; i < n; i++) {
                gathered[i] = logits[(int) keys[start + i]];
            }
            Exponential.softmaxWeights(gathered, 0, n, max, 1, weights);
            total += Exponential.sum(weights, n);
        }
        return total;
    }
}
