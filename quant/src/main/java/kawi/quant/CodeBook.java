package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The integers of a format whose codes are indices into a table. Several codes may have the same integer, like the two
 * zeros of a 4-bit float.
 */
final class CodeBook {

    /**
     * The 16 integers of {@code IQ4_NL} and {@code IQ4_XS}, denser around zero, as weights are: {@code kvalues_iq4nl}
     * in ggml's {@code ggml-common.h}.
     */
    static final CodeBook NONLINEAR =
            new CodeBook(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

    /**
     * Two such tables, the second one shifted up by 4: {@code iq4k_values} in {@code
     * ggml-common.h} of github.com/ikawrakow/ik_llama.cpp.
     */
    static final CodeBook TWO_NONLINEAR = new CodeBook(
            -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113, //
            -123, -100, -79, -61, -45, -31, -18, -6, 5, 17, 29, 42, 57, 73, 93, 117);

    /** Twice the values of E2M1, the 4-bit float of OCP MX: 1 sign bit, 2 exponent bits, 1 fraction bit. */
    static final CodeBook E2M1 = new CodeBook(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    /** Eight times -1, 0 and 1, plus and minus 1. */
    static final CodeBook SHIFTED_TERNARY = new CodeBook(-9, -7, -1, 1, 7, 9);

    private final byte[] integers;
    private final byte[] distinct;

    /** Entry {@code i} is the code nearest to every {@code v} with {@code floor(2 v) = 2 distinct[0] + i}. */
    private final byte[] nearest;

    private final float[] integersOfSteps;

    /** @param integers the integer of each code */
    CodeBook(int... integers) {
        this.integers = bytes(integers);
        distinct = bytes(Arrays.stream(integers).distinct().sorted().toArray());
        // Integers, and the numbers halfway between two of them, are multiples of a half.
        nearest = new byte[2 * (distinct[distinct.length - 1] - distinct[0]) + 1];
        for (int i = 0; i < nearest.length; i++) {
            nearest[i] = (byte) search(distinct[0] + 0.5 * i + 0.25);
        }
        integersOfSteps = new float[nearest.length];
        for (int i = 0; i < nearest.length; i++) {
            integersOfSteps[i] = this.integers[nearest[i]];
        }
    }

    private static byte[] bytes(int[] integers) {
        byte[] bytes = new byte[integers.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) integers[i];
        }
        return bytes;
    }

    private int search(double v) {
        int best = 0;
        for (int code = 1; code < integers.length; code++) {
            if (Math.abs(integers[code] - v) < Math.abs(integers[best] - v)) {
                best = code;
            }
        }
        return best;
    }

    /** The integer of a code. */
    byte integer(int code) {
        return integers[code];
    }

    /** See {@link QuantizedFormat#codeBook()}. */
    byte[] distinct() {
        return distinct.length > 16 ? new byte[0] : distinct.clone();
    }

    /** See {@link QuantizedFormat#largestQuant()}. */
    int largestQuant() {
        return Math.max(-distinct[0], distinct[distinct.length - 1] + 1);
    }

    /** The smallest and the largest integer. */
    int[] ends() {
        return new int[] {distinct[0], distinct[distinct.length - 1]};
    }

    /** The smallest integer. */
    int smallest() {
        return distinct[0];
    }

    /** The index of the last half step; that of {@code v} is {@code floor(2 (v - smallest))}. */
    int lastStep() {
        return nearest.length - 1;
    }

    /** The code with the integer that is nearest to the numbers in a half step. */
    byte codeOf(int step) {
        return nearest[step];
    }

    /** The integers themselves. */
    void integersOf(int[] steps, float[] q, int count) {
        for (int i = 0; i < count; i++) {
            q[i] = integersOfSteps[steps[i]];
        }
    }

    /** Unpacks {@code bytes} pairs of codes: the low halves to {@code to}, the high halves behind all of them. */
    void unpackPairs(MemorySegment data, long at, int bytes, byte[] quants, int to) {
        for (int j = 0; j < bytes; j++) {
            int pair = data.get(ValueLayout.JAVA_BYTE, at + j);
            quants[to + j] = integers[pair & 15];
            quants[to + bytes + j] = integers[pair >> 4 & 15];
        }
    }

    /** The inverse of {@link #unpackPairs} for codes. */
    static void packPairs(byte[] codes, int from, MemorySegment data, long at, int bytes) {
        for (int j = 0; j < bytes; j += Long.BYTES) {
            long pairs = ByteLanes.get(codes, from + j) | (ByteLanes.get(codes, from + bytes + j) << 4);
            ByteLanes.set(data, at + j, pairs);
        }
    }
}
