package kawi.assembler;

/** Where and how the distance to a label is stored in a 32-bit word of the code. */
public interface DistanceField {

    /**
     * The word with the distance in it.
     *
     * @param word with zeros in place of the distance
     * @param distance in bytes
     * @throws IllegalStateException if the distance does not fit
     */
    int insert(int word, long distance);
}
