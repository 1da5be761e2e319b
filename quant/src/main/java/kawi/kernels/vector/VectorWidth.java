package kawi.kernels.vector;

import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The width of the vectors of this machine, and the species of that width. A separate class because loading it requires
 * the module {@code jdk.incubator.vector}.
 */
public final class VectorWidth {

    /**
     * Wider vectors are not used: a block of activations, 32 shorts, is the longest vector that the kernels support.
     */
    private static final int MAX_BITS = 512;

    private static final VectorShape SHAPE =
            VectorShape.forBitSize(Math.min(ShortVector.SPECIES_PREFERRED.vectorBitSize(), MAX_BITS));

    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, SHAPE);
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);
    static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);

    /** Bytes per vector. */
    public static final int BYTES = SHORTS.vectorByteSize();

    /** Rows per group: one per short lane. */
    public static final int ROWS = SHORTS.length();

    /** Rows per vector of ints or floats; a group has two of them, the low and the high half. */
    static final int HALF = INTS.length();

    private VectorWidth() {}

    public static int bits() {
        return SHAPE.vectorBitSize();
    }
}
