package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cosines and sines of the rotary embedding for the rows of a pass: {@code magnitude * cos(position[row] *
 * frequency[j])} for each rotated pair {@code j}, computed in double and stored as f32. Without scaling, {@code
 * frequency[j] = theta^(-2j / rotaryDims)} and the magnitude is 1; models with scaled positions (YaRN) have other
 * frequencies and a larger magnitude.
 *
 * <p>A position may have three coordinates: time, height and width. Each frequency then reads one of them, in turn (t,
 * h, w, t, h, w, ...) as far as the sections go, time after that. A text's rows have the same number three times.
 *
 * <p>Source: Su et al., RoFormer, section 3.2; the half-split pairing (j, j + rotaryDims / 2) is GPT-NeoX's; the
 * interleaved sections are Qwen3-VL's.
 */
public final class Rotation {

    private static final double QUARTER_TURN = Math.PI / 2;

    /** The difference between pi / 2 and QUARTER_TURN. */
    private static final double QUARTER_TURN_REST = 0x1.1a62633145c07p-54;

    /** Which coordinate a frequency reads: 0 for time, 1 for height, 2 for width. */
    private final byte[] axes;

    /** In radians per position. */
    private final double[] frequencies;

    private final double magnitude;
    private final MemorySegment cosines;
    private final MemorySegment sines;

    /** Reserves {@code capacity} rows, whose positions are single numbers, for unscaled frequencies. */
    public Rotation(int rotaryDims, double theta, int capacity, Arena arena) {
        this(frequencies(rotaryDims, theta), 1, capacity, arena, 0, 0);
    }

    /**
     * Reserves {@code capacity} rows.
     *
     * @param frequencies in radians per position, one for each rotated pair
     * @param magnitude the factor of all cosines and sines
     * @param heightSection frequencies that read the height; {@code widthSection} likewise, the others read the time
     */
    public Rotation(
            double[] frequencies, double magnitude, int capacity, Arena arena, int heightSection, int widthSection) {
        this(frequencies, magnitude, capacity, arena, interleaved(frequencies.length, heightSection, widthSection));
    }

    private Rotation(double[] frequencies, double magnitude, int capacity, Arena arena, byte[] axes) {
        this.frequencies = frequencies.clone();
        this.magnitude = magnitude;
        this.axes = axes;
        long bytes = (long) capacity * axes.length * Float.BYTES;
        cosines = arena.allocate(bytes, 64);
        sines = arena.allocate(bytes, 64);
    }

    /**
     * Reserves {@code capacity} rows with positions in a plane: the first half of the pairs reads the height, the
     * second half the width, both with the unscaled frequencies of half as many dimensions.
     *
     * @param rotaryDims a multiple of 4
     */
    public static Rotation inPlane(int rotaryDims, double theta, int capacity, Arena arena) {
        double[] half = frequencies(rotaryDims / 2, theta);
        double[] frequencies = new double[2 * half.length];
        byte[] axes = new byte[2 * half.length];
        for (int j = 0; j < frequencies.length; j++) {
            frequencies[j] = half[j % half.length];
            axes[j] = (byte) (j < half.length ? 1 : 2);
        }
        return new Rotation(frequencies, 1, capacity, arena, axes);
    }

    private static byte[] interleaved(int pairs, int heightSection, int widthSection) {
        byte[] axes = new byte[pairs];
        for (int j = 0; j < pairs; j++) {
            boolean height = j % 3 == 1 && j < 3 * heightSection;
            boolean width = j % 3 == 2 && j < 3 * widthSection;
            axes[j] = (byte) (height ? 1 : width ? 2 : 0);
        }
        return axes;
    }

    /** The unscaled frequencies, {@code theta^(-2j / rotaryDims)}, in radians per position. */
    public static double[] frequencies(int rotaryDims, double theta) {
        double[] frequencies = new double[rotaryDims / 2];
        for (int j = 0; j < frequencies.length; j++) {
            frequencies[j] = StrictMath.pow(theta, -2.0 * j / rotaryDims);
        }
        return frequencies;
    }

    /** Sets the position of a row. */
    public void fill(int row, int position) {
        fill(row, position, position, position);
    }

    /** Sets the position of a row, in three coordinates. */
    public void fill(int row, int time, int height, int width) {
        long i = row(row);
        for (int j = 0; j < frequencies.length; j++) {
            int position = switch (axes[j]) {
                case 1 -> height;
                case 2 -> width;
                default -> time;
            };
            set(i + j, position * frequencies[j]);
        }
    }

    /**
     * Cosine and sine of one angle: reduced to within an eighth of a turn, with pi / 2 in two parts, then their Taylor
     * series, whose remainder is below an ulp of a double there. StrictMath would allocate an array for every call.
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
        cosines.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) (magnitude * (negated ? -c : c)));
        sines.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) (magnitude * (negated ? -s : s)));
    }

    /** [capacity][rotaryDims / 2]. */
    public MemorySegment cosines() {
        return cosines;
    }

    /** [capacity][rotaryDims / 2]. */
    public MemorySegment sines() {
        return sines;
    }

    /** Element index of a row's first cosine and sine. */
    public long row(int row) {
        return (long) row * frequencies.length;
    }
}
