package kawi.sampling;

/**
 * The random number generator of sampling, SplitMix64 (Steele, Lea and Flood, 2014). It is implemented here so that the
 * sequence for a seed does not depend on the JDK.
 */
final class SplitMix64 {

    private long state;

    SplitMix64(long seed) {
        state = seed;
    }

    long nextLong() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Returns a multiple of 2^-53, uniform in {@code [0, 1)}. */
    double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }
}
