package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cosines and sines of the rotary embedding for the tokens of one chunk: {@code angle[t][j] = position[t] * theta^(-2j / rotaryDims)} for
 * {@code j < rotaryDims / 2}, computed in double and stored as f32.
 *
 * <p>Source: Su et al., RoFormer, section 3.2; the half-split pairing (j, j + rotaryDims / 2) is GPT-NeoX's.
 */
public final class Rotation {

    private final double[] inverseFrequencies;
    private final MemorySegment cosines;
    private final MemorySegment sines;

    /** Room for {@code capacity} tokens. */
    public Rotation(int rotaryDims, double theta, int capacity, Arena arena) {
        inverseFrequencies = new double[rotaryDims / 2];
        for (int j = 0; j < inverseFrequencies.length; j++) {
            inverseFrequencies[j] = StrictMath.pow(theta, -2.0 * j / rotaryDims);
        }
        long bytes = (long) capacity * inverseFrequencies.length * Float.BYTES;
        cosines = arena.allocate(bytes, 64);
        sines = arena.allocate(bytes, 64);
    }

    /** Fills the tables for {@code tokens} consecutive positions from {@code position} on. */
    public void fill(int position, int tokens) {
        long i = 0;
        for (int t = 0; t < tokens; t++) {
            for (double inverseFrequency : inverseFrequencies) {
                double angle = (position + t) * inverseFrequency;
                cosines.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) StrictMath.cos(angle));
                sines.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) StrictMath.sin(angle));
                i++;
            }
        }
    }

    /** [capacity][rotaryDims / 2]. */
    MemorySegment cosines() {
        return cosines;
    }

    /** [capacity][rotaryDims / 2]. */
    MemorySegment sines() {
        return sines;
    }

    /** Element index of a token's first cosine and sine. */
    long row(int token) {
        return (long) token * inverseFrequencies.length;
    }
}
