package kawi.json;

import java.util.SplittableRandom;

/**
 * Hash codes that outsiders cannot make collide: that of {@code String} is known to everybody, and a table of JSON
 * values that have all the same one would take quadratic time.
 */
final class Hash {

    private static final int SEED = new SplittableRandom().nextInt();

    private Hash() {}

    static int of(String text) {
        int hash = SEED;
        for (int i = 0; i < text.length(); i++) {
            hash = Integer.rotateLeft((hash ^ text.charAt(i)) * 0x9E3779B1, 13);
        }
        return mixed(hash);
    }

    /** A hash of two in this order. */
    static int of(int one, int other) {
        return mixed(one * 31 + other + SEED);
    }

    private static int mixed(int hash) {
        int h = (hash ^ hash >>> 16) * 0x85EBCA6B;
        h = (h ^ h >>> 13) * 0xC2B2AE35;
        return h ^ h >>> 16;
    }
}
