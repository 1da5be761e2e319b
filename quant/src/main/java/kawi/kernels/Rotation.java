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

    private static final double QUARTER_TURN = Math.PI / 2;

    /** What QUARTER_TURN lacks of pi / 2. */
    private static final double QUARTER_TURN_REST = 0x1.1a62633145c07p-54;

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
                set(i, (position + t) * inverseFrequency);
                i++;
            }
        }
    }

    /**
     * Cosine and sine of one angle: reduced to within an eighth of a turn, with pi / 2 in two parts, then their Taylor series, whose rest is
     * below an ulp of a double there. StrictMath would make an array for every call.
     */
    private void set(long index, double angle) {
        double quarters = Math.rint(angle / QUARTER_TURN);
        double x = Math.fma(-quarters, QUARTER_TURN_REST, Math.fma(-quarters, QUARTER_TURN, angle));
        double z = x * x;
        double cosine = 1;
        double sine = 1;
        for (int n = 18; n > 0; n -= 2) {
            cosine = Math.fma(-z / ((n - 1) * n), cosine, 1);
            sine = Math.fma(-z / (n * (n + 1)), sine, 1);
        }
        sine *= x;
        boolean swapped = ((long) quarters & 1) != 0;
        boolean negated = ((long) quarters & 2) != 0;
        double c = swapped ? -sine : cosine;
        double s = swapped ? cosine : sine;
        cosines.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) (negated ? -c : c));
        sines.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) (negated ? -s : s));
    }

    /** [capacity][rotaryDims / 2]. */
    public MemorySegment cosines() {
        return cosines;
    }

    /** [capacity][rotaryDims / 2]. */
    public MemorySegment sines() {
        return sines;
    }

    /** Element index of a token's first cosine and sine. */
    public long row(int token) {
        return (long) token * inverseFrequencies.length;
    }
}
