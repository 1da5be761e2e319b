package kawi.engine;

import java.util.Arrays;

/** The median of the newest of a series of measurements. Not thread-safe. */
final class MovingMedian {

    private final double[] newest;
    private final double[] sorted;
    private int next;
    private int count;

    /** @param window the number of measurements that count */
    MovingMedian(int window) {
        newest = new double[window];
        sorted = new double[window];
    }

    void add(double value) {
        newest[next] = value;
        next = (next + 1) % newest.length;
        count = Math.min(newest.length, count + 1);
    }

    /** The number of measurements that count. */
    int count() {
        return count;
    }

    /** The median, the smaller of two; 0 if nothing has been measured. */
    double value() {
        if (count == 0) {
            return 0;
        }
        System.arraycopy(newest, 0, sorted, 0, count);
        Arrays.sort(sorted, 0, count);
        return sorted[(count - 1) / 2];
    }
}
