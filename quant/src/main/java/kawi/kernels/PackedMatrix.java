package kawi.kernels;

/**
 * A weight matrix in the execution layout of the tier that packed it; only that tier can read it. Its rows form groups
 * of {@link #groupRows()}, the unit in which a product is divided among threads.
 */
public interface PackedMatrix {

    /** The tensor's name, for messages and profiles. */
    String name();

    int rows();

    int columns();

    /** Rows per group; the last group may have fewer. */
    int groupRows();

    /** Whether products use the int8 form of the activations ({@link Activations#int8}). */
    boolean quantized();

    /** Bytes read by one product over all rows. */
    long bytes();

    default int groups() {
        return (rows() + groupRows() - 1) / groupRows();
    }
}
